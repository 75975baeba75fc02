"""A small world of drawn shapes: everything the embedded model has ever seen.

A `Scene` states every attribute of a picture; `draw` paints it and `captions` describes it
in words that may leave attributes unsaid.  Scorers (`scorers.py`) read attributes back
from pixels, so that every claim about the model can be checked without a human.
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
"""Side of every picture, in pixels."""

SUPERSAMPLING = 4
"""Pictures are drawn this much larger and averaged down, which anti-aliases every edge."""

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
"""Names of the nine colours (of shapes and of backgrounds) and their sRGB values."""

SHAPES = ("circle", "square", "triangle", "star", "heart", "cross")
RESERVED_SHAPES = ("crescent", "arrow")
FILLS = ("solid", "striped", "dotted", "outlined")
RESERVED_FILLS = ("checked", "hatched")
"""What is reserved no training of the embedded model ever draws, but scorers know it: new
concepts, for measuring how well the training methods teach one."""

SIZES = {1: {"small": 0.24, "large": 0.34}, 2: {"small": 0.16, "large": 0.205}}
"""How many objects there are, names of the sizes, and the radius as a share of the side."""

PLACES = {1: ("middle", "left", "right", "top", "bottom"), 2: ("beside", "above")}
"""Where one object is; how two are arranged: side by side, or one above the other."""

PERIOD = 12
"""Of patterns, in pixels.  Not 8, which is one latent: a pattern repeated with every latent
makes them all alike, and from latents that are alike convolutions can only paint a plain
surface.  Patterns begin at the object's centre, as if printed on it."""

LATTICE = 4
"""Objects lie on a lattice of so many pixels, half a latent."""

RIM = 3
"""Least width of the line around a shape that is not solid, in pixels: of thinner ones the
autoencoder leaves crumbs, by which no shape can be told."""

MARGIN = 0.02
"""Least distance of an object from the picture's edge, as a share of the side."""

JITTER = {
    "middle": (1, 1),
    "left": (0, 1),
    "right": (0, 1),
    "top": (1, 0),
    "bottom": (1, 0),
    "beside": (0, 1),
    "above": (1, 0),
}
"""Greatest shift from a place, right or left and up or down, in steps of the lattice."""

PAIRS = 0.2
"""Share of the scenes that have two objects."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that a picture shows.

    Two objects are alike in everything.  `x`, `y` shift the objects from their place, in
    steps of the lattice.
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
        """Of each object, as a share of the side."""
        return SIZES[self.count][self.size]

    @property
    def held_out(self) -> bool:
        """Whether training leaves out its combination of shape, colour and fill.

        One in nine is left out; every pair of attributes still occurs.
        """
        if not (self.shape in SHAPES and self.fill in FILLS):
            return False
        numbers = SHAPES.index(self.shape), list(COLOURS).index(self.colour), FILLS.index(self.fill)
        return (numbers[0] + numbers[1] + 2 * numbers[2]) % 9 == 4

    def centres(self) -> list[Point]:
        """The middle of each object, as shares of the side."""
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
    """A scene drawn evenly over the attributes that `fixed` leaves open.

    The colour of what it shows always differs from the background's: it would be invisible.
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
    """Paint a scene: an RGB picture of SIDE × SIDE pixels."""
    big = SIDE * SUPERSAMPLING
    ink = Image.new("L", (big, big), 0)
    for centre, points in zip(scene.centres(), outlines(scene, big), strict=True):
        _draw_object(ink, centre, points, scene)
    picture = Image.new("RGB", (big, big), COLOURS[scene.background])
    picture.paste(Image.new("RGB", (big, big), COLOURS[scene.colour]), mask=ink)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def outlines(scene: Scene, side: int) -> Iterator[list[Point]]:
    """The outline of each object, in pixels of a picture of `side` × `side`."""
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
    """(side, side) of 0 and 1: where a fill paints the inside of a shape around `centre`."""
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
    """Of the line around a shape that is not solid: the whole fill, or a thin edge to a pattern.

    radius: in pixels of a picture of `side` × `side`.
    """
    return max((0.2 if fill == "outlined" else 0.11) * radius, RIM * side / SIDE)


def draw_rim(pen: ImageDraw.ImageDraw, points: list[Point], width: float) -> None:
    """Trace an outline in white."""
    pen.line([*points, points[0], points[1]], fill=255, width=round(width), joint="curve")
