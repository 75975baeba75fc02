"""JPEG copy of a picture whose PNG is too large, with the same generation data."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from generation.metadata.chunks import HEAD, exif_of, texts_in

QUALITIES = (95, 90, 80, 70)
"""JPEG qualities in the order tried; below the last one, halving the pixels looks better."""


def jpeg_of(png: Path, most: int) -> bytes:
    """Return the best JPEG of a PNG that fits into `most` bytes, with the PNG's texts as EXIF.

    Raises `OSError`, and ValueError if not even a single pixel fits.
    """
    with png.open("rb") as file:
        exif = exif_of(texts_in(file.read(HEAD)))
    with Image.open(png) as opened:
        picture = opened.convert("RGB")
    while True:
        for quality in QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, exif=exif)
            if len(copy := written.getvalue()) <= most:
                return copy
        if picture.size == (1, 1):
            raise ValueError(f"no JPEG of {png.name} fits into {most} bytes")
        picture = picture.reduce(2)
