"""What a request may ask for, and the sentence for one that asks for something else."""

from __future__ import annotations

import math

from generation.messages import MAX_PICTURES, SCHEDULERS, Box, ModelCard, Paint, Reason, Source

MAX_STEPS = 150
MAX_GUIDANCE = 30.0
MIN_SIDE = 64
MAX_AREA = 4
"""Times the model's native area; a model repeats itself long before that."""
MAX_REFERENCES = 64
MAX_SEED = 2**63 - 1
LEAST_SHARE = 0.1
"""Of a picture's width and height that a part of it takes: thinner ones say nothing."""


class Refused(Exception):
    """A request cannot be done; its message is a sentence that says what to do instead."""

    def __init__(self, detail: str, reason: Reason = Reason.INVALID) -> None:
        super().__init__(detail)
        self.reason = reason


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
    if not 1 <= request.count <= MAX_PICTURES:
        raise Refused(f"Ask for 1 to {MAX_PICTURES} pictures, not {request.count}.")
    if not 1 <= request.steps <= most_steps(request.scheduler):
        raise Refused(f"Ask for 1 to {most_steps(request.scheduler)} steps, not {request.steps}.")
    if not 1 <= request.guidance <= MAX_GUIDANCE:
        raise Refused(f"Guidance goes from 1 to {MAX_GUIDANCE:g}, not {request.guidance:g}.")
    if request.scheduler not in SCHEDULERS:
        raise Refused(f"There is no scheduler {request.scheduler}; use {_either(SCHEDULERS)}.")
    if not 0 <= request.seed <= MAX_SEED - MAX_PICTURES:
        raise Refused("A seed is a whole number from 0 to about 9 × 10¹⁸.")
    if not request.out.is_dir():
        raise Refused(f"There is no folder {request.out} to paint into.")
    _check_feedback(request)
    if request.source is not None:
        check_source(request.source, request.steps)
    native = (card.width, card.height)
    return _check_size(request, card, multiple, usual or native)


def most_steps(scheduler: str) -> int:
    """LCM picks its steps out of the 50 that its models were distilled from."""
    return 50 if scheduler == "lcm" else MAX_STEPS


def _check_size(
    request: Paint, card: ModelCard, multiple: int, usual: tuple[int, int]
) -> tuple[int, int]:
    width, height = request.width or usual[0], request.height or usual[1]
    most = MAX_AREA * card.width * card.height
    for name, side in (("width", width), ("height", height)):
        if side < MIN_SIDE:
            raise Refused(f"The {name} must be at least {MIN_SIDE} pixels, not {side}.")
        if side % multiple:
            nearest = max(math.ceil(MIN_SIDE / multiple), round(side / multiple)) * multiple
            raise Refused(
                f"The {name} must be a multiple of {multiple}; nearest to {side} is {nearest}."
            )
    if width * height > most:
        side = int(most**0.5) // multiple * multiple
        raise Refused(
            f"{width} × {height} is too large for {card.name}; "
            f"it paints up to the area of {side} × {side}."
        )
    return width, height


def check_source(source: Source, steps: int) -> None:
    """Raise `Refused` where a picture to begin from is given parts or a strength that cannot be."""
    if not 0 < source.strength <= 1:
        raise Refused(f"Strength goes from above 0 to 1, not {source.strength:g}.")
    if int(steps * source.strength) < 1:
        raise Refused(
            f"With {steps} steps, a strength of {source.strength:g} takes none of them; "
            f"ask for at least {math.ceil(100 / steps) / 100:g}."
        )
    parts = source.anew if source.within is None else (*source.anew, source.within)
    if not all(_is_part(part) for part in parts):
        raise Refused(
            "A part of a picture is left, top, right, bottom: shares from 0 to 1, and at least "
            f"{LEAST_SHARE:g} wide and high."
        )


def _is_part(box: Box) -> bool:
    sides = ((box.left, box.right), (box.top, box.bottom))
    return all(a >= 0 and b <= 1 and b - a >= LEAST_SHARE for a, b in sides)


def _check_feedback(request: Paint) -> None:
    feedback = request.feedback
    if not 0 <= feedback.start <= feedback.end <= 1:
        raise Refused("Feedback starts and ends between 0 and 1, and starts before it ends.")
    for name, amount in (
        ("strength", feedback.strength),
        ("floor", feedback.floor),
        ("dislike scale", feedback.dislike_scale),
    ):
        if not 0 <= amount <= 10:
            raise Refused(f"Feedback's {name} goes from 0 to 10, not {amount:g}.")
    if not 0 <= feedback.explore <= 1:
        raise Refused(f"The share that explores goes from 0 to 1, not {feedback.explore:g}.")
    references = (*request.liked, *request.disliked)
    if len(references) > MAX_REFERENCES:
        raise Refused(f"At most {MAX_REFERENCES} pictures can steer, not {len(references)}.")
    if not all(0 <= reference.weight < math.inf for reference in references):
        raise Refused("A reference's weight is a number from 0 up.")


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
