"""Small pictures of pictures: the preview while painting, the strip of what steered."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

PREVIEW_SIDE = 256
THUMBNAIL = 96
FRAME = 4
GAP = 8
CAPTION = 20
STRIP_COLUMNS = 8
GROUND = (43, 45, 49)
WRITING = (219, 222, 225)
LIKED = (59, 165, 93)
DISLIKED = (237, 66, 69)


@dataclasses.dataclass(frozen=True, slots=True)
class Thumbnail:
    """One reference in the strip: framed green if liked, red if disliked, its weight below."""

    picture: Image.Image
    weight: float
    liked: bool


def hidden() -> Image.Image:
    """What stands in the strip for a picture that must not be seen there: a crossed-out square."""
    picture = Image.new("RGB", (THUMBNAIL, THUMBNAIL), GROUND)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, THUMBNAIL, THUMBNAIL), fill=WRITING, width=2)
    draw.line((0, THUMBNAIL, THUMBNAIL, 0), fill=WRITING, width=2)
    return picture


def contact_sheet(pictures: Sequence[Image.Image], side: int = PREVIEW_SIDE) -> Image.Image:
    """Equal pictures in a near-square grid, at most `side` pixels wide and high."""
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    width, height = pictures[0].size
    scale = side / max(columns * width, rows * height)
    cell = (max(1, int(width * scale)), max(1, int(height * scale)))
    sheet = Image.new("RGB", (columns * cell[0], rows * cell[1]), GROUND)
    for place, picture in enumerate(pictures):
        corner = (place % columns * cell[0], place // columns * cell[1])
        sheet.paste(picture.resize(cell, Image.Resampling.BICUBIC), corner)
    return sheet


def steering_strip(thumbnails: Sequence[Thumbnail]) -> Image.Image:
    """The references side by side, small, each framed and with its weight written below."""
    columns = min(len(thumbnails), STRIP_COLUMNS)
    rows = math.ceil(len(thumbnails) / columns)
    cell_width, cell_height = THUMBNAIL + GAP, THUMBNAIL + CAPTION + GAP
    strip = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), GROUND)
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(size=14)
    for place, thumbnail in enumerate(thumbnails):
        left = GAP + place % columns * cell_width
        top = GAP + place // columns * cell_height
        inner = THUMBNAIL - 2 * FRAME
        small = thumbnail.picture.copy()
        small.thumbnail((inner, inner), Image.Resampling.LANCZOS)
        colour = LIKED if thumbnail.liked else DISLIKED
        draw.rectangle((left, top, left + THUMBNAIL - 1, top + THUMBNAIL - 1), fill=colour)
        ground = (left + FRAME, top + FRAME, left + FRAME + inner - 1, top + FRAME + inner - 1)
        draw.rectangle(ground, fill=GROUND)
        strip.paste(
            small,
            (left + (THUMBNAIL - small.width) // 2, top + (THUMBNAIL - small.height) // 2),
        )
        sign = "+" if thumbnail.liked else "-"  # The font has no longer minus sign.
        draw.text(
            (left + THUMBNAIL / 2, top + THUMBNAIL + CAPTION / 2),
            f"{sign}{thumbnail.weight:.2f}",
            fill=WRITING,
            font=font,
            anchor="mm",
        )
    return strip


def as_bytes(picture: Image.Image, kind: str) -> bytes:
    """The picture as a "PNG" or "WEBP" file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
