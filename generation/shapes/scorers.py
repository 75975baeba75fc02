"""Reading a scene back from its pixels, so that what a model claims can be checked.

Nothing here is learned.  An attribute that cannot be read is None and counts as wrong.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from generation.shapes.world import COLOURS, SHAPES, SIDE, SIZES, draw_rim

FRAME = 4
"""Width in pixels of the picture's edge, where the background shows."""
VISIBLE = 14.0
"""Least CIELAB distance (ΔE*ab) between a shape and its background."""
KNOWN = 32.0
"""Greatest CIELAB distance at which a colour still goes by a palette colour's name."""
AREA = (0.012, 0.6)
"""Least and greatest area of a shape as a share of the picture."""
LEAST_OVERLAP = 0.72
"""Least intersection over union with a shape's outline for it to be that shape."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reading:
    """What a picture shows, as far as it can be read."""

    shape: str | None
    colour: str | None
    background: str | None
    fill: str | None
    size: str | None
    count: int


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """8-bit sRGB (…, 3) to CIELAB (…, 3) under D65 (IEC 61966-2-1, CIE 15)."""
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
    """CIELAB (3,) of the picture's edge."""
    seen = lab(np.asarray(picture.convert("RGB")))
    edge = np.ones(seen.shape[:2], dtype=bool)
    edge[FRAME:-FRAME, FRAME:-FRAME] = False
    return np.median(seen[edge], axis=0)


def shape_colour(picture: Image.Image) -> Floats | None:
    """CIELAB (3,) of the largest shape, without its soft edge; None where nothing is seen."""
    found = _find(picture)
    return found.colour if found else None


def read(picture: Image.Image) -> Reading:
    """Read every attribute of a picture of SIDE × SIDE pixels."""
    background = _name(background_colour(picture))
    found = _find(picture)
    if found is None:
        return Reading(
            shape=None, colour=None, background=background, fill=None, size=None, count=0
        )
    fill = _fill(found.ink, found.body)
    shape = _shape(found.body, rimmed=fill != "solid")
    return Reading(
        shape=shape,
        colour=_name(found.colour),
        background=background,
        fill=fill,
        size=_size(found.body, shape, rimmed=fill != "solid"),
        count=found.count,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Found:
    """The largest shape: what of the picture is drawn upon, its silhouette, its colour."""

    ink: Mask
    body: Mask
    colour: Floats
    count: int


def _find(picture: Image.Image) -> _Found | None:
    seen = lab(np.asarray(picture.convert("RGB")))
    contrast = np.linalg.norm(seen - background_colour(picture), axis=-1)
    strongest = float(np.percentile(contrast, 99.5))
    if strongest < VISIBLE:
        return None
    ink: Mask = contrast > 0.5 * strongest
    bodies = _bodies(ink)
    if not bodies:
        return None
    body = max(bodies, key=lambda mask: int(mask.sum()))
    core = body & (contrast > 0.8 * strongest)
    if not core.any():
        return None
    return _Found(ink=ink, body=body, colour=np.median(seen[core], axis=0), count=len(bodies))


def _bodies(ink: Mask) -> list[Mask]:
    """Every shape's silhouette, its holes and stripes filled."""
    closed = ndimage.binary_closing(np.pad(ink, 3), iterations=2)[3:-3, 3:-3] | ink
    filled = ndimage.binary_fill_holes(closed)
    labels, count = ndimage.label(filled)
    parts = [labels == k for k in range(1, count + 1)]
    return [part for part in parts if AREA[0] <= part.mean() <= AREA[1]]


def _fill(ink: Mask, body: Mask) -> str | None:
    """How much of the inside, away from the rim, is covered."""
    depth = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1]
    inside = depth > 0.55 * depth.max()
    covered = float(ink[inside].mean())
    if covered > 0.85:
        return "solid"
    return "striped" if covered > 0.18 else "outlined"


def _boxed(body: Mask, side: int = 64) -> Mask:
    """A silhouette centred and scaled to fill a square, its proportions kept."""
    rows, columns = np.nonzero(body)
    crop = body[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    square = np.zeros((max(crop.shape),) * 2, dtype=np.uint8)
    top, left = (square.shape[0] - crop.shape[0]) // 2, (square.shape[1] - crop.shape[1]) // 2
    square[top : top + crop.shape[0], left : left + crop.shape[1]] = 255 * crop
    resized = Image.fromarray(square).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(resized) > 127


@functools.cache
def _template(shape: str, *, rimmed: bool) -> tuple[Mask, float]:
    """A shape's boxed silhouette, and its area at radius 1; a rim makes it a little larger."""
    radius = 200
    canvas = Image.new("L", (3 * radius,) * 2, 0)
    points = [(radius * (1.5 + x), radius * (1.5 + y)) for x, y in SHAPES[shape]()]
    pen = ImageDraw.Draw(canvas)
    pen.polygon(points, fill=255)
    if rimmed:
        draw_rim(pen, points, radius)
    body = np.asarray(canvas) > 127
    return _boxed(body), float(body.sum()) / radius**2


def _shape(body: Mask, *, rimmed: bool) -> str | None:
    boxed = _boxed(body)

    def overlap(shape: str) -> float:
        template, _ = _template(shape, rimmed=rimmed)
        return float((boxed & template).sum() / (boxed | template).sum())

    best = max(SHAPES, key=overlap)
    return best if overlap(best) >= LEAST_OVERLAP else None


def _size(body: Mask, shape: str | None, *, rimmed: bool) -> str | None:
    if shape is None:
        return None
    _, area = _template(shape, rimmed=rimmed)
    radius = math.sqrt(float(body.sum()) / area) / SIDE
    return min(SIZES, key=lambda name: abs(math.log(radius / SIZES[name])))
