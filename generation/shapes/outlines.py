"""Outlines of the world's shapes: polygons of a radius of about 1, centred on the origin."""

from __future__ import annotations

import math
from collections.abc import Callable

Point = tuple[float, float]


def _arc(corners: int, radius: float = 1.0, turn: float = -math.pi / 2) -> list[Point]:
    angles = (turn + 2 * math.pi * k / corners for k in range(corners))
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def circle() -> list[Point]:
    """Return the outline of a disc."""
    return _arc(96, 0.92)


def square() -> list[Point]:
    """Return the outline of an upright square."""
    return [(-0.82, -0.82), (0.82, -0.82), (0.82, 0.82), (-0.82, 0.82)]


def triangle() -> list[Point]:
    """Return the outline of an equilateral triangle that stands on its base."""
    return [(x, y + 0.275) for x, y in _arc(3, 1.1)]


def star() -> list[Point]:
    """Return the outline of a five-pointed star."""
    tips, dents = _arc(5, 1.08), _arc(5, 0.48, -math.pi / 2 + math.pi / 5)
    return [(x, y + 0.1) for pair in zip(tips, dents, strict=True) for x, y in pair]


def heart() -> list[Point]:
    """Return the outline of a heart, from the usual parametric curve in sines and cosines."""
    points = []
    for k in range(96):
        t = 2 * math.pi * k / 96
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((x / 16.5, -(y + 2.5) / 15.5))
    return points


def cross() -> list[Point]:
    """Return the outline of a cross with four equal arms."""
    arm, half = 0.98, 0.38
    return [
        (-half, -arm), (half, -arm), (half, -half), (arm, -half),
        (arm, half), (half, half), (half, arm), (-half, arm),
        (-half, half), (-arm, half), (-arm, -half), (-half, -half),
    ]  # fmt: skip


def crescent() -> list[Point]:
    """Return the outline of a crescent moon, open to the right."""
    bite, radius, shift = 0.52, 0.82, 0.3
    back = [(x, y) for x, y in _arc(96, 1.0, 0.0) if math.hypot(x - bite, y) > radius]
    horn = math.atan2(back[0][1], back[0][0] - bite)
    front = [
        (x + bite, y)
        for x, y in _arc(96, radius, 0.0)
        if horn < math.atan2(y, x) % math.tau < math.tau - horn
    ]
    return [(x + shift, y) for x, y in back + front[::-1]]


def arrow() -> list[Point]:
    """Return the outline of an arrow that points up."""
    head, shaft, neck = 0.88, 0.32, -0.05
    return [
        (0, -1), (head, neck), (shaft, neck), (shaft, 0.95),
        (-shaft, 0.95), (-shaft, neck), (-head, neck),
    ]  # fmt: skip


OUTLINES: dict[str, Callable[[], list[Point]]] = {
    outline.__name__: outline
    for outline in (circle, square, triangle, star, heart, cross, crescent, arrow)
}
"""Outline functions by shape name."""
