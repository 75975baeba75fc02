"""The generator without Discord: `python -m generation imagine "…"`, `… replay PICTURE`, …"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from generation.catalog import (
    CATALOGUE,
    EDITING,
    ENLARGED,
    ENLARGING,
    KEPT,
    RESTORED,
    RESTORING,
    ModelUnavailable,
    Usual,
    public_name,
    usual,
)
from generation.comparisons import BadComparison, count_of, read_axis
from generation.messages import (
    COMPARABLE,
    PRECISIONS,
    SCHEDULERS,
    SWITCHES,
    Axis,
    Box,
    Feedback,
    Filter,
    Finished,
    Mend,
    ModelCard,
    Paint,
    Progress,
    Reason,
    Reference,
    Source,
    WorkerOptions,
)
from generation.presets import PRESETS, named_feedback

if TYPE_CHECKING:
    from generation.records import Elsewhere, Record

OPTIONS_OF_FEEDBACK = {
    "start": "when likes begin to steer, a share of the steps",
    "end": "when they stop, likewise",
    "strength": "how strongly they steer",
    "explore": "share of the pictures, the last ones, that leave likes aside",
    "drop": "chance that a picture which follows likes leaves the prompt aside",
}
RESTYLED = 0.6
"""Strength of a picture to begin from, unless it is said."""
BOX = "LEFT,TOP,RIGHT,BOTTOM"
WRONG, BROKEN, INTERRUPTED = 2, 1, 130
"""Exit statuses: what was asked for cannot be done; a fault of ours; Ctrl-C."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and leave."""
        self.exit(WRONG, f"{self.prog}: {message}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks; the exit status."""
    arguments = build_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except ModelUnavailable as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def build_parser() -> Parser:
    """Every command with all its options."""
    parser = Parser(prog="python -m generation", description="The generator without Discord.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    defaults = Paint(job="", model="", prompt="", out=Path())

    imagine = commands.add_parser("imagine", help="paint pictures of a prompt")
    imagine.set_defaults(run=run_imagine)
    imagine.add_argument("prompt")
    imagine.add_argument("--negative", default="", help="what must not be in them")
    imagine.add_argument("--count", type=int, default=defaults.count)
    imagine.add_argument("--seed", type=int, default=0, help="of the first; then one more each")
    imagine.add_argument("--steps", type=int, help="else as suits the model")
    imagine.add_argument("--guidance", type=float, help="likewise")
    imagine.add_argument("--scheduler", choices=SCHEDULERS, help="likewise")
    _add_source(imagine)
    _add_restoring(imagine)
    imagine.add_argument("--width", type=int)
    imagine.add_argument("--height", type=int)
    imagine.add_argument("--aspect", type=_aspect, help="such as 3:2, instead of both")
    imagine.add_argument("--grid", action="store_true", help="all pictures in one as well")
    names = ", ".join(COMPARABLE)
    for option in ("--across", "--down"):
        imagine.add_argument(
            option,
            type=_axis,
            metavar="PARAMETER=VALUES",
            help=f"compare values on one sheet, such as steps=10,20,30; one of {names}",
        )
    for option, what in (("--like", "a picture to follow"), ("--dislike", "one to avoid")):
        imagine.add_argument(
            option, type=Path, action="append", default=[], help=f"{what}; can be repeated"
        )

    replay = _add_replay(commands)
    for command in (imagine, replay):
        _add_options_of_device(command)
        _add_outcome(command)

    evaluate = commands.add_parser("evaluate", help="measure the embedded model")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument(
        "what",
        choices=("prompts", "likes", "restore"),
        help="whether it follows them, or how well it restores damaged pictures",
    )
    evaluate.add_argument(
        "--count", type=int, help="prompts (256), hidden favourites (40), scenes a damage (40)"
    )
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--out", type=Path, required=True, help="a folder for the report")

    for command in (imagine, evaluate):
        command.add_argument(
            "--feedback", choices=PRESETS, help="how likes steer; the options below change it"
        )
        for name, what in OPTIONS_OF_FEEDBACK.items():
            command.add_argument(f"--{name}", type=float, help=f"{what}; else as suits the model")
        command.add_argument("--model", default="shapes", help="a name, hub id, folder or file")

    fetch = commands.add_parser("fetch", help="download a model")
    fetch.set_defaults(run=run_fetch)
    names = ", ".join(known.name for known in CATALOGUE if known.repo)
    fetch.add_argument("model", help=f"{names}, or a hub id such as owner/name")
    fetch.add_argument(
        "--only-checker", action="store_true", help="its safety checker, for models without one"
    )
    fetch.add_argument(
        "--only-editor", action="store_true", help="the UNet that edits with its other parts"
    )
    for command in (imagine, replay, evaluate):
        command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    for command in (imagine, replay, fetch):
        command.add_argument("--models-dir", type=Path, help="where fetched models live")
    return parser


def _add_replay(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """The command that paints a picture again."""
    replay = commands.add_parser("replay", help="paint a picture again, from what its file says")
    replay.set_defaults(run=run_replay)
    replay.add_argument("file", type=Path, help="a PNG of Konomi's, or one that A1111's text is in")
    replay.add_argument("--model", help="else the one that it names")
    replay.add_argument(
        "--pictures-in",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="where to look for pictures that it was made from, besides its own; can be repeated",
    )
    replay.add_argument(
        "--anyway", action="store_true", help="without pictures that steered it and are not found"
    )
    return replay


def _add_outcome(parser: argparse.ArgumentParser) -> None:
    """What becomes of what is painted."""
    parser.add_argument(
        "--filter",
        type=Filter,
        choices=list(Filter),
        metavar="{" + ",".join(each.value for each in Filter) + "}",
        default=Filter.WITHHOLD,
        help="what becomes of adult content that the model's safety checker finds",
    )
    parser.add_argument(
        "--safety-checker", help="for a model that brings none: a folder, name or hub id"
    )
    parser.add_argument(
        "--editor", help="the model that edits: a folder, name or hub id; off for none"
    )
    parser.add_argument("--out", type=Path, default=Path(), help="an existing or a new folder")


def _add_source(imagine: argparse.ArgumentParser) -> None:
    """The options of a picture to begin from."""
    imagine.add_argument("--source", type=Path, help="a picture to begin from")
    imagine.add_argument(
        "--edit",
        type=float,
        nargs="?",
        const=KEPT,
        metavar="KEEP",
        help="the prompt is an instruction that edits the source, of which so much is kept "
        f"(1 to 5, else {KEPT:g}); --guidance is how far it is obeyed",
    )
    imagine.add_argument(
        "--varied", action="store_true", help="each edit obeys and keeps differently"
    )
    imagine.add_argument(
        "--source-strength",
        type=float,
        help=f"how far to go from it: above 0, to 1; else {RESTYLED:g}, with --times {ENLARGED:g}, "
        f"with --restore {RESTORED:g}",
    )
    imagine.add_argument(
        "--mask", type=Path, help="a picture, white where the source is painted anew"
    )
    imagine.add_argument(
        "--anew",
        type=box,
        action="append",
        default=[],
        metavar=BOX,
        help="a part of the source to paint anew, in shares of its sides; can be repeated",
    )
    imagine.add_argument(
        "--times", type=int, default=1, help="paint the source so many times larger, in tiles"
    )
    imagine.add_argument(
        "--within",
        type=box,
        metavar=BOX,
        help="where on the new picture the source lies; what is beside it is painted on",
    )


def _add_restoring(imagine: argparse.ArgumentParser) -> None:
    """The options of a damaged picture to begin from."""
    imagine.add_argument(
        "--restore",
        action="store_true",
        help="restore the source: take its noise away, and scratches where --mask is white",
    )
    imagine.add_argument(
        "--noise",
        type=float,
        help="how much of it, 0 (none) to 0.5; else as much as is found, with scratches none",
    )
    imagine.add_argument(
        "--find-scratches", action="store_true", help="look for long, thin lines, too"
    )


def _add_options_of_device(command: argparse.ArgumentParser) -> None:
    """What the bot's settings of the same names do, and two that are for measuring."""
    command.add_argument("--precision", choices=PRECISIONS, default="auto")
    command.add_argument("--compile", action="store_true", help="compile the UNet first")
    for option in ("--vae-slicing", "--vae-tiling", "--offload"):
        command.add_argument(option, choices=SWITCHES, default="auto")
    command.add_argument("--memory-limit-mb", type=int, help="of the device; else as the bot")
    command.add_argument("--fused", action="store_true", help="fuse self-attention's projections")
    command.add_argument("--no-channels-last", action="store_true", help="the usual layout")


def run_fetch(arguments: argparse.Namespace) -> int:
    """Download a model, or a part of it alone, and say where it is."""
    from generation.fetching import fetch, fetch_checker, fetch_editor

    work = fetch_checker if arguments.only_checker else fetch
    work = fetch_editor if arguments.only_editor else work
    print(work(arguments.model, arguments.models_dir))
    return 0


def run_imagine(arguments: argparse.Namespace) -> int:
    """Paint through the worker's own loop, in this process."""
    if arguments.restore and arguments.source is None:
        return _complain("--restore needs the picture to restore: --source PICTURE.")
    if not arguments.restore and (arguments.noise is not None or arguments.find_scratches):
        return _complain("--noise and --find-scratches say what to --restore.")
    suits = _suits(arguments)
    axes = tuple(axis for axis in (arguments.across, arguments.down) if axis is not None)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        source = _source(arguments)
        request = Paint(
            job="imagine",
            model=arguments.model,
            prompt=arguments.prompt,
            negative_prompt=arguments.negative,
            count=count_of(axes) if axes else arguments.count,
            seed=arguments.seed,
            steps=suits.steps if arguments.steps is None else arguments.steps,
            guidance=suits.guidance if arguments.guidance is None else arguments.guidance,
            width=arguments.width,
            height=arguments.height,
            aspect=arguments.aspect,
            scheduler=arguments.scheduler or suits.scheduler,
            liked=tuple(_reference(path) for path in arguments.like),
            disliked=tuple(_reference(path) for path in arguments.dislike),
            feedback=_feedback(arguments),
            source=source,
            image_guidance=arguments.edit,
            varied=arguments.varied,
            tiled=source is not None and source.in_tiles,
            filter=arguments.filter,
            axes=axes,
            grid=arguments.grid,
            previews=False,
            out=arguments.out,
        )
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")
    return _paint(arguments, arguments.model, lambda _: request)


def run_replay(arguments: argparse.Namespace) -> int:
    """Paint again what a picture says that it is."""
    from generation.records import Elsewhere, NoRecord, read_file

    try:
        told = read_file(arguments.file)
        arguments.out.mkdir(parents=True, exist_ok=True)
        if (arguments.out / "0.png").resolve() == arguments.file.resolve():
            return _complain("That would write over the picture itself; give another --out.")
        if isinstance(told, Elsewhere):
            return _replay_elsewhere(arguments, told)
        return _replay(arguments, told)
    except NoRecord as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")


def _replay(arguments: argparse.Namespace, record: Record) -> int:
    from generation.replaying import Lost, digests_of, found_in, request_of, without

    model = arguments.model or record.model
    wanted = digests_of(record)
    beside = arguments.file.absolute().parent.glob("*")
    further = (path for folder in arguments.pictures_in for path in folder.rglob("*"))
    files = found_in(chain(beside, further), wanted)
    if arguments.anyway:
        record = without(record, wanted - files.keys())
    try:
        request = request_of(record, model=model, files=files, out=arguments.out)
    except Lost as lost:
        more = "" if lost.source else ", or --anyway to paint without them"
        return _complain(f"{lost} Say where they are with --pictures-in{more}.")
    if public_name(model) != record.model:
        _complain(f"{record.model} painted this picture; {model} paints another one.")
    request = dataclasses.replace(request, filter=arguments.filter)
    return _paint(arguments, model, lambda _: request)


def _replay_elsewhere(arguments: argparse.Namespace, told: Elsewhere) -> int:
    from generation.replaying import request_like

    if arguments.model is None:
        by = f" with {told.model}" if told.model else ""
        return _complain(
            f"Another program painted this picture{by}; say with --model what is to paint it here."
        )
    _complain("Another program painted this picture; here it can look quite different.")

    def request(card: ModelCard) -> Paint:
        like = request_like(told, model=arguments.model, card=card, seed=0, out=arguments.out)
        return dataclasses.replace(like, filter=arguments.filter)

    return _paint(arguments, arguments.model, request)


def _paint(arguments: argparse.Namespace, model: str, request: Callable[[ModelCard], Paint]) -> int:
    """Load the model, paint what is then requested, and say what came of it."""
    from generation.local import PaintingFailed, local_studio

    options = WorkerOptions(
        model=model,
        device=arguments.device,
        models_dir=arguments.models_dir,
        editor=arguments.editor,
        safety_checker=arguments.safety_checker,
        precision=arguments.precision,
        compiled=arguments.compile,
        fused=arguments.fused,
        channels_last=not arguments.no_channels_last,
        vae_slicing=arguments.vae_slicing,
        vae_tiling=arguments.vae_tiling,
        offload=arguments.offload,
        memory_limit_mb=arguments.memory_limit_mb,
    )
    try:
        with local_studio(options) as studio:
            finished = studio.paint(request(studio.model.card), watch=_show_progress)
    except PaintingFailed as error:
        _show("")
        broken = error.failed.reason is Reason.INTERNAL
        return _complain(error.failed.detail, BROKEN if broken else WRONG)
    _show("")
    _tell(finished)
    return 0


def _tell(finished: Finished) -> None:
    """Print the files; what else there is to say goes to where complaints go."""
    from generation.requests import better_size, far_from_native

    for place, picture in enumerate(finished.pictures, 1):
        if picture.withheld:
            _complain(f"Picture {place} was withheld: the safety checker found adult content.")
            continue
        if picture.flagged:
            _complain(f"In picture {place} the safety checker found adult content.")
        print(picture.path)
    for more in (finished.steering, finished.sheet):
        if more is not None:
            print(more)
    first = finished.pictures[0]
    size = (first.width, first.height)
    if finished.native and (far := far_from_native(*size, finished.native)):
        named = {
            "native": finished.native,
            "size": size,
            "better": better_size(*size, finished.native),
        }
        _complain(far.value.format(**{name: f"{w} × {h}" for name, (w, h) in named.items()}))


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Measure the embedded model, or one trained in its place, and keep the report."""
    from generation.shapes.report import evaluate

    evaluate(
        arguments.what,
        WorkerOptions(model=arguments.model, device=arguments.device),
        arguments.out,
        count=arguments.count,
        seed=arguments.seed,
        feedback=_feedback(arguments),
    )
    return 0


def _reference(path: Path) -> Reference:
    from generation.pictures import digest_of

    return Reference(path=path, digest=digest_of(path.read_bytes()))


def _source(arguments: argparse.Namespace) -> Source | None:
    from generation.pictures import digest_of

    if arguments.source is None:
        return None
    strength = arguments.source_strength
    if strength is None:
        strength = RESTYLED if arguments.times == 1 else ENLARGED
        if arguments.restore:
            strength = RESTORED
    return Source(
        path=arguments.source,
        digest=digest_of(arguments.source.read_bytes()),
        strength=strength,
        mask=arguments.mask,
        anew=tuple(arguments.anew),
        within=arguments.within,
        times=arguments.times,
        mend=_mend(arguments),
    )


def _suits(arguments: argparse.Namespace) -> Usual:
    """The steps, guidance and scheduler of what is asked for."""
    if arguments.restore:
        return RESTORING
    if arguments.edit is not None:
        return EDITING
    return usual(arguments.model) if arguments.times == 1 else ENLARGING


def _mend(arguments: argparse.Namespace) -> Mend | None:
    if not arguments.restore:
        return None
    scratched = arguments.mask is not None or arguments.find_scratches
    noise = 0.0 if arguments.noise is None and scratched else arguments.noise
    return Mend(noise=noise, scratches=arguments.find_scratches)


def box(written: str) -> Box:
    """A part of a picture, as it is written on the command line."""
    left, top, right, bottom = (float(share) for share in written.split(","))
    return Box(left=left, top=top, right=right, bottom=bottom)


def _feedback(arguments: argparse.Namespace) -> Feedback:
    wished = {name: getattr(arguments, name) for name in OPTIONS_OF_FEEDBACK}
    said = {name: value for name, value in wished.items() if value is not None}
    return dataclasses.replace(named_feedback(arguments.feedback, arguments.model), **said)


def _axis(words: str) -> Axis:
    parameter, _, values = words.partition("=")
    try:
        return read_axis(parameter.strip(), values)
    except BadComparison as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _aspect(words: str) -> float:
    try:
        width, height = (float(side) for side in words.split(":"))
        return width / height
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{words} is no aspect; write one such as 3:2") from None


def _show_progress(progress: Progress) -> None:
    _show(f"step {progress.step} of {progress.steps}")


def _show(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _complain(sentence: str, status: int = WRONG) -> int:
    print(sentence, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
