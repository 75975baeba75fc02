"""Convert images to tensors and back, and encode PNGs."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3)"""


def fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize the image to this size, cropping the excess evenly."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def resized(picture: Image.Image, width: int, height: int) -> Tensor:
    """Resize and crop the image like `fitted`, to a tensor (1, 3, height, width) in 0 … 1."""
    pixels = torch.from_numpy(np.array(fitted(picture, (width, height)))).permute(2, 0, 1)
    return pixels.unsqueeze(0).float() / 255


def to_pixels(pictures: Tensor) -> Tensor:
    """Convert (B, 3, H, W) in 0 … 1 to (B, H, W, 3) bytes, rounded as in diffusers."""
    return (pictures.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)


def encode_png(pixels: Pixels, texts: dict[str, str]) -> bytes:
    """Encode a PNG with text chunks; equal pixels and texts give equal bytes."""
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=chunks, compress_level=6)
    return buffer.getvalue()


def digest_of(data: bytes) -> str:
    """Return the SHA-256 in hex, a file's name in the store and key in caches."""
    return hashlib.sha256(data).hexdigest()
