"""Validation of requests: raises a sentence for one that cannot be done."""

from __future__ import annotations

import math
import re

from generation.protocol.events import Reason
from generation.protocol.options import ModelCard
from generation.protocol.requests import (
    MAX_PICTURES,
    SCHEDULERS,
    Box,
    Feedback,
    Imagic,
    Paint,
    Source,
)
from generation.requests.comparisons import BadComparison, check_axes, count_of
from generation.requests.expansion import cell
from generation.requests.memory import MemoryNeed, Shortage, shortage
from generation.requests.refused import Refused
from generation.requests.sizes import MIN_SIDE, size_of

GIGABYTE = 1e9
MAX_STEPS = 150
MAX_GUIDANCE = 30.0
MAX_IMAGE_GUIDANCE = 5.0
MOST_ETA = 2.0
MOST_FITTING = 5000
"""Steps of each of Imagic's stages."""
MOST_TIMES = 4
"""That a source is enlarged."""
MOST_NOISE = 0.5
"""That is taken out of a picture, as a standard deviation of values from 0 to 1; with more, hardly
anything of it is left."""
MAX_REFERENCES = 64
MAX_ADAPTERS = 8
MAX_STRENGTH = 2.0
"""Of an adapter, in either direction; beyond, pictures fall apart."""
MAX_NAME = 100
"""Characters of an adapter's name."""
MAX_SEED = 2**63 - 1
LEAST_SHARE = 0.1
"""Of a picture's width and height that a part of it takes: thinner ones say nothing."""


INSTEAD = {
    (True, True): "Ask for at most {size}, or let at most {count} pictures steer.",
    (True, False): "Ask for at most {size}.",
    (False, True): "Let at most {count} pictures steer.",
    (False, False): "It takes a smaller model, or more memory.",
}
"""Advice when memory is short, by (a smaller size fits, fewer pictures fit)."""


def check(
    request: Paint,
    card: ModelCard,
    model: str,
    multiple: int,
    usual: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """The width and height to paint; `Refused` if the request cannot be done.

    `model` is what the loaded model was asked for as; sides are multiples of `multiple`;
    `usual` is the size where none is said, else the model's native one.
    """
    if request.model not in (card.name, model):
        raise Refused(
            f"This picture needs the model {request.model}, but {card.name} is loaded.",
            Reason.MODEL,
        )
    _check_count(request)
    if not request.out.is_dir():
        raise Refused(f"There is no folder {request.out} to paint into.")
    for place in range(request.count if request.axes else 1):
        _check_values(cell(request, place))
    size = size_of(request, card, multiple, usual)
    if short := shortage_of(request, size, card, multiple):
        instead = INSTEAD[short.size is not None, short.references is not None]
        better = short.size and f"{short.size[0]} × {short.size[1]}"
        raise Refused(
            f"{size[0]} × {size[1]} takes {short.needed / GIGABYTE:.2f} GB of memory, and "
            f"{short.limit / GIGABYTE:.2f} GB may be used. "
            + instead.format(size=better, count=short.references),
            Reason.MEMORY,
        )
    return size


def shortage_of(
    request: Paint, size: tuple[int, int], card: ModelCard, multiple: int
) -> Shortage | None:
    """Return the shortage if a request of this size does not fit into memory, even alone."""
    if card.memory is None:
        return None
    cells = [cell(request, place) for place in range(request.count if request.axes else 1)]
    reads = any(max(one.feedback.strength, one.feedback.floor) > 0 for one in cells)
    references = {one.digest for one in (*request.liked, *request.disliked)} if reads else ()
    need = MemoryNeed(
        width=size[0],
        height=size[1],
        rows=2 if any(one.guidance > 1 for one in cells) else 1,
        references=len(references),
        tile=(card.width, card.height) if request.tiled else None,
    )
    return shortage(card.memory, need, multiple, MIN_SIDE)


def _check_count(request: Paint) -> None:
    if not request.axes:
        if not 1 <= request.count <= MAX_PICTURES:
            raise Refused(f"Ask for 1 to {MAX_PICTURES} pictures, not {request.count}.")
        return
    try:
        check_axes(request.axes, (request.prompt, request.negative_prompt))
    except BadComparison as error:
        raise Refused(str(error)) from error
    if len(request.axes) > 2 or request.count != count_of(request.axes):
        raise Refused("A comparison has one or two parameters, and a picture for each value.")
    parts = {axis.parameter.partition("_")[0] for axis in request.axes}
    if "feedback" in parts and not (request.liked or request.disliked):
        raise Refused("Feedback can be compared once there is a picture that steers.")
    if "image" in parts and request.image_guidance is None:
        raise Refused("Image guidance can be compared where a picture is edited by words.")
    if "source" in parts and request.source is None:
        raise Refused("There is no picture to begin from whose strength could be compared.")


def _check_values(request: Paint) -> None:
    if not 1 <= request.steps <= most_steps(request.scheduler):
        raise Refused(f"Ask for 1 to {most_steps(request.scheduler)} steps, not {request.steps}.")
    if not 1 <= request.guidance <= MAX_GUIDANCE:
        raise Refused(f"Guidance goes from 1 to {MAX_GUIDANCE:g}, not {request.guidance:g}.")
    if request.scheduler not in SCHEDULERS:
        raise Refused(f"There is no scheduler {request.scheduler}; use {_either(SCHEDULERS)}.")
    if not 0 <= request.seed <= MAX_SEED - MAX_PICTURES:
        raise Refused("A seed is a whole number from 0 to about 9 × 10¹⁸.")
    check_feedback(request.feedback)
    _check_references(request)
    _check_adapters(request)
    check_source_of(request)


def check_source_of(request: Paint) -> None:
    """Raise `Refused` where the request's picture cannot be edited, or begun from, so."""
    if request.imagic is not None:
        _check_imagic(request, request.imagic)
    elif request.image_guidance is not None:
        _check_edit(request, request.image_guidance)
    elif request.source is not None:
        _check_source(request.source, request.steps)


def _check_imagic(request: Paint, settings: Imagic) -> None:
    if request.source is None:
        raise Refused("There is no picture to fit the model to.")
    if request.liked or request.disliked or request.tiled:
        raise Refused("A model fitted to one picture follows no likes, and paints no tiles.")
    if not 0 <= request.eta <= MOST_ETA:
        raise Refused(f"η goes from 0 to {MOST_ETA:g}, not {request.eta:g}.")
    for name, steps in (
        ("the embedding", settings.embedding_steps),
        ("the model", settings.tuning_steps),
    ):
        if not 1 <= steps <= MOST_FITTING:
            raise Refused(f"Fit {name} in 1 to {MOST_FITTING:,} steps, not {steps}.")


def _check_edit(request: Paint, image_guidance: float) -> None:
    if request.source is None:
        raise Refused("There is no picture to edit.")
    if not request.prompt.strip():
        raise Refused("Say what is to be changed, such as: make the sky darker.")
    if not 1 <= image_guidance <= MAX_IMAGE_GUIDANCE:
        raise Refused(
            f"Image guidance goes from 1 to {MAX_IMAGE_GUIDANCE:g}, not {image_guidance:g}."
        )
    _check_parts(request.source)


def most_steps(scheduler: str) -> int:
    """LCM picks its steps out of the 50 that its models were distilled from."""
    return 50 if scheduler == "lcm" else MAX_STEPS


def _check_source(source: Source, steps: int) -> None:
    """Raise `Refused` where a picture to begin from cannot be begun from so."""
    if not 1 <= source.times <= MOST_TIMES:
        raise Refused(f"A picture is enlarged 1 to {MOST_TIMES} times, not {source.times}.")
    if not 0 < source.strength <= 1:
        raise Refused(f"Strength goes from above 0 to 1, not {source.strength:g}.")
    if int(steps * source.strength) < 1:
        raise Refused(
            f"With {steps} steps, a strength of {source.strength:g} takes none of them; "
            f"ask for at least {math.ceil(100 / steps) / 100:g}."
        )
    _check_parts(source)
    if source.mend is not None and (source.anew or source.within):
        raise Refused("A picture is restored as a whole; a mask says where it is scratched.")
    noise = source.mend.noise if source.mend else None
    if noise is not None and not 0 <= noise <= MOST_NOISE:
        raise Refused(f"Noise goes from 0 (none) to {MOST_NOISE:g}, not {noise:g}.")


def _check_parts(source: Source) -> None:
    """Raise `Refused` where parts of a picture are none, or too thin to see anything in them."""
    parts = source.anew if source.within is None else (*source.anew, source.within)
    if not all(_is_part(part) for part in parts):
        raise Refused(
            "A part of a picture is left, top, right, bottom: shares from 0 to 1, and at least "
            f"{LEAST_SHARE:g} wide and high."
        )


def _is_part(box: Box) -> bool:
    sides = ((box.left, box.right), (box.top, box.bottom))
    return all(a >= 0 and b <= 1 and b - a >= LEAST_SHARE for a, b in sides)


def check_feedback(feedback: Feedback) -> None:
    """`Refused` where a window or a weight of likes and dislikes is out of range."""
    if not 0 <= feedback.start <= feedback.end <= 1:
        raise Refused("Feedback starts and ends between 0 and 1, and starts before it ends.")
    for name, amount in (
        ("strength", feedback.strength),
        ("floor", feedback.floor),
        ("dislike scale", feedback.dislike_scale),
        ("weight of what explorers avoid", feedback.explore_avoid),
    ):
        if not 0 <= amount <= 10:
            raise Refused(f"Feedback's {name} goes from 0 to 10, not {amount:g}.")
    if not 0 <= feedback.dislike_end <= 1:
        raise Refused(f"Dislikes end between 0 and 1, not at {feedback.dislike_end:g}.")
    if not 0 <= feedback.explore <= 1:
        raise Refused(f"The share that explores goes from 0 to 1, not {feedback.explore:g}.")
    if not 0 <= feedback.explore_guidance <= 1:
        raise Refused(
            "The share of guidance that explorers take goes from 0 to 1, not "
            f"{feedback.explore_guidance:g}."
        )
    if not 0 <= feedback.drop <= 1:
        raise Refused(f"The chance to drop the prompt goes from 0 to 1, not {feedback.drop:g}.")


def _check_references(request: Paint) -> None:
    references = (*request.liked, *request.disliked)
    if len(references) > MAX_REFERENCES:
        raise Refused(f"At most {MAX_REFERENCES} pictures can steer, not {len(references)}.")
    if not all(0 <= reference.weight < math.inf for reference in references):
        raise Refused("A reference's weight is a number from 0 up.")


def _check_adapters(request: Paint) -> None:
    adapters = request.adapters
    if len(adapters) > MAX_ADAPTERS:
        raise Refused(f"At most {MAX_ADAPTERS} adapters act together, not {len(adapters)}.")
    for adapter in adapters:
        if not -MAX_STRENGTH <= adapter.strength <= MAX_STRENGTH:
            raise Refused(
                f"An adapter's strength goes from -{MAX_STRENGTH:g} to {MAX_STRENGTH:g}, "
                f"not {adapter.strength:g}."
            )
        if not re.fullmatch(r"[0-9a-f]{64}", adapter.digest):
            raise Refused("An adapter is named by the SHA-256 of its file.")
        if len(adapter.name) > MAX_NAME:
            raise Refused(f"An adapter's name has at most {MAX_NAME} characters.")
    if len({adapter.digest for adapter in adapters}) < len(adapters):
        raise Refused("Name each adapter once; its strength says how much it acts.")
    if adapters and request.imagic is not None:
        raise Refused("A model fitted to one picture takes no adapters.")
    if adapters and request.image_guidance is not None:
        raise Refused("Adapters act where pictures are painted, not on edits by words.")


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
