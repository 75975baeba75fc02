"""What every command that paints has in common: the device, the files, and what is said."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from generation.protocol.events import Finished, Progress, Reason
from generation.protocol.options import PRECISIONS, SWITCHES, ModelCard, WorkerOptions
from generation.protocol.requests import Filter, Paint

DONE, BROKEN, WRONG, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: a fault of ours; what was asked for cannot be done; Ctrl-C."""


def add_device(command: argparse.ArgumentParser) -> None:
    """What the bot's settings of the same names do, and two that are for measuring."""
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    command.add_argument("--precision", choices=PRECISIONS, default="auto")
    command.add_argument("--compile", action="store_true", help="compile the UNet first")
    for option in ("--vae-slicing", "--vae-tiling", "--offload"):
        command.add_argument(option, choices=SWITCHES, default="auto")
    command.add_argument("--memory-limit-mb", type=int, help="of the device; else as the bot")
    command.add_argument("--fused", action="store_true", help="fuse self-attention's projections")
    command.add_argument("--no-channels-last", action="store_true", help="the usual layout")


def add_outcome(command: argparse.ArgumentParser) -> None:
    """What becomes of what is painted."""
    command.add_argument(
        "--filter",
        type=Filter,
        choices=list(Filter),
        metavar="{" + ",".join(each.value for each in Filter) + "}",
        default=Filter.WITHHOLD,
        help="what becomes of adult content that the model's safety checker finds",
    )
    command.add_argument(
        "--safety-checker", help="for a model that brings none: a folder, name or hub id"
    )
    command.add_argument(
        "--editor", help="the model that edits: a folder, name or hub id; off for none"
    )
    command.add_argument("--models-dir", type=Path, help="where fetched models live")
    command.add_argument("--out", type=Path, default=Path(), help="an existing or a new folder")


def paint(arguments: argparse.Namespace, model: str, request: Callable[[ModelCard], Paint]) -> int:
    """Load the model, paint what is then requested, and say what came of it."""
    from generation.engine.local import PaintingFailed, local_engine

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
        with local_engine(options) as engine:
            finished = engine.paint(request(engine.model.card), watch=_show_progress)
    except PaintingFailed as error:
        _show("")
        broken = error.failed.reason is Reason.INTERNAL
        return complain(error.failed.detail, BROKEN if broken else WRONG)
    _show("")
    _tell(finished)
    return DONE


def _tell(finished: Finished) -> None:
    """Print the files; what else there is to say goes to where complaints go."""
    from generation.requests.validation import better_size, far_from_native

    for place, picture in enumerate(finished.pictures, 1):
        if picture.withheld:
            complain(f"Picture {place} was withheld: the safety checker found adult content.")
            continue
        if picture.flagged:
            complain(f"In picture {place} the safety checker found adult content.")
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
        complain(far.value.format(**{name: f"{w} × {h}" for name, (w, h) in named.items()}))


def complain(sentence: str, status: int = WRONG) -> int:
    """Say what is wrong where it does not mix with file names; the exit status."""
    print(sentence, file=sys.stderr)
    return status


def _show_progress(progress: Progress) -> None:
    _show(f"step {progress.step} of {progress.steps}")


def _show(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
