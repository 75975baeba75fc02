"""Draw abstract images, so that the autoencoder can reconstruct more than the world contains.

The training methods will be measured by how well they teach a reserved shape or fill, which the
autoencoder must be able to reconstruct although it has never seen one.
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from generation.shapes.world import COLOURS, PERIOD, SIDE, SUPERSAMPLING

BIG = SIDE * SUPERSAMPLING


def scribble(random: Random) -> Image.Image:
    """Draw one to three random polygons, plain or patterned: an RGB image of SIDE × SIDE."""
    picture = Image.new("RGB", (BIG, BIG), _colour(random))
    for _ in range(random.randint(1, 3)):
        mask = Image.new("L", (BIG, BIG), 0)
        points = _polygon(random)
        pen = ImageDraw.Draw(mask)
        if random.random() < 0.3:
            pen.line([*points, *points[:2]], 255, round(BIG * random.uniform(0.02, 0.08)), "curve")
        else:
            pen.polygon(points, fill=255)
            if random.random() < 0.6:
                mask = Image.fromarray(np.asarray(mask) * _repeated(random))
        picture.paste(Image.new("RGB", (BIG, BIG), _colour(random)), mask=mask)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def _colour(random: Random) -> tuple[int, int, int]:
    """Return a random colour: usually one of the world's, sometimes any."""
    if random.random() < 0.75:
        return random.choice(list(COLOURS.values()))
    return (random.randrange(256), random.randrange(256), random.randrange(256))


def _polygon(random: Random) -> list[tuple[float, float]]:
    x, y = (BIG * random.uniform(0.2, 0.8) for _ in range(2))
    radius, turn, corners = BIG * random.uniform(0.1, 0.4), random.random(), random.randint(3, 12)
    points = []
    for k in range(corners):
        angle, reach = math.tau * (turn + k / corners), radius * random.uniform(0.4, 1.1)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _repeated(random: Random) -> np.ndarray:
    """Return (BIG, BIG) of 0 and 1: bars or spots of random width, repeated like the patterns.

    Bars are never slanted like those of a reserved fill, and spots never touch.
    """
    across = (np.arange(BIG) + 0.5) / (PERIOD * SUPERSAMPLING) + random.random()
    down = (np.arange(BIG) + 0.5) / (PERIOD * SUPERSAMPLING) + random.random()
    y, x = np.meshgrid(down, across, indexing="ij")
    share = random.uniform(0.3, 0.7)
    match random.choice(("down", "across", "leaning", "discs", "tiles")):
        case "down":
            painted = x % 1 < share
        case "across":
            painted = y % 1 < share
        case "leaning":
            painted = (x - y) % 1 < share
        case "discs":
            painted = (x % 1 - 0.5) ** 2 + (y % 1 - 0.5) ** 2 < (0.7 * share) ** 2
        case "tiles":
            painted = (x % 1 < share) & (y % 1 < share)
    return painted.astype(np.uint8)
