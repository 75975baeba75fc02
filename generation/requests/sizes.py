"""Rules on an image's width, height, aspect ratio and area, in pixels."""

from __future__ import annotations

import enum
import math

from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint, Source
from generation.requests.refused import Refused

MULTIPLE = 8
"""Pixels that a latent spans; sides are multiples of it."""
MIN_SIDE = 64
MAX_AREA = 4
"""Largest area in native ones; a model repeats itself long before that."""
MAX_TILED_AREA = 16
"""Largest area in tiles, which do not repeat: an image of native size four times as large."""
MOST_ASPECT = 4.0
"""Largest ratio of one side to the other; a longer reference or source is cropped to it, because a
very long image is a poor example."""
MOST_GROWN = 2.0
"""Native areas that a canvas may grow to by itself; larger images begin to repeat themselves."""
LONG_SIDE, LITTLE_AREA = 1.5, 0.5
"""Multiples of the model's native side and area: beyond the first it repeats itself, below the
second it loses detail."""


class Far(enum.Enum):
    """Ways in which a size is far from a model's native one."""

    LARGE = "The model was made for {native}: at {size} it repeats itself. Try {better}."
    SMALL = "The model was made for {native}: at {size} it loses detail. Try {better}."


def size_of(
    request: Paint, card: ModelCard, multiple: int, usual: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Return the width and height to paint; `Refused` if the model cannot paint them.

    `usual` is the size if the request gives none, else the model's native one.
    """
    native = (card.width, card.height)
    if request.aspect is not None and not (request.width or request.height):
        usual = _by_aspect(request.aspect, native, multiple)
    width, height = usual or native
    width, height = request.width or width, request.height or height
    for name, side in (("width", width), ("height", height)):
        _check_side(name, side, multiple)
    most = (MAX_TILED_AREA if request.tiled else MAX_AREA) * card.width * card.height
    if width * height > most:
        side = int(most**0.5) // multiple * multiple
        raise Refused(
            f"{width} × {height} is too large for {card.name}; "
            f"it paints up to the area of {side} × {side}."
        )
    return width, height


def usual_size(
    image: tuple[int, int], source: Source, native: int, multiple: int
) -> tuple[int, int]:
    """Return the default width and height for a source of this size in pixels.

    `native` is the model's area in pixels.

    A source to be enlarged: its own sides times the factor.  One to be restored: its own size,
    unless that is too large even for tiles.  Otherwise the native area in the source's aspect.

    When outpainting along one axis only, the source keeps its own size, so that nothing of it is
    lost, and the canvas grows by what is added, up to `MOST_GROWN`.  When outpainting along both
    (zooming out), the canvas keeps the usual area and the source shrinks.
    """
    within = source.within
    if source.times > 1:
        width, height = (round(side * source.times / multiple) for side in image)
        return _paintable((width * multiple, height * multiple))
    if source.mend is not None:
        less = min(1.0, (MAX_TILED_AREA * native / (image[0] * image[1])) ** 0.5)
        width, height = (int(side * less) // multiple * multiple for side in image)
        return _paintable((width, height))
    if within is None:
        return _paintable(read_size(image, native, multiple))
    across, down = within.right - within.left, within.bottom - within.top
    area = float(native)
    if max(across, down) == 1:
        own = max(native, image[0] * image[1])
        area = min(own / (across * down), MOST_GROWN * native)
    aspect = image[0] / across / (image[1] / down)
    return _paintable(sides_of(_bounded(aspect), area, multiple))


def read_size(image: tuple[int, int], area: int, multiple: int) -> tuple[int, int]:
    """Return the width and height at which to read a reference: its aspect, about `area` pixels.

    Sides are multiples of `multiple`, the aspect is at most `MOST_ASPECT`.  References with the
    aspect of the request are read at exactly its size; others are not distorted to it.
    """
    return sides_of(_bounded(image[0] / image[1]), area, multiple)


def sides_of(aspect: float, area: float, multiple: int) -> tuple[int, int]:
    """Return a width and height of about this aspect and `area` in pixels.

    Each is the nearest multiple of `multiple`, because an image is made of whole latents.
    """
    width, height = (area * aspect) ** 0.5, (area / aspect) ** 0.5
    return tuple(max(1, round(side / multiple)) * multiple for side in (width, height))


def size_like(
    width: int | None, height: int | None, card: ModelCard | None
) -> tuple[int | None, int | None, float | None]:
    """Return width and height if they are possible, else the aspect; `card` None: loading."""
    if not width or not height:
        return None, None, None
    fits = min(width, height) >= MIN_SIDE and not width % MULTIPLE and not height % MULTIPLE
    if fits and (card is None or width * height <= MAX_AREA * card.width * card.height):
        return width, height, None
    return None, None, _bounded(width / height)


def far_from_native(width: int, height: int, native: tuple[int, int]) -> Far | None:
    """Return how a size is one that a model made for `native` paints badly; None if it is not."""
    if width > LONG_SIDE * native[0] or height > LONG_SIDE * native[1]:
        return Far.LARGE
    if width * height < LITTLE_AREA * native[0] * native[1]:
        return Far.SMALL
    return None


def better_size(width: int, height: int, native: tuple[int, int]) -> tuple[int, int]:
    """Return a size of about this aspect that is not far from `native`."""
    # At the native area a side of 1.5 native ones belongs to an aspect of 1.5 squared.
    aspect = _bounded(width / height, LONG_SIDE**2)
    return sides_of(aspect, native[0] * native[1], MULTIPLE)


def _by_aspect(aspect: float, native: tuple[int, int], multiple: int) -> tuple[int, int]:
    if not 1 / MOST_ASPECT <= aspect <= MOST_ASPECT:
        raise Refused(f"A side can be up to {MOST_ASPECT:g} times as long as the other.")
    return sides_of(aspect, native[0] * native[1], multiple)


def _check_side(name: str, side: int, multiple: int) -> None:
    if side < MIN_SIDE:
        raise Refused(f"The {name} must be at least {MIN_SIDE} pixels, not {side}.")
    if side % multiple:
        nearest = max(math.ceil(MIN_SIDE / multiple), round(side / multiple)) * multiple
        raise Refused(
            f"The {name} must be a multiple of {multiple}; nearest to {side} is {nearest}."
        )


def _bounded(aspect: float, most: float = MOST_ASPECT) -> float:
    """Return the aspect with no side more than `most` times as long as the other."""
    return min(max(aspect, 1 / most), most)


def _paintable(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size with sides of at least `MIN_SIDE`; small models' long images are cropped."""
    return max(MIN_SIDE, size[0]), max(MIN_SIDE, size[1])
