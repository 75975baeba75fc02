"""`python -m generation imagine "…"`: generate, edit, enlarge or restore images."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from generation.catalog.entries import (
    ENLARGED,
    ENLARGING,
    RESTORED,
    RESTORING,
    Defaults,
    usual,
    usual_editing,
    usual_imagic,
)
from generation.commands.adapters import adapters_of, add_adapters
from generation.commands.feedback import add_feedback, feedback_of
from generation.commands.run import add_device, add_outcome, complain, paint
from generation.protocol.requests import (
    COMPARABLE,
    Axis,
    Box,
    Imagic,
    Paint,
    Reference,
    Restoration,
    Source,
)
from generation.protocol.samplers import SCHEDULERS
from generation.requests.comparisons import ALONG_ETA, count_of, read_axis
from generation.requests.prompts import check_braces
from generation.requests.refused import Refused

RESTYLED = 0.6
"""Default strength of image to image."""
BOX = "LEFT,TOP,RIGHT,BOTTOM"


def add_words(imagine: argparse.ArgumentParser) -> None:
    """Add all options of the command."""
    defaults = Paint(job="", model="", prompt="", out=Path())
    imagine.set_defaults(run=run)
    imagine.add_argument("prompt", help="what to paint")
    imagine.add_argument("--negative", default="", help="negative prompt: what to leave out")
    imagine.add_argument(
        "--count",
        type=int,
        default=defaults.count,
        help="number of pictures (default: %(default)s)",
    )
    imagine.add_argument(
        "--seed",
        type=int,
        default=0,
        help="seed of the first picture; each following picture adds 1 (default: 0)",
    )
    imagine.add_argument("--steps", type=int, help="sampling steps (default: the model's)")
    imagine.add_argument("--guidance", type=float, help="guidance scale (default: the model's)")
    imagine.add_argument("--scheduler", choices=SCHEDULERS, help="sampler (default: the model's)")
    _add_source(imagine)
    _add_imagic(imagine)
    _add_restoring(imagine)
    imagine.add_argument("--width", type=int, help="in pixels (default: the model's)")
    imagine.add_argument("--height", type=int, help="in pixels (default: the model's)")
    imagine.add_argument(
        "--aspect", type=_aspect, help="aspect ratio such as 3:2, instead of width and height"
    )
    imagine.add_argument("--grid", action="store_true", help="also save all pictures as one grid")
    names = ", ".join(COMPARABLE)
    for option in ("--across", "--down"):
        imagine.add_argument(
            option,
            type=_axis,
            metavar="PARAMETER=VALUES",
            help=f"compare values side by side, such as steps=10,20,30; PARAMETER: {names}",
        )
    for option, what in (("--like", "picture to follow"), ("--dislike", "picture to avoid")):
        imagine.add_argument(
            option, type=Path, action="append", default=[], help=f"{what}; can be repeated"
        )
    add_feedback(imagine)
    add_adapters(imagine)
    imagine.add_argument(
        "--model", default="shapes", help="name, hub id, folder or file of the model"
    )
    add_device(imagine)
    add_outcome(imagine)


def _add_source(imagine: argparse.ArgumentParser) -> None:
    """Add the options of image to image, inpainting, outpainting and editing."""
    imagine.add_argument("--source", type=Path, help="picture to start from")
    imagine.add_argument(
        "--edit",
        type=float,
        nargs="?",
        const=True,
        metavar="KEEP",
        help="edit the source, with the prompt as the instruction; KEEP is the image guidance "
        "(1 to 5, default: the model's), --guidance the text guidance",
    )
    imagine.add_argument(
        "--varied", action="store_true", help="give each edit a different text and image guidance"
    )
    imagine.add_argument(
        "--source-strength",
        type=float,
        help=f"how much to change the source, up to 1 (default: {RESTYLED:g}; with --times "
        f"{ENLARGED:g}, with --restore {RESTORED:g})",
    )
    imagine.add_argument(
        "--mask", type=Path, help="inpainting mask: white where the source is repainted"
    )
    imagine.add_argument(
        "--anew",
        type=box,
        action="append",
        default=[],
        metavar=BOX,
        help="part of the source to repaint, in shares of its width and height; can be repeated",
    )
    imagine.add_argument(
        "--times", type=int, default=1, help="factor by which to enlarge the source, in tiles"
    )
    imagine.add_argument(
        "--within",
        type=box,
        metavar=BOX,
        help="where to put the source on a larger canvas; the area around it is outpainted",
    )


def _add_imagic(imagine: argparse.ArgumentParser) -> None:
    """Add the options of Imagic, whose prompt describes the result."""
    imagine.add_argument(
        "--imagic",
        type=float,
        nargs="?",
        const=True,
        metavar="ETA",
        help="tune the model to the source, then paint what the prompt describes; ETA is between 0 "
        "(the source) and 1 (the prompt); by default, a sheet from "
        f"{ALONG_ETA.values[0]} to {ALONG_ETA.values[-1]} is painted and the best one named",
    )
    for stage in ("embedding", "tuning"):
        imagine.add_argument(
            f"--{stage}-steps",
            type=int,
            help=f"steps of Imagic's {stage} stage (default: the model's)",
        )


def _add_restoring(imagine: argparse.ArgumentParser) -> None:
    """Add the options of restoring a damaged image."""
    imagine.add_argument(
        "--restore",
        action="store_true",
        help="restore the source: remove noise, and scratches where --mask is white",
    )
    imagine.add_argument(
        "--noise",
        type=float,
        help="noise level, 0 to 0.5 (default: estimated from the source, or 0 with scratches)",
    )
    imagine.add_argument(
        "--find-scratches", action="store_true", help="also detect long, thin scratches"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the request through the worker's own loop, in this process."""
    if problem := _nothing_said(arguments):
        return complain(problem)
    if arguments.restore and arguments.source is None:
        return complain("--restore needs a picture to restore: --source FILE.")
    if not arguments.restore and (arguments.noise is not None or arguments.find_scratches):
        return complain("--noise and --find-scratches need --restore.")
    if arguments.imagic is not None and arguments.edit is not None:
        return complain(
            "--edit follows an instruction and --imagic a description. Choose one of them."
        )
    suits = _suits(arguments)
    axes = _axes(arguments)
    try:
        for words in (arguments.prompt, arguments.negative):
            check_braces(words)
        arguments.out.mkdir(parents=True, exist_ok=True)
        source = _source(arguments)
        adapters, offered = adapters_of(arguments, axes)
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
            feedback=feedback_of(arguments),
            source=source,
            image_guidance=_kept(arguments),
            varied=arguments.varied,
            imagic=_imagic(arguments),
            adapters=adapters,
            offered=offered,
            tiled=source is not None and source.in_tiles,
            filter=arguments.filter,
            axes=axes,
            grid=arguments.grid,
            previews=False,
            out=arguments.out,
        )
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}.")
    except Refused as refused:
        return complain(str(refused))
    if isinstance(arguments.imagic, float):
        request = dataclasses.replace(request, eta=arguments.imagic)
    return paint(arguments, arguments.model, lambda _: request)


def _nothing_said(arguments: argparse.Namespace) -> str | None:
    """Return what is wrong with an empty prompt; None if there is one, or none is needed."""
    if arguments.prompt.strip() or arguments.restore or arguments.times > 1:
        return None
    if arguments.edit is not None:
        return 'The instruction is empty; say what to change, such as "make the sky pink".'
    return 'The prompt is empty; say what to paint, such as "a lighthouse in a storm".'


def _reference(path: Path) -> Reference:
    from generation.images.tensors import digest_of

    return Reference(path=path, digest=digest_of(path.read_bytes()))


def _source(arguments: argparse.Namespace) -> Source | None:
    from generation.images.tensors import digest_of

    if arguments.source is None:
        return None
    strength = arguments.source_strength
    if strength is None:
        strength = RESTYLED if arguments.times == 1 else ENLARGED
        if arguments.restore:
            strength = RESTORED
        if arguments.imagic is not None:
            strength = 1.0
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


def _suits(arguments: argparse.Namespace) -> Defaults:
    """Return the default steps, guidance and scheduler for this kind of request."""
    if arguments.restore:
        return RESTORING
    if arguments.edit is not None:
        return usual_editing(arguments.model)
    return usual(arguments.model) if arguments.times == 1 else ENLARGING


def _kept(arguments: argparse.Namespace) -> float | None:
    """Return the image guidance of an edit; None if the request is not an edit."""
    if arguments.edit is True:  # given without a number
        return usual_editing(arguments.model).image_guidance
    keep: float | None = arguments.edit
    return keep


def _axes(arguments: argparse.Namespace) -> tuple[Axis, ...]:
    """Return the axes that were given, else the one that a kind of request has by itself."""
    axes = tuple(axis for axis in (arguments.across, arguments.down) if axis is not None)
    return (ALONG_ETA,) if arguments.imagic is True and not axes else axes


def _imagic(arguments: argparse.Namespace) -> Imagic | None:
    """Return the settings for fitting the model to the source; None if it is not to be fitted."""
    if arguments.imagic is None:
        return None
    wished = {name: getattr(arguments, name) for name in ("embedding_steps", "tuning_steps")}
    said = {name: value for name, value in wished.items() if value is not None}
    return dataclasses.replace(usual_imagic(arguments.model), **said)


def _mend(arguments: argparse.Namespace) -> Restoration | None:
    if not arguments.restore:
        return None
    scratched = arguments.mask is not None or arguments.find_scratches
    noise = 0.0 if arguments.noise is None and scratched else arguments.noise
    return Restoration(noise=noise, scratches=arguments.find_scratches)


def box(written: str) -> Box:
    """Parse a part of an image, written as LEFT,TOP,RIGHT,BOTTOM."""
    left, top, right, bottom = (float(share) for share in written.split(","))
    return Box(left=left, top=top, right=right, bottom=bottom)


def _axis(words: str) -> Axis:
    parameter, _, values = words.partition("=")
    try:
        return read_axis(parameter.strip(), values)
    except Refused as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _aspect(words: str) -> float:
    try:
        width, height = (float(side) for side in words.split(":"))
        return width / height
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(
            f"{words} is not an aspect ratio. Write it like 3:2"
        ) from None
