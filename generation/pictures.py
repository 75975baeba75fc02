"""Hostile bytes in, clean pictures out."""

from __future__ import annotations

import hashlib
import io
import warnings

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from generation.requests import sides_of

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 32_000_000
MAX_ASPECT = 4.0
"""Beyond this a reference is cropped: a ribbon says little that a picture can follow."""

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3)"""


class BadPicture(Exception):
    """A file is no picture that can be used; the message is a sentence that says why."""


def clean_picture(data: bytes) -> Image.Image:
    """A plain sRGB picture from bytes of any origin; nothing of the file but its pixels.

    PNG, JPEG, WebP, or a GIF's first frame; turned as EXIF says; transparency on white.
    Raises `BadPicture`.
    """
    if len(data) > MAX_BYTES:
        raise BadPicture(f"The file is larger than {MAX_BYTES // 2**20} MiB.")
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(data), formats=FORMATS) as opened,
        ):
            if opened.width * opened.height > MAX_PIXELS:
                raise BadPicture(
                    f"{opened.width} × {opened.height} pixels are too many; "
                    f"at most {MAX_PIXELS // 1_000_000} million."
                )
            opened.load()
            return _flat(_in_srgb(ImageOps.exif_transpose(opened)))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture("This is not a whole PNG, JPEG, WebP or GIF picture.") from error
    except Image.DecompressionBombWarning as error:
        raise BadPicture("The picture has too many pixels.") from error


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Colours as sRGB means them, if the picture brings a profile that can be read."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return picture
    return picture if converted is None else converted


def _flat(picture: Image.Image) -> Image.Image:
    """RGB without transparency or information, from any of Pillow's modes."""
    if picture.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip, not scale
        picture = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    flat = picture.convert("RGB")
    flat.info.clear()
    return flat


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
