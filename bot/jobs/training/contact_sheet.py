"""Contact sheet of a data set's pictures with their numbers, for those who may see them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

CELL, LABEL, GAP = 160, 20, 6
COLUMNS = 5
GROUND, WRITING = (43, 45, 49), (219, 222, 225)
FADED = 0.65
"""Share of the ground in a picture that is left out."""
QUALITY = 85


def write_sheet(pictures: Sequence[tuple[int, Path, bool]], target: Path) -> Path:
    """Write a sheet of pictures, each with its number, as a JPEG; blocks.

    A picture comes as its number, its file and True if it is trained on; others are faded.
    The place of one whose file cannot be read stays empty.
    """
    columns = min(COLUMNS, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    size = columns * (CELL + GAP) + GAP, rows * (CELL + LABEL + GAP) + GAP
    sheet = Image.new("RGB", size, GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(LABEL - 4)
    for place, (number, path, kept) in enumerate(pictures):
        left = GAP + place % columns * (CELL + GAP)
        top = GAP + place // columns * (CELL + LABEL + GAP)
        if (small := _small(path)) is not None:
            if not kept:
                small = Image.blend(small, Image.new("RGB", small.size, GROUND), FADED)
            corner = left + (CELL - small.width) // 2, top + (CELL - small.height) // 2
            sheet.paste(small, corner)
        draw.text((left + CELL / 2, top + CELL + 1), str(number), WRITING, font, anchor="ma")
    sheet.save(target, "JPEG", quality=QUALITY)
    return target


def _small(path: Path) -> Image.Image | None:
    """Return a picture in the size of a cell; None if its file is gone or damaged."""
    try:
        with Image.open(path, formats=("PNG",)) as opened:
            return ImageOps.contain(opened.convert("RGB"), (CELL, CELL))
    except (OSError, ValueError):
        return None
