"""Measure pictures for a training: size, sharpness, and a perceptual hash to find near-duplicates.

`python -m generation.images.inspection SECONDS BYTES FILE …` prints a line of JSON for each cleaned
picture; `generation.images.sandbox` calls it, so that the bot loads neither numpy nor scipy.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import imagehash
import numpy as np
from PIL import Image

from generation.images.limits import limit

SIDE = 256
"""Longer side in pixels to which a larger picture is scaled before its sharpness is measured."""
LEAST_VARIANCE = 1.0
"""Of grey levels; a picture of one colour is not blurred."""
GRID = 8
"""Rows and columns of fields whose mean colours tell pictures of the same outlines apart."""


def inspect(picture: Image.Image) -> dict[str, Any]:
    """Return what is measured of a cleaned picture."""
    fields = picture.resize((GRID, GRID), Image.Resampling.BOX)
    return {
        "width": picture.width,
        "height": picture.height,
        "sharpness": round(sharpness_of(picture), 5),
        "phash": str(imagehash.phash(picture)),
        "colours": fields.tobytes().hex(),
    }


def sharpness_of(picture: Image.Image) -> float:
    """Return the variance of the Laplacian as a share of the variance of the grey levels.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000); as a share, it says
    the same of a faint drawing and of one full of contrast.
    """
    grey = picture.convert("L")
    scale = SIDE / max(grey.size)
    if scale < 1:
        size = max(3, round(grey.width * scale)), max(3, round(grey.height * scale))
        grey = grey.resize(size, Image.Resampling.BOX)
    levels = np.asarray(grey, np.float64)
    variance = float(levels.var())
    if variance < LEAST_VARIANCE or min(levels.shape) < 3:
        return 1.0
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float((around - 4 * levels[1:-1, 1:-1]).var()) / variance


def main(seconds: str, size: str, *files: str) -> int:
    """Measure files within limits of time and memory, one line of JSON each."""
    limit(int(seconds), int(size))
    for file in files:
        with Image.open(file, formats=("PNG",)) as picture:
            print(json.dumps(inspect(picture.convert("RGB"))))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
