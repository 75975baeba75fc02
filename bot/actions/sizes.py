"""Picture sizes: parse a member's text, and check that a size can be painted and is wise."""

from __future__ import annotations

import dataclasses
import re

from bot.errors import Refusal
from bot.text import messages as text
from bot.text import refusals
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint
from generation.requests.sizes import (
    MAX_AREA,
    MIN_SIDE,
    MOST_ASPECT,
    MULTIPLE,
    Far,
    better_size,
    far_from_native,
    sides_of,
)
from generation.requests.validation import GIGABYTE, shortage_of

NAMED = {
    "square": 1.0,
    "portrait": 2 / 3,
    "landscape": 3 / 2,
    "正方形": 1.0,
    "縦長": 2 / 3,
    "横長": 3 / 2,
}
"""Named aspect ratios: those of photographs."""

SHORT = {
    (True, True): refusals.MEMORY_SIZE_OR_STEERING,
    (True, False): refusals.MEMORY_SIZE,
    (False, True): refusals.MEMORY_STEERING,
    (False, False): refusals.MEMORY_NOTHING,
}
"""Refusals when memory is short, by (a smaller size would fit, fewer references would fit)."""

FAR = {Far.LARGE: text.SIZE_LARGE, Far.SMALL: text.SIZE_SMALL}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """Sides in pixels, or width over height at the model's native area; None: the default."""

    width: int | None = None
    height: int | None = None
    aspect: float | None = None


def wanted_size(size: str | None, width: int | None, height: int | None) -> Size:
    """Return the size from either way of giving it; `Refusal` if both are used."""
    if size is None:
        return Size(width=width, height=height)
    if width is not None or height is not None:
        raise Refusal(refusals.SIZE_TWICE)
    return parse_size(size)


def parse_size(size: str) -> Size:
    """Parse "512x768", "512 × 768" or "512" (pixels), "3:2" or "portrait"; otherwise `Refusal`."""
    if (aspect := NAMED.get(size.strip().lower())) is not None:
        return Size(aspect=aspect)
    if match := re.fullmatch(r"\s*(\d{1,5})\s*(?:[xX×*]\s*(\d{1,5})\s*)?", size):
        return Size(width=int(match[1]), height=int(match[2] or match[1]))
    number = r"(\d{1,4}(?:\.\d{1,4})?)"
    match = re.fullmatch(rf"\s*{number}\s*[:：/]\s*{number}\s*", size)
    if match is None or not float(match[1]) or not float(match[2]):
        raise Refusal(refusals.SIZE_NOT_UNDERSTOOD, given=size[:40])
    return Size(aspect=float(match[1]) / float(match[2]))


def check_size(size: Size, card: ModelCard | None, area: int = MAX_AREA) -> None:
    """Raise `Refusal` for a size that no model paints, or that this card's model does not.

    area: the largest, in native ones.
    """
    if size.aspect is not None and not 1 / MOST_ASPECT <= size.aspect <= MOST_ASPECT:
        raise Refusal(refusals.ASPECT_OUT_OF_RANGE, most=MOST_ASPECT)
    for side in (size.width, size.height):
        if side is not None and side % MULTIPLE and side >= MIN_SIDE:
            nearest = round(side / MULTIPLE) * MULTIPLE
            raise Refusal(
                refusals.SIDE_NOT_MULTIPLE, multiple=MULTIPLE, given=side, nearest=nearest
            )
    width, height = sides(size, card)
    for side in (width, height):
        if side is not None and side < MIN_SIDE:
            raise Refusal(refusals.SIDE_TOO_SMALL, least=MIN_SIDE, given=side)
    if card is None or width is None or height is None:
        return  # The generator checks again once it knows its model.
    most = area * card.width * card.height
    if width * height > most:
        side = int(most**0.5) // MULTIPLE * MULTIPLE
        raise Refusal(refusals.AREA_TOO_LARGE, width=width, height=height, side=side)


def check_memory(request: Paint, size: tuple[int, int], card: ModelCard) -> None:
    """Raise `Refusal` if it does not fit into the generator's memory, even on its own."""
    short = shortage_of(request, size, card, MULTIPLE)
    if short is None:
        return
    phrase = SHORT[short.size is not None, short.references is not None]
    better = short.size or (0, 0)
    raise Refusal(
        phrase,
        width=size[0],
        height=size[1],
        steering=len({*request.liked, *request.disliked}),
        needed=short.needed / GIGABYTE,
        limit=short.limit / GIGABYTE,
        better_width=better[0],
        better_height=better[1],
        count=short.references,
    )


def sides(size: Size, card: ModelCard | None) -> tuple[int | None, int | None]:
    """Return width and height as far as they are known."""
    if card is None:
        return size.width, size.height
    if size.aspect is not None:
        return sides_of(size.aspect, card.width * card.height, MULTIPLE)
    return size.width or card.width, size.height or card.height


def size_warning(locale: str, size: tuple[int, int], native: tuple[int, int]) -> str | None:
    """Return the warning for a size far from the model's native one, or None."""
    far = far_from_native(*size, native)
    if far is None:
        return None
    named = {"size": size, "native": native, "better": better_size(*size, native)}
    return FAR[far](locale, **{name: f"{w} × {h}" for name, (w, h) in named.items()})
