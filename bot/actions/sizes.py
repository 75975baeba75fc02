"""The size of a picture: as members write it, and whether it is wise."""

from __future__ import annotations

import dataclasses
import re

from bot.errors import Refusal
from bot.text import invalid
from bot.text.problems import said
from generation.protocol.options import ModelCard
from generation.requests.sizes import MULTIPLE, far_from_native, sides_of

NAMED = {
    "square": 1.0,
    "portrait": 2 / 3,
    "landscape": 3 / 2,
    "正方形": 1.0,
    "縦長": 2 / 3,
    "横長": 3 / 2,
}
"""Named aspect ratios: those of photographs."""


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
        raise Refusal(invalid.SIZE_TWICE)
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
        raise Refusal(invalid.SIZE_NOT_UNDERSTOOD, given=size[:40])
    return Size(aspect=float(match[1]) / float(match[2]))


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
    return None if far is None else said(far, locale)
