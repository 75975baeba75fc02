"""Simulated tastes: a member's hidden favourite, and a preference score in 0 … 1 from pixels.

A favourite concerns what the prompt leaves open.  The score is smooth because taste is: of four
images none of which is right, one still comes closest, and that one gets the like. Colour and fill
are measured in quite different ways, so that a result that holds for both does not depend on either
measure.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from generation.shapes.scorers import Reading, background_colour, lab, shape_colour
from generation.shapes.world import COLOURS, PERIOD, SIDE, SUPERSAMPLING, pattern

FADES = 20.0
"""CIELAB distance (ΔE*ab) at which a colour's score has fallen to 1/e.

Half is left at 14, a difference that nobody overlooks; other colours of the palette score at most
0.1, except for blue and purple, which CIELAB puts close together (0.23).
"""
INSIDE, THIN = 0.4, 3.0
"""Where a shape's inside begins: at this share of its greatest depth, and at least this many pixels
deep."""

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Favourite:
    """A favourite colour, a favourite fill, or both."""

    colour: str | None = None
    fill: str | None = None

    @property
    def kind(self) -> str:
        """The attributes that it concerns, such as "colour and fill"."""
        return " and ".join(name for name, value in dataclasses.asdict(self).items() if value)

    def __str__(self) -> str:
        return " ".join(value for value in (self.fill, self.colour) if value)

    def shown_by(self, reading: Reading) -> bool:
        """Return True if an image with this reading shows the favourite exactly."""
        return self.colour in (None, reading.colour) and self.fill in (None, reading.fill)


def preference(picture: Image.Image, favourite: Favourite) -> float:
    """Return the preference for an image, 0 … 1; 0 where no shape can be seen.

    For a favourite in two attributes it is the geometric mean: neither makes up for the other.
    """
    scores = []
    if favourite.colour:
        scores.append(colour_score(picture, favourite.colour))
    if favourite.fill:
        scores.append(fill_score(picture, favourite.fill))
    return math.prod(scores) ** (1 / len(scores))


def colour_score(picture: Image.Image, colour: str) -> float:
    """Return exp(−distance / FADES), the CIELAB distance of the shape from the palette colour."""
    seen = shape_colour(picture)
    if seen is None:
        return 0.0
    wanted = lab(np.array(COLOURS[colour], dtype=np.uint8))
    return math.exp(-float(np.linalg.norm(seen - wanted)) / FADES)


def fill_score(picture: Image.Image, fill: str) -> float:
    """Return how far the shape's inside agrees with a fill, beyond chance, at any grid offset.

    Agreement is 1 − the mean difference between the drawn ink and the fill's; the agreement of a
    plain inside with the fill scores 0.
    """
    ink = _ink(picture)
    if ink is None:
        return 0.0
    body = _silhouette(ink)
    depth = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1]
    inside = depth > max(INSIDE * float(depth.max()), THIN)
    if not inside.any():
        return 0.0
    grids = _grids(fill)[:, inside]
    agreement, painted = 1 - np.abs(grids - ink[inside]).mean(axis=1), grids.mean(axis=1)
    chance = np.full_like(painted, 0.5) if _plain(fill) else np.maximum(painted, 1 - painted)
    return max(0.0, float(((agreement - chance) / (1 - chance).clip(0.1)).max()))


def _plain(fill: str) -> bool:
    return fill in ("solid", "outlined")


def _ink(picture: Image.Image) -> Floats | None:
    """Return (SIDE, SIDE) ink: 0 where the background shows, 1 where the shape's colour does."""
    colour = shape_colour(picture)
    if colour is None:
        return None
    ground = background_colour(picture)
    step = colour - ground
    seen = lab(np.asarray(picture.convert("RGB"))) - ground
    return np.clip(seen @ step / (step @ step), 0, 1)


def _silhouette(ink: Floats) -> NDArray[np.bool_]:
    """Return the mask of the largest object, its holes and patterns filled."""
    closed = ndimage.binary_closing(np.pad(ink > 0.5, 2))[2:-2, 2:-2] | (ink > 0.5)
    labels, count = ndimage.label(ndimage.binary_fill_holes(closed))
    areas = ndimage.sum_labels(labels > 0, labels, range(1, count + 1))
    return np.asarray(labels == 1 + int(np.argmax(areas)) if count else labels > 0)


@functools.cache
def _grids(fill: str) -> Floats:
    """Return (N, SIDE, SIDE): a fill's anti-aliased ink, once at every offset of its grid."""
    fine = pattern(fill, SIDE * SUPERSAMPLING).astype(np.float64)
    whole = fine.reshape(SIDE, SUPERSAMPLING, SIDE, SUPERSAMPLING).mean(axis=(1, 3))
    places = ((down, right) for down in range(PERIOD) for right in range(PERIOD))
    shifted = (np.roll(whole, place, axis=(0, 1)) for place in places)
    return np.stack(list({grid.tobytes(): grid for grid in shifted}.values()))
