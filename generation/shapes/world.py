"""A small world of drawn shapes: everything the embedded model has ever seen.

A `Scene` states every attribute of a picture; `draw` paints it and `caption` describes it
in words that may leave attributes unsaid.  Scorers (`scorers.py`) read attributes back
from pixels, so that every claim about the model can be checked without a human.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
from PIL import Image, ImageDraw

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

FILLS = ("solid", "striped", "outlined")
PAINTED_FILLS = ("solid", "outlined")
"""The fills that the embedded model learned to paint; CLIP and the autoencoder know them all."""

SIZES: dict[str, float] = {"small": 0.26, "large": 0.36}
"""Names of the sizes and the shape's radius as a share of the picture's side."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that a picture shows; `x`, `y` are the centre as shares of the side."""

    shape: str
    colour: str
    background: str
    fill: str
    size: str
    x: float = 0.5
    y: float = 0.5


Point = tuple[float, float]
Outline = Callable[[], list[Point]]


def _regular(corners: int, radius: float = 1.0, turn: float = -math.pi / 2) -> list[Point]:
    angles = (turn + 2 * math.pi * k / corners for k in range(corners))
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _circle() -> list[Point]:
    return _regular(96, 0.92)


def _square() -> list[Point]:
    return [(-0.82, -0.82), (0.82, -0.82), (0.82, 0.82), (-0.82, 0.82)]


def _triangle() -> list[Point]:
    return [(x, y + 0.2) for x, y in _regular(3, 1.1)]


def _star() -> list[Point]:
    tips, dents = _regular(5, 1.08), _regular(5, 0.45, -math.pi / 2 + math.pi / 5)
    return [point for pair in zip(tips, dents, strict=True) for point in pair]


def _heart() -> list[Point]:
    points = []
    for k in range(96):
        t = 2 * math.pi * k / 96
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((x / 16.5, -(y + 2.5) / 15.5))
    return points


def _cross() -> list[Point]:
    arm, half = 0.98, 0.36
    quarter = [(-half, -arm), (half, -arm), (half, -half), (arm, -half)]
    return [
        *quarter,
        (arm, half), (half, half), (half, arm), (-half, arm),
        (-half, half), (-arm, half), (-arm, -half), (-half, -half),
    ]  # fmt: skip


SHAPES: dict[str, Outline] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "heart": _heart,
    "cross": _cross,
}
"""Names of the shapes and their outlines as polygons around the origin, about 1 in radius."""


def random_scene(random: Random, fills: Sequence[str] = FILLS, **fixed: str) -> Scene:
    """A scene drawn uniformly over the attributes that `fixed` leaves open.

    The shape's colour always differs from the background's: it would be invisible.
    """
    background = fixed.get("background") or random.choice(
        [name for name in COLOURS if name != fixed.get("colour")]
    )
    colour = fixed.get("colour") or random.choice([name for name in COLOURS if name != background])
    return Scene(
        shape=fixed.get("shape") or random.choice(list(SHAPES)),
        colour=colour,
        background=background,
        fill=fixed.get("fill") or random.choice(fills),
        size=fixed.get("size") or random.choice(list(SIZES)),
        x=0.5 + random.uniform(-0.08, 0.08),
        y=0.5 + random.uniform(-0.08, 0.08),
    )


def draw(scene: Scene) -> Image.Image:
    """Paint a scene: an RGB picture of SIDE × SIDE pixels."""
    big = SIDE * SUPERSAMPLING
    radius = SIZES[scene.size] * big
    points = [
        (scene.x * big + radius * px, scene.y * big + radius * py)
        for px, py in SHAPES[scene.shape]()
    ]
    inside = Image.new("L", (big, big), 0)
    pen = ImageDraw.Draw(inside)
    if scene.fill == "solid":
        pen.polygon(points, fill=255)
    else:
        draw_rim(pen, points, radius)
    if scene.fill == "striped":
        inside = _with_stripes(inside, points, centre=scene.y * big, radius=radius)
    picture = Image.new("RGB", (big, big), COLOURS[scene.background])
    picture.paste(Image.new("RGB", (big, big), COLOURS[scene.colour]), mask=inside)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def draw_rim(pen: ImageDraw.ImageDraw, points: list[Point], radius: float) -> None:
    """Trace an outline in white, a fifth of the shape's radius wide."""
    width = round(0.2 * radius)
    pen.line([*points, points[0], points[1]], fill=255, width=width, joint="curve")


def _with_stripes(
    rim: Image.Image, points: list[Point], *, centre: float, radius: float
) -> Image.Image:
    """Horizontal bars inside the outline, as many at every size, the rim kept."""
    body = Image.new("L", rim.size, 0)
    ImageDraw.Draw(body).polygon(points, fill=255)
    rows = (np.arange(rim.height) - centre) / radius
    bars = (np.floor(rows / 0.26 + 0.5) % 2 == 0)[:, None]
    striped = np.where(bars, np.asarray(body), 0)
    return Image.fromarray(np.maximum(striped, np.asarray(rim)).astype(np.uint8))
