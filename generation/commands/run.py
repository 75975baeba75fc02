"""Shared parts of the commands that generate images: device, output files and messages."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from generation.commands.output_files import FolderUnusable, kept_apart
from generation.protocol.events import Finished, Progress, Reason
from generation.protocol.options import (
    PRECISIONS,
    SWITCHES,
    ModelCard,
    Prediction,
    WorkerOptions,
)
from generation.protocol.requests import Filter, Paint

DONE, BROKEN, WRONG, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: success; an internal error; a request that cannot be carried out; Ctrl-C."""


def add_device(command: argparse.ArgumentParser) -> None:
    """Add options that match the bot's settings of the same names, and two for measuring."""
    command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    command.add_argument("--precision", choices=PRECISIONS, default="auto")
    command.add_argument(
        "--prediction",
        choices=[str(each) for each in Prediction],
        default="auto",
        help="what the model predicts, in case its files do not say",
    )
    command.add_argument(
        "--compile",
        action="store_true",
        help="compile the UNet first: a slow start, then faster painting",
    )
    for option in ("--vae-slicing", "--vae-tiling", "--offload"):
        command.add_argument(option, choices=SWITCHES, default="auto")
    command.add_argument(
        "--memory-limit-mb",
        type=int,
        help="limit on the device's memory (default: the same as the bot's)",
    )
    command.add_argument("--fused", action="store_true", help="fuse self-attention's projections")
    command.add_argument(
        "--no-channels-last", action="store_true", help="use PyTorch's default memory layout"
    )


def device_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the options of `add_device` say, for `WorkerOptions`."""
    return {
        "device": arguments.device,
        "precision": arguments.precision,
        "prediction": arguments.prediction,
        "compiled": arguments.compile,
        "fused": arguments.fused,
        "channels_last": not arguments.no_channels_last,
        "vae_slicing": arguments.vae_slicing,
        "vae_tiling": arguments.vae_tiling,
        "offload": arguments.offload,
        "memory_limit_mb": arguments.memory_limit_mb,
    }


def add_outcome(command: argparse.ArgumentParser) -> None:
    """Add options for the output and for the safety checker."""
    command.add_argument(
        "--filter",
        type=Filter,
        choices=list(Filter),
        metavar="{" + ",".join(each.value for each in Filter) + "}",
        default=Filter.WITHHOLD,
        help="what to do with adult content found by the safety checker (default: withhold)",
    )
    command.add_argument(
        "--safety-checker",
        help="safety checker in place of the model's own: bundled, or a folder, name or hub id",
    )
    command.add_argument(
        "--safety-threshold",
        type=float,
        help="score at which a checker with scores flags pictures",
    )
    command.add_argument("--editor", help="editing model: a folder, name or hub id; off for none")
    command.add_argument("--models-dir", type=Path, help="folder of downloaded models")
    command.add_argument(
        "--out",
        type=Path,
        default=Path(),
        help="output folder, made if it does not exist; files in it are kept, new ones take the "
        "next free numbers",
    )
    command.add_argument(
        "--overwrite", action="store_true", help="number from 0 and replace files in the folder"
    )


def paint(arguments: argparse.Namespace, model: str, request: Callable[[ModelCard], Paint]) -> int:
    """Load the model, run the request made for it, and report the outcome."""
    from generation.engine.session import PaintingFailed, local_engine

    options = WorkerOptions(
        model=model,
        models_dir=arguments.models_dir,
        editor=arguments.editor,
        safety_checker=arguments.safety_checker,
        safety_threshold=arguments.safety_threshold,
        **device_options(arguments),
    )
    try:
        # What is finished is kept, even if the rest fails or is interrupted.
        with (
            kept_apart(arguments.out, overwrite=arguments.overwrite) as outputs,
            local_engine(options) as engine,
        ):
            if trouble := engine.model.card.checker_trouble:
                complain(trouble)
                if arguments.safety_checker is not None:
                    return WRONG
            asked = dataclasses.replace(request(engine.model.card), out=outputs.folder)
            finished = engine.paint(asked, watch=_show_progress)
    except FolderUnusable as error:
        return complain(str(error))
    except PaintingFailed as error:
        show_line("")
        broken = error.failed.reason is Reason.INTERNAL
        return complain(error.failed.detail, BROKEN if broken else WRONG)
    show_line("")
    _tell(finished, outputs.moved)
    _remark(asked)
    return DONE


def _tell(finished: Finished, moved: Mapping[Path, Path]) -> None:
    """Print the files to stdout, by their places in the output folder, and remarks to stderr."""
    from generation.requests.sizes import far_from_native

    for place, picture in enumerate(finished.pictures, 1):
        if picture.path is None:
            complain(f"Picture {place} was withheld: the safety checker found adult content.")
            continue
        if picture.flagged:
            complain(f"In picture {place} the safety checker found adult content.")
        print(moved[picture.path])
    for more in (finished.steering, finished.sheet):
        if more is not None:
            print(moved[more])
    if finished.chosen is not None:
        place = finished.chosen + 1
        complain(f"Picture {place} has the best balance of the prompt and the source.")
    first = finished.pictures[0]
    size = (first.width, first.height)
    if finished.native and (far := far_from_native(*size, finished.native)):
        complain(str(far))


def _remark(asked: Paint) -> None:
    """Print what a pasted prompt holds that means nothing here."""
    from generation.requests.pasted import remarks_on

    if not asked.literal:
        adapters = (*asked.adapters, *asked.offered)
        remarks = [*remarks_on(asked.prompt, adapters), *remarks_on(asked.negative_prompt)]
        for remark in dict.fromkeys(remarks):
            complain(str(remark))


def complain(sentence: str, status: int = WRONG) -> int:
    """Print a sentence to stderr, apart from the file names, and return the exit status."""
    print(sentence, file=sys.stderr)
    return status


def _show_progress(progress: Progress) -> None:
    show_line(f"step {progress.step} of {progress.steps}")


def show_line(line: str) -> None:
    """Show a line on a terminal in place of the last one; print nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
