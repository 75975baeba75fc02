"""What a member asks to have painted, checked, and as the JSON that a round remembers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from bot import refusal_text as refusals
from bot.errors import Refusal
from generation.catalog import usual_feedback
from generation.feedback import explores
from generation.messages import MAX_PICTURES, Feedback, ModelCard
from generation.prompts import DEEPEST, MOST_BRACES, BadPrompt, Fault, chosen
from generation.requests import MAX_AREA, MAX_GUIDANCE, MIN_SIDE, most_steps

MAX_PROMPT = 1500
"""Characters; text encoders read far less, and a message has to have room for it."""
MAX_SEED = 2**53 - 1 - MAX_PICTURES
"""The largest whole number that Discord's options carry exactly, less the round's other seeds."""
MAX_STRENGTH = 10.0
MULTIPLE = 8
"""Sides are multiples of this many pixels: one latent."""

SCHEDULER_NAMES = {
    "euler_a": "Euler ancestral",
    "euler": "Euler",
    "heun": "Heun",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_karras": "DPM++ 2M Karras",
    "dpmpp_sde": "DPM++ SDE",
    "unipc": "UniPC",
    "ddim": "DDIM",
    "pndm": "PNDM",
    "lms": "LMS",
    "lcm": "LCM",
}
"""The schedulers of `generation.messages.SCHEDULERS`, as people call them."""

BRACES = {
    Fault.UNMATCHED: refusals.BRACES_UNMATCHED,
    Fault.TOO_MANY: refusals.BRACES_TOO_MANY,
    Fault.UNREADABLE: refusals.BRACES_UNREADABLE,
}

OPTIONS_OF_FEEDBACK = ("start", "end", "strength", "explore")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Pictures that someone wants.

    None stands for any seed, for the model's native side, and for the model's usual feedback.
    """

    prompt: str
    negative_prompt: str = ""
    count: int = 4
    seed: int | None = None
    steps: int = 20
    guidance: float = 6.0
    width: int | None = None
    height: int | None = None
    scheduler: str = "euler_a"
    feedback_start: float | None = None
    feedback_end: float | None = None
    feedback_strength: float | None = None
    feedback_explore: float | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Wish:
        """The wish that a round's parameters came from."""
        names = (field.name for field in dataclasses.fields(cls))
        return cls(**{name: parameters[name] for name in names if name in parameters})

    def parameters(self, *, seed: int, model: str) -> dict[str, Any]:
        """What a round remembers of it, now that its seed and model are settled."""
        feedback = self.feedback(model)
        return {
            **dataclasses.asdict(self),
            "seed": seed,
            "model": model,
            **{f"feedback_{name}": getattr(feedback, name) for name in OPTIONS_OF_FEEDBACK},
        }

    def feedback(self, model: str) -> Feedback:
        """As wished, and for the rest as usual with this model."""
        wished = {name: getattr(self, f"feedback_{name}") for name in OPTIONS_OF_FEEDBACK}
        said = {name: value for name, value in wished.items() if value is not None}
        return dataclasses.replace(usual_feedback(model), **said)


def feedback_of(parameters: Mapping[str, Any]) -> Feedback:
    """When and how strongly references steer a round with these parameters."""
    return Wish.of(parameters).feedback(parameters["model"])


def picture_parameters(
    parameters: Mapping[str, Any], place: int, seed: int, liked: int
) -> dict[str, Any]:
    """Those with which picture `place` of a round with `liked` references would be painted
    again, by itself."""
    explored = explores(feedback_of(parameters), place, parameters["count"], liked)
    return {
        **parameters,
        "prompt": chosen(parameters["prompt"], seed),
        "negative_prompt": chosen(parameters["negative_prompt"], seed),
        "count": 1,
        "seed": seed,
        "feedback_explore": float(explored),
    }


def check(wish: Wish, model: str, card: ModelCard | None = None) -> None:
    """Raise `Refusal` if a wish is out of range; `card` is the model's, once it is loaded."""
    if not wish.prompt.strip():
        raise Refusal(refusals.NO_PROMPT)
    for prompt in (wish.prompt, wish.negative_prompt):
        if len(prompt) > MAX_PROMPT:
            raise Refusal(refusals.PROMPT_TOO_LONG, length=len(prompt), most=MAX_PROMPT)
        _check_braces(prompt)
    if not 1 <= wish.count <= MAX_PICTURES:
        raise Refusal(refusals.COUNT_OUT_OF_RANGE, most=MAX_PICTURES, given=wish.count)
    most = most_steps(wish.scheduler)
    if not 1 <= wish.steps <= most:
        raise Refusal(refusals.STEPS_OUT_OF_RANGE, most=most, given=wish.steps)
    if not 1 <= wish.guidance <= MAX_GUIDANCE:
        raise Refusal(refusals.GUIDANCE_OUT_OF_RANGE, most=MAX_GUIDANCE, given=wish.guidance)
    if wish.seed is not None and not 0 <= wish.seed <= MAX_SEED:
        raise Refusal(refusals.SEED_OUT_OF_RANGE, most=MAX_SEED)
    feedback = wish.feedback(model)
    if not 0 <= feedback.start <= feedback.end <= 1:
        raise Refusal(refusals.FEEDBACK_WINDOW)
    if not 0 <= feedback.strength <= MAX_STRENGTH:
        raise Refusal(refusals.FEEDBACK_STRENGTH, most=MAX_STRENGTH, given=feedback.strength)
    if not 0 <= feedback.explore <= 1:
        raise Refusal(refusals.FEEDBACK_EXPLORE, given=feedback.explore)
    _check_size(wish, card)


def _check_braces(prompt: str) -> None:
    try:
        chosen(prompt, 0)
    except BadPrompt as error:
        said = BRACES[error.fault]
        raise Refusal(said, most=MOST_BRACES, deepest=DEEPEST) from error


def sides(size: str | None, width: int | None, height: int | None) -> tuple[int | None, int | None]:
    """Width and height from either way of giving them; `Refusal` where both are used."""
    if size is None:
        return width, height
    if width is not None or height is not None:
        raise Refusal(refusals.SIZE_TWICE)
    return parse_size(size)


def parse_size(size: str) -> tuple[int, int]:
    """Width and height in pixels of "512x768", "512 × 768" or "512"; `Refusal` for the rest."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*(?:[xX×*]\s*(\d{1,5})\s*)?", size)
    if match is None:
        raise Refusal(refusals.SIZE_NOT_UNDERSTOOD, given=size[:40])
    return int(match[1]), int(match[2] or match[1])


def _check_size(wish: Wish, card: ModelCard | None) -> None:
    for side in (wish.width, wish.height):
        if side is None:
            continue
        if side < MIN_SIDE:
            raise Refusal(refusals.SIDE_TOO_SMALL, least=MIN_SIDE, given=side)
        if side % MULTIPLE:
            nearest = max(MIN_SIDE, round(side / MULTIPLE) * MULTIPLE)
            raise Refusal(
                refusals.SIDE_NOT_MULTIPLE, multiple=MULTIPLE, given=side, nearest=nearest
            )
    if card is None:
        return  # The generator checks again once it knows its model.
    width, height = wish.width or card.width, wish.height or card.height
    most = MAX_AREA * card.width * card.height
    if width * height > most:
        side = int(most**0.5) // MULTIPLE * MULTIPLE
        raise Refusal(refusals.AREA_TOO_LARGE, width=width, height=height, side=side)
