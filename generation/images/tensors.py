"""Pictures as tensors and back, and as PNGs."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from generation.requests.validation import sides_of

MAX_ASPECT = 4.0
"""Beyond this a reference is cropped: a ribbon says little that a picture can follow."""

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3)"""


def read_size(picture: Image.Image, area: int, multiple: int) -> tuple[int, int]:
    """Width and height at which a reference is read: its own aspect, about `area` pixels.

    Sides are multiples of `multiple`, the aspect at most `MAX_ASPECT`.  References of the
    aspect of the request are read at exactly its size; others are not squashed to it.
    """
    return fitting_sides(picture.width / picture.height, area, multiple)


def fitting_sides(aspect: float, area: float, multiple: int) -> tuple[int, int]:
    """Width and height of about this aspect, within `MAX_ASPECT`, and area."""
    return sides_of(min(max(aspect, 1 / MAX_ASPECT), MAX_ASPECT), area, multiple)


def fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture at this size; what sticks out is cut off evenly."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def resized(picture: Image.Image, width: int, height: int) -> Tensor:
    """The picture at this size, as `fitted` cuts it: (1, 3, height, width), 0 … 1."""
    pixels = torch.from_numpy(np.array(fitted(picture, (width, height)))).permute(2, 0, 1)
    return pixels.unsqueeze(0).float() / 255


def to_pixels(pictures: Tensor) -> Tensor:
    """(B, 3, H, W) in 0 … 1 to (B, H, W, 3) bytes, rounded as diffusers rounds."""
    return (pictures.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)


def encode_png(pixels: Pixels, texts: dict[str, str]) -> bytes:
    """A PNG with text chunks; equal pixels and texts give equal bytes."""
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=chunks, compress_level=6)
    return buffer.getvalue()


def digest_of(data: bytes) -> str:
    """SHA-256 in hex: a file's name in the store and in caches."""
    return hashlib.sha256(data).hexdigest()
