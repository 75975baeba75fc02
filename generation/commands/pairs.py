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
Paints pictures and their edits with Prompt-to-Prompt, keeps the pairs that CLIP rates well, and
writes them with their instructions into a folder for `train edit` or other training scripts.

CAPTIONS is a text file with one caption per line, or a table (.csv or .jsonl) with the columns
caption, instruction and edited. In plain captions, a word is replaced by an alternative.

  python -m generation pairs captions.txt pairs --model sd15 --clip clip-vit-large-patch14

To continue after a stop, run the same command again."""


def add_words(pairs: argparse.ArgumentParser) -> None:
    """Add all options of the command."""
    pairs.description = WHAT
    pairs.formatter_class = argparse.RawDescriptionHelpFormatter
    pairs.set_defaults(run=run)
    add = pairs.add_argument
    add("captions", type=Path, help="file with captions, or table of edits")
    add("out", type=Path, help="folder for the pairs; created if it does not exist")
    add("--alternatives", type=Path, help='words to replace: JSON, [{"words": ["cat", "dog"]}, …]')
    add("--edits", type=int, default=1, help="edits for each caption (default: %(default)s)")
    add(
        "--samples", type=int, default=16, help="pairs painted for each edit (default: %(default)s)"
    )
    add("--keep", type=int, default=4, help="pairs kept for each edit (default: %(default)s)")
    add(
        "--share",
        type=float,
        nargs=2,
        default=(0.1, 0.9),
        metavar=("LEAST", "MOST"),
        help="share of the steps in which the edit uses the original's attention (default: .1 .9)",
    )
    add(
        "--guidance",
        type=float,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="guidance scale (default: the model's, up to twice that)",
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
    add("--clip", type=Path, help="folder of a CLIP model (default: the one beside the model)")
    add("--no-filter", action="store_true", help="keep pairs without filtering them")
    add(
        "--thresholds",
        type=float,
        nargs=3,
        metavar=("CAPTION", "IMAGE", "DIRECTION"),
        help="minimum similarities of a pair; InstructPix2Pix uses .2 .7 .2 with OpenAI's ViT-L/14 "
        "(default: chosen to reject the shares given by --reject)",
    )
    add(
        "--reject",
        type=float,
        nargs=3,
        default=(0.1, 0.25, 0.1),
        metavar=("CAPTION", "IMAGE", "DIRECTION"),
        help="share of a first sample that each threshold rejects (default: .1 .25 .1)",
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
            return f"--{name} takes the smaller value first."
    if not 0 <= arguments.share[0] <= arguments.share[1] <= 1:
        return "--share must be between 0 and 1."
    if not all(0 <= share < 1 for share in arguments.reject):
        return "--reject takes shares of at least 0 and less than 1."
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
