"""Hostile bytes in, clean pictures out; also the program that does so apart from everything else.

`python -m generation.images.sanitize SECONDS BYTES SOURCE TARGET` reads one file and writes a PNG,
within limits of time and memory, and ends with 0 or one of `STATUSES`.  It loads neither torch nor
numpy, so that it starts in a fraction of a second; `generation.images.sandbox` calls it.
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
import warnings
from pathlib import Path

from PIL import (
    ExifTags,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from generation.images.faults import MAX_BYTES, MAX_PIXELS, MAX_WEBP_PIXELS, STATUSES, refused
from generation.images.limits import limit
from generation.protocol.problems import Code
from generation.requests.refused import Refused

FORMATS = tuple(
    plugin.format
    for plugin in (
        PngImagePlugin.PngImageFile,
        JpegImagePlugin.JpegImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
    )
)
SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")
"""First bytes of the supported formats; a file that has them but cannot be read is damaged."""

KEPT_PIXELS = 2**23
"""A little more than 3840 × 2160: no model uses more, and every copy costs memory."""
MAX_PROFILE = 4 * 2**20
"""Largest ICC profile in bytes; the largest for printing have about three million."""
QUICKLY = 1
"""PNG compression level of uploads: a twentieth larger than the default, in half the time."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Transposition that turns an image upright, by EXIF orientation (tag 0x0112)."""


def clean_picture(data: bytes) -> Image.Image:
    """Decode untrusted bytes to a plain sRGB image that keeps nothing of the file but pixels.

    PNG, JPEG, WebP, or a GIF's first frame; turned upright as EXIF says; transparency on white;
    shrunk to `KEPT_PIXELS` if larger.  Raises `Refused`.
    """
    if len(data) > MAX_BYTES:
        raise refused(Code.FILE_TOO_LARGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture, orientation = _read(data)
        # Only now: what comes next costs as much again for every pixel.
        picture = _in_srgb(_shrunk(picture)).convert("RGB")
        if (turn := TURNS.get(orientation)) is not None:
            picture = picture.transpose(turn)
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refused(Code.PICTURE_TOO_LARGE) from error
    picture.info.clear()
    return picture


def _read(data: bytes) -> tuple[Image.Image, int]:
    """Return a file's pixels (grey, RGB or CMYK, as stored) and its EXIF orientation."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            most = MAX_WEBP_PIXELS if opened.format == "WEBP" else MAX_PIXELS
            if opened.width * opened.height > most:
                raise refused(Code.PICTURE_TOO_LARGE)
            opened.load()
            return _opaque(opened), _orientation(opened)
    except (
        Refused,
        MemoryError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise
    except UnidentifiedImageError as error:
        known = data.startswith(SIGNATURES)
        raise refused(Code.PICTURE_BROKEN if known else Code.NO_PICTURE) from error
    except Exception as error:  # whatever broken bytes lead a decoder to
        raise refused(Code.PICTURE_BROKEN) from error


def _orientation(opened: Image.Image) -> int:
    """Return the EXIF orientation, 1 … 8; 1 (upright) if it cannot be read."""
    with contextlib.suppress(Exception):  # a picture is no worse for odd metadata
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _opaque(picture: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to 8-bit grey, RGB or CMYK on white."""
    if picture.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip, not scale
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        # No second copy of one that is so already: a WebP's decoder still holds two.
        drawn = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(drawn, mask=drawn)
        if profile := picture.info.get("icc_profile"):
            ground.info["icc_profile"] = profile
        return ground
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def _shrunk(picture: Image.Image) -> Image.Image:
    """Shrink the image to at most `KEPT_PIXELS`."""
    area = picture.width * picture.height
    if area <= KEPT_PIXELS:
        return picture
    scale = math.sqrt(KEPT_PIXELS / area)
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    return picture.resize(size, Image.Resampling.HAMMING)  # a third of Lanczos' time


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert to sRGB if the image has a readable colour profile."""
    profile = picture.info.get("icc_profile")
    if not profile or len(profile) > MAX_PROFILE:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    return picture if changed is None else changed


def png_of(picture: Image.Image) -> bytes:
    """Encode a sanitised image as PNG; equal pixels give equal bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=QUICKLY)
    return buffer.getvalue()


def main(seconds: str, size: str, source: str, target: str) -> int:
    """Sanitise one file within limits; return 0 or one of `STATUSES` as the exit status."""
    limit(int(seconds), int(size))
    try:
        Path(target).write_bytes(png_of(clean_picture(Path(source).read_bytes())))
    except Refused as bad:
        return STATUSES[bad.problem.code]
    except MemoryError:
        return STATUSES[Code.PICTURE_TOO_LARGE]
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
