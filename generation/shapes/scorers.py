"""Read a scene's attributes back from its pixels, so that claims about a model can be checked.

Nothing here is learned.  An attribute that cannot be read is None and counts as wrong.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from generation.shapes.outlines import OUTLINES
from generation.shapes.world import (
    COLOURS,
    FILLS,
    PERIOD,
    RESERVED_FILLS,
    SIDE,
    SIZES,
    draw_rim,
    pattern,
    rim_width,
)

FRAME = 4
"""Width in pixels of the border of the image that shows the background."""
VISIBLE = 14.0
"""Least CIELAB distance (ΔE*ab) from the background at which a pixel counts as drawn."""
USUAL = 75
"""Percentile of the drawn pixels' distances from the background that stands for the shape's.

Not the maximum: one speck of a third colour would make everything else look faint.
"""
KNOWN = 32.0
"""Greatest CIELAB distance from a palette colour at which a colour still gets its name."""
AREA = (0.012, 0.6)
"""Least and greatest area of a shape, as a share of the image."""
LEAST_OVERLAP = 0.72
"""Least intersection over union with a shape's outline to be recognised as that shape."""
REACHES = (1, 2, 3, 4)
"""Radii in pixels by which gaps in a rim are closed before its inside is filled.

They are tried one after another until shape and fill can be read: a star drawn with a gap in its
line is still a star.
"""
INSIDE, THIN = 0.3, 3.0
"""Where a shape's inside begins: at this share of its greatest depth, and at least this many pixels
deep."""
CORE = 0.5
"""Where a shape's core begins, as a share of its greatest depth: not even our widest outlines reach
it."""
PLAIN = 0.88
"""Least share of the inside that is painted in a solid shape, or of the core that is blank in an
outlined one."""
LEAST_AGREEMENT = 0.7
"""Least share of the inside's pixels that must agree with a pattern to be read as that pattern."""
OFF_CENTRE = 0.07
"""Least distance from the centre to count as left, right, top or bottom, as a share of the side."""
USUAL_RADIUS = 0.22
"""Typical radius of a shape as a share of the side, from which a rim's share of its area
follows."""
PATTERNS = tuple(fill for fill in (*FILLS, *RESERVED_FILLS) if fill not in ("solid", "outlined"))

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reading:
    """The attributes read from an image, named as in `Scene`; None where one cannot be read."""

    shape: str | None
    colour: str | None
    background: str | None
    fill: str | None
    size: str | None
    count: int
    place: str | None


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """Convert 8-bit sRGB (…, 3) to CIELAB (…, 3) under D65 (IEC 61966-2-1, CIE 15)."""
    linear = rgb.astype(np.float64) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


@functools.cache
def _palette() -> Floats:
    return lab(np.array(list(COLOURS.values()), dtype=np.uint8))


def _name(colour: Floats) -> str | None:
    distances = np.linalg.norm(_palette() - colour, axis=1)
    nearest = int(distances.argmin())
    return list(COLOURS)[nearest] if distances[nearest] <= KNOWN else None


def background_colour(picture: Image.Image) -> Floats:
    """Return the CIELAB colour (3,) of the image's border."""
    return _edge(lab(np.asarray(picture.convert("RGB"))))


def _edge(colours: Floats) -> Floats:
    edge = np.ones(colours.shape[:2], dtype=bool)
    edge[FRAME:-FRAME, FRAME:-FRAME] = False
    return np.median(colours[edge], axis=0)


def shape_colour(picture: Image.Image) -> Floats | None:
    """Return the largest shape's CIELAB colour (3,) without its soft edge; None without a shape."""
    found = _find(_see(picture), REACHES[0])
    return found.colour if found else None


def read(picture: Image.Image) -> Reading:
    """Read every attribute of an image of SIDE × SIDE pixels."""
    seen = _see(picture)
    whole = _read(seen, REACHES[0])
    readings = itertools.chain([whole], (_read(seen, reach) for reach in REACHES[1:]))
    return next((each for each in readings if each.shape and each.fill), whole)


def _read(seen: _Seen, reach: int) -> Reading:
    """Read every attribute, closing gaps of up to `reach` pixels."""
    background = _name(seen.background)
    found = _find(seen, reach)
    if found is None:
        return Reading(
            shape=None,
            colour=None,
            background=background,
            fill=None,
            size=None,
            count=0,
            place=None,
        )
    fill = _fill(found)
    shapes = {_shape(body, fill) for body in found.bodies}
    shape = shapes.pop() if len(shapes) == 1 else None
    return Reading(
        shape=shape,
        colour=_name(found.colour),
        background=background,
        fill=fill,
        size=_size(found.bodies, shape, fill),
        count=len(found.bodies),
        place=_place(found.bodies),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Seen:
    """An image in CIELAB, its background colour, and each pixel's distance from it."""

    colours: Floats
    background: Floats
    contrast: Floats


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Found:
    """The mask of drawn pixels, the objects' silhouettes, and their colour."""

    ink: Mask
    bodies: list[Mask]
    colour: Floats


def _see(picture: Image.Image) -> _Seen:
    colours = lab(np.asarray(picture.convert("RGB")))
    background = _edge(colours)
    contrast = np.linalg.norm(colours - background, axis=-1)
    return _Seen(colours=colours, background=background, contrast=contrast)


def _find(seen: _Seen, reach: int) -> _Found | None:
    visible = seen.contrast[seen.contrast > VISIBLE]
    if not visible.size:
        return None
    usual = float(np.percentile(visible, USUAL))
    ink: Mask = seen.contrast > 0.5 * usual
    bodies = _bodies(ink, reach)
    if not bodies:
        return None
    core = np.any(bodies, axis=0) & (seen.contrast > 0.8 * usual)
    if not core.any():
        return None
    return _Found(ink=ink, bodies=bodies, colour=np.median(seen.colours[core], axis=0))


def _bodies(ink: Mask, reach: int) -> list[Mask]:
    """Return each object's silhouette: holes and patterns filled, gaps in its rim closed."""
    room = reach + 1
    closed = ndimage.binary_closing(np.pad(ink, room), _disc(reach))[room:-room, room:-room] | ink
    filled = ndimage.binary_fill_holes(closed)
    labels, count = ndimage.label(filled)
    parts = [labels == k for k in range(1, count + 1)]
    return [part for part in parts if AREA[0] <= part.mean() <= AREA[1]]


def _disc(radius: int) -> Mask:
    across = np.arange(-radius, radius + 1)
    return np.hypot(across[:, None], across) < radius + 0.25


def _fill(found: _Found) -> str | None:
    """Return the pattern that agrees best with the inside, at any offset of its grid."""
    body = np.any(found.bodies, axis=0)
    depth = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1]
    deepest = float(depth.max())
    if found.ink[depth > CORE * deepest].mean() < 1 - PLAIN:
        return "outlined"
    inside = depth > max(INSIDE * deepest, THIN)
    if not inside.any():
        return None
    if found.ink[inside].mean() > PLAIN:
        return "solid"
    agreements = {
        fill: max(float((found.ink == shifted)[inside].mean()) for shifted in _shifts(fill))
        for fill in PATTERNS
    }
    best = max(PATTERNS, key=agreements.__getitem__)
    return best if agreements[best] >= LEAST_AGREEMENT else None


@functools.cache
def _shifts(fill: str) -> tuple[Mask, ...]:
    """Return a pattern once at every offset of its grid."""
    whole = pattern(fill, SIDE) > 0
    shifted = (
        np.roll(whole, (down, right), axis=(0, 1))
        for down in range(PERIOD)
        for right in range(PERIOD)
    )
    return tuple({mask.tobytes(): mask for mask in shifted}.values())


def _boxed(body: Mask, side: int = 64) -> Mask:
    """Centre a silhouette and scale it to fill a square, keeping its aspect ratio."""
    rows, columns = np.nonzero(body)
    crop = body[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    square = np.zeros((max(crop.shape),) * 2, dtype=np.uint8)
    top, left = (square.shape[0] - crop.shape[0]) // 2, (square.shape[1] - crop.shape[1]) // 2
    square[top : top + crop.shape[0], left : left + crop.shape[1]] = 255 * crop
    resized = Image.fromarray(square).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(resized) > 127


@functools.cache
def _template(shape: str, fill: str | None) -> tuple[Mask, float]:
    """Return a shape's boxed silhouette and its area at radius 1; a rim adds a little to both."""
    radius = 200
    canvas = Image.new("L", (3 * radius,) * 2, 0)
    points = [(radius * (1.5 + x), radius * (1.5 + y)) for x, y in OUTLINES[shape]()]
    pen = ImageDraw.Draw(canvas)
    pen.polygon(points, fill=255)
    if fill != "solid":
        side = round(radius / USUAL_RADIUS)
        draw_rim(pen, points, rim_width(fill or "outlined", radius, side))
    body = np.asarray(canvas) > 127
    return _boxed(body), float(body.sum()) / radius**2


def _shape(body: Mask, fill: str | None) -> str | None:
    boxed = _boxed(body)

    def overlap(shape: str) -> float:
        template, _ = _template(shape, fill)
        return float((boxed & template).sum() / (boxed | template).sum())

    best = max(OUTLINES, key=overlap)
    return best if overlap(best) >= LEAST_OVERLAP else None


def _size(bodies: Sequence[Mask], shape: str | None, fill: str | None) -> str | None:
    if shape is None or len(bodies) not in SIZES:
        return None
    _, area = _template(shape, fill)
    seen = float(np.mean([body.sum() for body in bodies]))
    radius = math.sqrt(seen / area) / SIDE
    sizes = SIZES[len(bodies)]
    return min(sizes, key=lambda name: abs(math.log(radius / sizes[name])))


def _place(bodies: Sequence[Mask]) -> str | None:
    """Return where the object is, or how two are arranged, from the centres of their boxes."""
    middles = []
    for body in bodies:
        rows, columns = np.nonzero(body)
        middles.append(((columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2))
    if len(middles) == 1:
        right, down = ((at - SIDE / 2) / SIDE for at in middles[0])
        if max(abs(right), abs(down)) < OFF_CENTRE:
            return "middle"
        if abs(right) > abs(down):
            return "left" if right < 0 else "right"
        return "top" if down < 0 else "bottom"
    if len(middles) == 2:
        (x1, y1), (x2, y2) = middles
        return "beside" if abs(x1 - x2) > abs(y1 - y2) else "above"
    return None
