"""A small world of drawn shapes: everything that the embedded model has ever seen.

A `Scene` states every attribute of an image; `draw` paints it, and `captions` describes it, with
some attributes left out if need be.  Scorers (`scorers.py`) read attributes back from pixels, so
that every claim about the model can be checked without a human.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterator, Sequence
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from generation.shapes.outlines import OUTLINES, Point

SIDE = 96
"""Side of every image in pixels."""

SUPERSAMPLING = 4
"""Factor by which images are drawn larger and then averaged down, to anti-alias every edge."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 32, 36),
    "orange": (255, 140, 16),
    "yellow": (252, 226, 50),
    "green": (36, 160, 58),
    "blue": (36, 84, 220),
    "purple": (132, 46, 184),
    "pink": (252, 150, 196),
    "white": (246, 246, 246),
    "black": (22, 22, 26),
}
"""The nine colours, of shapes and of backgrounds: names and sRGB values."""

SHAPES = ("circle", "square", "triangle", "star", "heart", "cross")
RESERVED_SHAPES = ("crescent", "arrow")
FILLS = ("solid", "striped", "dotted", "outlined")
RESERVED_FILLS = ("checked", "hatched")
"""Shapes and fills that the embedded model is never trained on, though scorers know them: new
concepts, for measuring how well a training method teaches one."""

SIZES = {1: {"small": 0.24, "large": 0.34}, 2: {"small": 0.16, "large": 0.205}}
"""Radius of each size as a share of the side, by number of objects and name of the size."""

PLACES = {1: ("middle", "left", "right", "top", "bottom"), 2: ("beside", "above")}
"""Places by number of objects: where one object is, or how two are arranged."""

PERIOD = 12
"""Period of the patterns in pixels.

Not 8, which is one latent: a pattern that repeats with every latent makes them all alike, and from
identical latents convolutions can only paint a plain surface.  Patterns start at the object's
centre, as if printed on it.
"""

LATTICE = 4
"""Spacing in pixels of the lattice on which objects are placed: half a latent."""

RIM = 3
"""Least width in pixels of the line around a shape that is not solid; of thinner lines the
autoencoder leaves fragments, from which the shape cannot be recognised."""

MARGIN = 0.02
"""Least distance of an object from the image's border, as a share of the side."""

JITTER = {
    "middle": (1, 1),
    "left": (0, 1),
    "right": (0, 1),
    "top": (1, 0),
    "bottom": (1, 0),
    "beside": (0, 1),
    "above": (1, 0),
}
"""Greatest horizontal and vertical shift from a place, in steps of the lattice."""

PAIRS = 0.2
"""Share of scenes with two objects."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """Every attribute of an image.

    Two objects have the same attributes.  `x`, `y` shift the objects from their place, in steps of
    the lattice.
    """

    shape: str
    colour: str
    background: str
    fill: str
    size: str
    count: int = 1
    place: str = "middle"
    x: int = 0
    y: int = 0

    @property
    def radius(self) -> float:
        """Radius of each object, as a share of the side."""
        return SIZES[self.count][self.size]

    @property
    def held_out(self) -> bool:
        """True if training leaves out this combination of shape, colour and fill.

        One in nine is left out; every pair of attributes still occurs.
        """
        if not (self.shape in SHAPES and self.fill in FILLS):
            return False
        numbers = SHAPES.index(self.shape), list(COLOURS).index(self.colour), FILLS.index(self.fill)
        return (numbers[0] + numbers[1] + 2 * numbers[2]) % 9 == 4

    def centres(self) -> list[Point]:
        """Centres of the objects, as shares of the side."""
        step = LATTICE / SIDE
        edge = math.floor((0.5 - MARGIN - 1.08 * self.radius) / step)
        quarter = round(0.25 / step)
        steps = {
            "middle": [(0, 0)],
            "left": [(-edge, 0)],
            "right": [(edge, 0)],
            "top": [(0, -edge)],
            "bottom": [(0, edge)],
            "beside": [(-quarter, 0), (quarter, 0)],
            "above": [(0, -quarter), (0, quarter)],
        }[self.place]
        return [(0.5 + step * (x + self.x), 0.5 + step * (y + self.y)) for x, y in steps]


def random_scene(
    random: Random,
    *,
    fills: Sequence[str] = FILLS,
    counts: Collection[int] = (1, 2),
    **fixed: str,
) -> Scene:
    """Draw a random scene, uniformly over the attributes that `fixed` leaves open.

    The object never has the colour of the background, on which it would be invisible.
    """
    background = fixed.get("background") or random.choice(
        [name for name in COLOURS if name != fixed.get("colour")]
    )
    colour = fixed.get("colour") or random.choice([name for name in COLOURS if name != background])
    count = 2 if 2 in counts and (1 not in counts or random.random() < PAIRS) else 1
    place = fixed.get("place") or random.choice(PLACES[count])
    x, y = (random.randint(-most, most) for most in JITTER[place])
    return Scene(
        shape=fixed.get("shape") or random.choice(SHAPES),
        colour=colour,
        background=background,
        fill=fixed.get("fill") or random.choice(fills),
        size=fixed.get("size") or random.choice(("small", "large")),
        count=count,
        place=place,
        x=x,
        y=y,
    )


def draw(scene: Scene) -> Image.Image:
    """Draw a scene: an RGB image of SIDE × SIDE pixels."""
    big = SIDE * SUPERSAMPLING
    ink = Image.new("L", (big, big), 0)
    for centre, points in zip(scene.centres(), outlines(scene, big), strict=True):
        _draw_object(ink, centre, points, scene)
    picture = Image.new("RGB", (big, big), COLOURS[scene.background])
    picture.paste(Image.new("RGB", (big, big), COLOURS[scene.colour]), mask=ink)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def outlines(scene: Scene, side: int) -> Iterator[list[Point]]:
    """Yield the outline of each object, in pixels of an image of `side` × `side`."""
    for x, y in scene.centres():
        yield [
            (side * (x + scene.radius * px), side * (y + scene.radius * py))
            for px, py in OUTLINES[scene.shape]()
        ]


def _draw_object(ink: Image.Image, centre: Point, points: list[Point], scene: Scene) -> None:
    body = Image.new("L", ink.size, 0)
    ImageDraw.Draw(body).polygon(points, fill=255)
    if scene.fill != "solid":
        inside = np.asarray(body) * pattern(scene.fill, ink.width, centre)
        body = Image.fromarray(inside.astype(np.uint8))
        radius = scene.radius * ink.width
        draw_rim(ImageDraw.Draw(body), points, rim_width(scene.fill, radius, ink.width))
    ink.paste(body, mask=body)


def pattern(fill: str, side: int, centre: Point = (0.5, 0.5)) -> np.ndarray:
    """Return the mask (side, side) of 0 and 1 that a fill paints inside a shape around `centre`."""
    at = (np.arange(side) + 0.5) / side
    x, y = ((at - middle) * SIDE / PERIOD for middle in centre)
    y, x = np.meshgrid(y, x, indexing="ij")
    match fill:
        case "solid":
            painted = np.ones_like(x, dtype=bool)
        case "outlined":
            painted = np.zeros_like(x, dtype=bool)
        case "striped":
            painted = y % 1 < 0.5
        case "dotted":
            painted = (x % 1 - 0.5) ** 2 + (y % 1 - 0.5) ** 2 < 0.36**2
        case "checked":
            painted = (x % 1 < 0.5) == (y % 1 < 0.5)
        case "hatched":
            painted = (x + y) % 1 < 0.5
        case _:
            raise ValueError(f"there is no fill {fill!r}")
    return painted.astype(np.uint8)


def rim_width(fill: str, radius: float, side: int) -> float:
    """Return the width of the line around a shape that is not solid.

    An outlined shape consists of its line; a patterned one has a thin edge.  radius: in pixels of
    an image of `side` × `side`.
    """
    return max((0.2 if fill == "outlined" else 0.11) * radius, RIM * side / SIDE)


def draw_rim(pen: ImageDraw.ImageDraw, points: list[Point], width: float) -> None:
    """Draw an outline in white."""
    pen.line([*points, points[0], points[1]], fill=255, width=round(width), joint="curve")
