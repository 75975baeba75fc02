"""The loss curve of a training as a small picture, without words: it suits every language."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from bot.views.training.card_data import LossCurve

SIZE = (600, 300)
"""Twice as large as it is shown, for the screens of phones."""
LEFT, TOP, RIGHT, BOTTOM = 74, 18, 584, 262
"""Edges of the plot itself."""
# A ground of its own: it can be read on Discord's dark and light.
GROUND, WRITING, FAINT = "#1b1d21", "#e3e5e8", "#565b63"
TRAINING, VALIDATION = "#7fb0ff", "#ffab70"
FONT_SIZE = 22
SMOOTHING = 0.95
"""Weight of the past in the smoothed curve: about the last twenty steps."""
MOST_POINTS = 200

Points = Sequence[tuple[int, float]]


def smoothed(points: Points, weight: float = SMOOTHING) -> list[tuple[int, float]]:
    """Return the exponential moving average of a curve, without bias towards its start."""
    average, total, smooth = 0.0, 0.0, []
    for step, loss in points:
        average = weight * average + (1 - weight) * loss
        total = weight * total + (1 - weight)
        smooth.append((step, average / total))
    return smooth


def thinned(points: Points, most: int = MOST_POINTS) -> list[tuple[int, float]]:
    """Return at most so many points, evenly chosen, with the last."""
    every = max(1, -(-len(points) // most))
    return [*points[:-1:every], *points[-1:]]


def draw_curve(curve: LossCurve) -> bytes:
    """Draw a curve as a PNG file; the training's is smoothed already.  Blocks."""
    image = Image.new("RGB", SIZE, GROUND)
    draw = ImageDraw.Draw(image)
    points = [*curve.training, *curve.validation]
    scale = _Scale(points)
    for saved in curve.checkpoints:
        for top in range(TOP, BOTTOM, 10):
            draw.line([(scale.x(saved), top), (scale.x(saved), top + 4)], FAINT)
    draw.line([(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)], FAINT, 2)
    font = ImageFont.load_default(FONT_SIZE)
    for loss, anchor in ((scale.least, "rb"), (scale.most, "rt")):
        draw.text((LEFT - 8, scale.y(loss)), f"{loss:.3g}", WRITING, font, anchor)
    for end, side in ((scale.first, "lt"), (scale.last, "rt")):
        draw.text((scale.x(end), BOTTOM + 8), f"{end}", WRITING, font, side)
    for losses, colour in ((curve.training, TRAINING), (curve.validation, VALIDATION)):
        places = [(scale.x(step), scale.y(loss)) for step, loss in losses]
        if len(places) > 1:
            draw.line(places, colour, 4, "curve")
    for place in curve.validation:
        x, y = scale.x(place[0]), scale.y(place[1])
        draw.ellipse([x - 5, y - 5, x + 5, y + 5], VALIDATION)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


class _Scale:
    """Where steps and losses lie in the picture."""

    def __init__(self, points: Points) -> None:
        steps = [step for step, _ in points]
        losses = [loss for _, loss in points]
        self.first, self.last = min(steps), max(steps)
        self.least, self.most = min(losses), max(losses)

    def x(self, step: int) -> float:
        """Return where a step lies."""
        way = (step - self.first) / max(1, self.last - self.first)
        return LEFT + (RIGHT - LEFT) * way

    def y(self, loss: float) -> float:
        """Return where a loss lies."""
        span = self.most - self.least
        way = (loss - self.least) / span if span > 0 else 0.5
        return BOTTOM - (BOTTOM - TOP) * way
