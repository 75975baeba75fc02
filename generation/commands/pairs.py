"""`python -m generation pairs CAPTIONS OUT`: make pairs of pictures for edit training."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generation.catalog.entries import usual
from generation.commands.run import (
    DONE,
    WRONG,
    add_device,
    complain,
    device_options,
    show_line,
)
from generation.protocol.options import WorkerOptions
from generation.protocol.samplers import SCHEDULERS
from generation.requests.refused import Refused

if TYPE_CHECKING:
    from generation.training.pairs.edit_prompts import EditPrompt
    from generation.training.pairs.folder import PairFilter
    from generation.training.pairs.making import PairSettings

WHAT = """\
Paints pictures and their edits by Prompt-to-Prompt, keeps those that CLIP finds good, and writes
them with their instructions into a folder that `train edit` and other programs' scripts read.

CAPTIONS is a text file with a caption a line, in each of which a word is replaced by an
alternative; or a table with the columns caption, instruction and edited, as .csv or .jsonl.

  python -m generation pairs captions.txt pairs --model sd15 --clip clip-vit-large-patch14

Run it again with the same words to go on where it was stopped."""


def add_words(pairs: argparse.ArgumentParser) -> None:
    """Add all options of the command."""
    pairs.description = WHAT
    pairs.formatter_class = argparse.RawDescriptionHelpFormatter
    pairs.set_defaults(run=run)
    add = pairs.add_argument
    add("captions", type=Path, help="file of the captions, or table of the edits")
    add("out", type=Path, help="folder of the pairs, made if it does not exist")
    add("--alternatives", type=Path, help='words to replace: JSON, [{"words": ["cat", "dog"]}, …]')
    add("--edits", type=int, default=1, help="edits of each caption (default: %(default)s)")
    add("--samples", type=int, default=16, help="pairs painted of each edit (default: %(default)s)")
    add("--keep", type=int, default=4, help="pairs kept of each edit (default: %(default)s)")
    add(
        "--share",
        type=float,
        nargs=2,
        default=(0.1, 0.9),
        metavar=("LEAST", "MOST"),
        help="share of the steps in which the edit takes the picture's attention (default: .1 .9)",
    )
    add(
        "--guidance",
        type=float,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="guidance scale (default: from the model's own to twice that)",
    )
    add("--steps", type=int, help="sampling steps (default: the model's)")
    add("--scheduler", choices=SCHEDULERS, default="ddim")
    add("--batch", type=int, default=4, help="pairs painted together (default: %(default)s)")
    add("--seed", type=int, default=0)
    _add_filter(pairs)
    add("--model", default="shapes", help="name, hub id, folder or file of the model")
    add("--models-dir", type=Path, help="folder of downloaded models")
    add_device(pairs)


def _add_filter(pairs: argparse.ArgumentParser) -> None:
    add = pairs.add_argument
    add("--clip", type=Path, help="folder of a CLIP (default: the one beside the model)")
    add("--no-filter", action="store_true", help="keep pairs as they come")
    add(
        "--thresholds",
        type=float,
        nargs=3,
        metavar=("CAPTION", "IMAGE", "DIRECTION"),
        help="least similarities of a pair; .2 .7 .2 are InstructPix2Pix's, for OpenAI's "
        "ViT-L/14 (default: those that reject the shares below)",
    )
    add(
        "--reject",
        type=float,
        nargs=3,
        default=(0.1, 0.25, 0.1),
        metavar=("CAPTION", "IMAGE", "DIRECTION"),
        help="shares of a first sample that each similarity rejects (default: .1 .25 .1)",
    )
    add(
        "--calibration",
        type=int,
        default=32,
        help="edits in the first sample (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make what the folder lacks of the pairs; Ctrl-C stops at once."""
    if (problem := _problem(arguments)) is not None:
        return complain(problem, WRONG)
    try:
        prompts = _prompts(arguments)
        return _make(arguments, prompts)
    except Refused as refused:
        show_line("")
        return complain(str(refused), WRONG)


def _make(arguments: argparse.Namespace, prompts: Sequence[EditPrompt]) -> int:
    from generation.catalog.files import locate
    from generation.models.loading import load_model
    from generation.training.clip import Clip
    from generation.training.pairs.making import make_pairs

    options = WorkerOptions(
        model=arguments.model, models_dir=arguments.models_dir, **device_options(arguments)
    )
    clip = arguments.clip or locate(arguments.model, arguments.models_dir) / "clip"
    model = load_model(options)
    judge = Clip.load(clip, model.device)
    kept = 0
    for progress in make_pairs(model, judge, prompts, arguments.out, _settings(arguments)):
        kept = progress.kept
        show_line(f"edit {progress.prompts} of {progress.of}, {kept} pairs kept")
    show_line("")
    print(arguments.out)
    return DONE


def _problem(arguments: argparse.Namespace) -> str | None:
    """Return a sentence about options that cannot be, or None."""
    counts = ("edits", "samples", "keep", "batch", "calibration")
    for name in counts:
        if getattr(arguments, name) < 1:
            return f"--{name} must be at least 1."
    for name in ("share", "guidance"):
        given = getattr(arguments, name)
        if given is not None and given[0] > given[1]:
            return f"--{name} takes the least value first."
    if not 0 <= arguments.share[0] <= arguments.share[1] <= 1:
        return "--share goes from 0 to 1."
    if not all(0 <= share < 1 for share in arguments.reject):
        return "--reject takes shares from 0 to below 1."
    return None


def _prompts(arguments: argparse.Namespace) -> Sequence[EditPrompt]:
    from generation.training.pairs.edit_prompts import (
        USUAL,
        is_table,
        read_alternatives,
        read_captions,
        read_table,
        replacements,
    )

    if is_table(arguments.captions):
        return read_table(arguments.captions)
    captions = read_captions(arguments.captions)
    given = arguments.alternatives
    alternatives = USUAL if given is None else read_alternatives(given)
    return replacements(captions, alternatives, each=arguments.edits, seed=arguments.seed)


def _settings(arguments: argparse.Namespace) -> PairSettings:
    from generation.training.pairs.making import PairSettings

    suits = usual(arguments.model)
    guidance = arguments.guidance or (suits.guidance, 2 * suits.guidance)
    return PairSettings(
        samples=arguments.samples,
        share=tuple(arguments.share),
        guidance=tuple(guidance),
        steps=arguments.steps or suits.steps,
        scheduler=arguments.scheduler,
        batch=arguments.batch,
        seed=arguments.seed,
        filter=_filter(arguments),
    )


def _filter(arguments: argparse.Namespace) -> PairFilter:
    from generation.training.pairs.filtering import Rejection, Thresholds
    from generation.training.pairs.folder import PairFilter

    caption, image, directional = arguments.reject
    rejection, thresholds = Rejection(caption=caption, image=image, directional=directional), None
    if arguments.thresholds is not None:
        caption, image, directional = arguments.thresholds
        thresholds = Thresholds(caption=caption, image=image, directional=directional)
    calibrated = thresholds is None and not arguments.no_filter
    return PairFilter(
        rejection=rejection if calibrated else None,
        thresholds=None if arguments.no_filter else thresholds,
        calibration=arguments.calibration,
        most=arguments.keep,
    )
