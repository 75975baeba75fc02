"""The generator without Discord: `python -m generation imagine "…"`, `… fetch MODEL`."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from generation.catalog import CATALOGUE, ENLARGED, ENLARGING, ModelUnavailable, usual
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
    Paint,
    Progress,
    Reason,
    Reference,
    Source,
    WorkerOptions,
)
from generation.presets import PRESETS, named_feedback

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
    imagine.add_argument(
        "--filter",
        type=Filter,
        choices=list(Filter),
        metavar="{" + ",".join(each.value for each in Filter) + "}",
        default=defaults.filter,
        help="what becomes of adult content that the model's safety checker finds",
    )
    imagine.add_argument(
        "--safety-checker", help="for a model that brings none: a folder, name or hub id"
    )
    _add_options_of_device(imagine)
    imagine.add_argument("--out", type=Path, default=Path(), help="an existing or a new folder")

    evaluate = commands.add_parser("evaluate", help="measure the embedded model")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("what", choices=("prompts", "likes"), help="whether it follows them")
    evaluate.add_argument("--count", type=int, help="prompts (256) or hidden favourites (40)")
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--out", type=Path, required=True, help="a folder for the report")

    for command in (imagine, evaluate):
        command.add_argument(
            "--feedback", choices=PRESETS, help="how likes steer; the options below change it"
        )
        for name, what in OPTIONS_OF_FEEDBACK.items():
            command.add_argument(f"--{name}", type=float, help=f"{what}; else as suits the model")
        command.add_argument("--model", default="shapes", help="a name, hub id, folder or file")
        command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")

    fetch = commands.add_parser("fetch", help="download a model")
    fetch.set_defaults(run=run_fetch)
    names = ", ".join(known.name for known in CATALOGUE if known.repo)
    fetch.add_argument("model", help=f"{names}, or a hub id such as owner/name")
    fetch.add_argument(
        "--only-checker", action="store_true", help="its safety checker, for models without one"
    )
    for command in (imagine, fetch):
        command.add_argument("--models-dir", type=Path, help="where fetched models live")
    return parser


def _add_source(imagine: argparse.ArgumentParser) -> None:
    """The options of a picture to begin from."""
    imagine.add_argument("--source", type=Path, help="a picture to begin from")
    imagine.add_argument(
        "--source-strength",
        type=float,
        help=f"how far to go from it: above 0, to 1; else {RESTYLED:g}, with --times {ENLARGED:g}",
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


def _add_options_of_device(imagine: argparse.ArgumentParser) -> None:
    """What the bot's settings of the same names do, and two that are for measuring."""
    imagine.add_argument("--precision", choices=PRECISIONS, default="auto")
    imagine.add_argument("--compile", action="store_true", help="compile the UNet first")
    for option in ("--vae-slicing", "--vae-tiling", "--offload"):
        imagine.add_argument(option, choices=SWITCHES, default="auto")
    imagine.add_argument("--memory-limit-mb", type=int, help="of the device; else as the bot")
    imagine.add_argument("--fused", action="store_true", help="fuse self-attention's projections")
    imagine.add_argument("--no-channels-last", action="store_true", help="the usual layout")


def run_fetch(arguments: argparse.Namespace) -> int:
    """Download a model, or its safety checker alone, and say where it is."""
    from generation.fetching import fetch, fetch_checker

    work = fetch_checker if arguments.only_checker else fetch
    print(work(arguments.model, arguments.models_dir))
    return 0


def run_imagine(arguments: argparse.Namespace) -> int:
    """Paint through the worker's own loop, in this process."""
    suits = usual(arguments.model) if arguments.times == 1 else ENLARGING
    axes = tuple(axis for axis in (arguments.across, arguments.down) if axis is not None)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
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
            source=_source(arguments),
            tiled=arguments.times > 1,
            filter=arguments.filter,
            axes=axes,
            grid=arguments.grid,
            previews=False,
            out=arguments.out,
        )
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")
    options = WorkerOptions(
        model=arguments.model,
        device=arguments.device,
        models_dir=arguments.models_dir,
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
    from generation.local import PaintingFailed, local_studio

    try:
        with local_studio(options) as studio:
            finished = studio.paint(request, watch=_show_progress)
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
    return Source(
        path=arguments.source,
        digest=digest_of(arguments.source.read_bytes()),
        strength=strength,
        mask=arguments.mask,
        anew=tuple(arguments.anew),
        within=arguments.within,
        times=arguments.times,
    )


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
