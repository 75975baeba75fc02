"""The generator without Discord: `python -m generation imagine "…"`, `… fetch MODEL`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from generation.catalog import CATALOGUE, ModelUnavailable
from generation.messages import (
    SCHEDULERS,
    Paint,
    Progress,
    Reason,
    Reference,
    WorkerOptions,
)
from generation.options import add_feedback, feedback_of
from generation.shapes.evaluation import command as evaluation
from generation.shapes.evaluation.ledger import OtherStudy

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
    except (ModelUnavailable, OtherStudy) as error:
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
    imagine.add_argument("--steps", type=int, default=defaults.steps)
    imagine.add_argument("--guidance", type=float, default=defaults.guidance)
    imagine.add_argument("--scheduler", choices=SCHEDULERS, default=defaults.scheduler)
    imagine.add_argument("--width", type=int)
    imagine.add_argument("--height", type=int)
    for option, what in (("--like", "a picture to follow"), ("--dislike", "one to avoid")):
        imagine.add_argument(
            option, type=Path, action="append", default=[], help=f"{what}; can be repeated"
        )
    imagine.add_argument("--out", type=Path, default=Path(), help="an existing or a new folder")
    add_feedback(imagine)
    imagine.add_argument("--model", default="shapes", help="a name, hub id, folder or file")
    imagine.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")

    evaluate = commands.add_parser("evaluate", help="measure the embedded model")
    evaluation.add_words(evaluate)

    fetch = commands.add_parser("fetch", help="download a model")
    fetch.set_defaults(run=run_fetch)
    names = ", ".join(known.name for known in CATALOGUE if known.repo)
    fetch.add_argument("model", help=f"{names}, or a hub id such as owner/name")
    for command in (imagine, fetch):
        command.add_argument("--models-dir", type=Path, help="where fetched models live")
    return parser


def run_fetch(arguments: argparse.Namespace) -> int:
    """Download a model and say where it is."""
    from generation.fetching import fetch

    print(fetch(arguments.model, arguments.models_dir))
    return 0


def run_imagine(arguments: argparse.Namespace) -> int:
    """Paint through the worker's own loop, in this process."""
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        request = Paint(
            job="imagine",
            model=arguments.model,
            prompt=arguments.prompt,
            negative_prompt=arguments.negative,
            count=arguments.count,
            seed=arguments.seed,
            steps=arguments.steps,
            guidance=arguments.guidance,
            width=arguments.width,
            height=arguments.height,
            scheduler=arguments.scheduler,
            liked=tuple(_reference(path) for path in arguments.like),
            disliked=tuple(_reference(path) for path in arguments.dislike),
            feedback=feedback_of(arguments),
            previews=False,
            out=arguments.out,
        )
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")
    options = WorkerOptions(
        model=arguments.model, device=arguments.device, models_dir=arguments.models_dir
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
    for place, picture in enumerate(finished.pictures, 1):
        if picture.withheld:
            _complain(f"Picture {place} was withheld by the model's safety checker.")
        else:
            print(picture.path)
    if finished.steering:
        print(finished.steering)
    return 0


def _reference(path: Path) -> Reference:
    from generation.pictures import digest_of

    return Reference(path=path, digest=digest_of(path.read_bytes()))


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
