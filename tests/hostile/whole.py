"""Odd files with a picture in them: whatever Pillow writes, turned, moving, large or small."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

from PIL import Image

from generation.protocol.problems import Code
from tests.hostile import raw
from tests.hostile.odd import Odd, made, saved, scene, texts

READ = ("PNG", "JPEG", "WEBP", "GIF")
NOT_READ = ("TIFF", "BMP", "ICO", "PPM", "TGA", "DDS", "EPS", "PDF", "JPEG2000", "PCX", "SGI")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F")
SIZES = ((1, 1), (2, 3), (64, 48), (257, 1), (1, 20_000), (20_000, 1))
ORIENTATION = 0x0112


def _savable(picture: Image.Image, kind: str, **options: Any) -> bool:
    try:
        saved(picture, kind, **options)
    except (OSError, ValueError, KeyError, SystemError):
        return False
    return True


def written() -> Iterator[Odd]:
    """Every mode, format and size that can be written, and ways to write them."""
    for kind, mode, size in itertools.product((*READ, *NOT_READ), (*MODES, "I;16"), SIZES):
        picture = scene(mode, size)
        if (kind in READ or size == (64, 48)) and _savable(picture, kind):
            yield Odd(
                name=f"{mode} {size[0]} × {size[1]} as {kind}",
                make=functools.partial(saved, picture, kind),
                picture=kind in READ,
                fault=None if kind in READ else Code.NO_PICTURE,
            )
    ways: tuple[tuple[str, str, dict[str, Any]], ...] = (
        *(("RGB", "JPEG", {"quality": quality}) for quality in (1, 50, 100)),
        *(("RGB", "JPEG", {"subsampling": way}) for way in (0, 1, 2)),
        *((mode, "JPEG", {"progressive": True}) for mode in ("L", "RGB", "CMYK")),
        ("RGB", "JPEG", {"optimize": True, "restart_marker_blocks": 1}),
        ("RGB", "JPEG", {"comment": b"\xff\xd9\0" * 1000}),
        *(("P", "PNG", {"bits": bits}) for bits in (1, 2, 4, 8)),
        *(("P", "PNG", {"transparency": clear}) for clear in (0, b"\0\x80\xff", bytes(256))),
        ("RGB", "PNG", {"transparency": (255, 0, 0)}),
        ("L", "PNG", {"transparency": 7}),
        *(("RGBA", "WEBP", {"lossless": True, "exact": exact}) for exact in (True, False)),
        ("RGBA", "WEBP", {"quality": 1, "alpha_quality": 0}),
        *(("P", "GIF", {"interlace": interlaced}) for interlaced in (0, 1)),
        ("P", "GIF", {"transparency": 0}),
    )
    for mode, kind, options in ways:
        yield Odd(
            name=f"{mode} as {kind} with {options!r:.60}",
            make=functools.partial(saved, scene(mode), kind, **options),
            picture=True,
        )


def turned() -> Iterator[Odd]:
    """Every orientation, and what is none."""
    for value, kind in itertools.product((*range(10), 255, 65_535), ("JPEG", "PNG", "WEBP")):
        exif = Image.Exif()
        exif[ORIENTATION] = value
        yield Odd(
            name=f"orientation {value} as {kind}",
            make=functools.partial(saved, scene(), kind, exif=exif),
            picture=True,
        )
    for kind in ("JPEG", "PNG", "WEBP"):
        xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
        options = {"xmp": xmp} if kind != "PNG" else {"pnginfo": texts(("XML:com.adobe.xmp", xmp))}
        yield Odd(
            name=f"orientation in the XMP of {kind}",
            make=functools.partial(saved, scene(), kind, **options),
            picture=True,
        )


def animated() -> Iterator[Odd]:
    """Moving pictures, of which the first frame counts."""
    frames = [scene().rotate(30 * n) for n in range(12)]
    for kind in ("GIF", "WEBP", "PNG"):
        yield Odd(
            name=f"12 frames as {kind}",
            make=functools.partial(
                saved, frames[0], kind, save_all=True, append_images=frames[1:], duration=50
            ),
            picture=True,
        )
    for frames_of in (2, 5000):
        yield made(f"GIF of {frames_of} frames", raw.gif(8, 8, [(0, 0, 1, 1)] * frames_of), True)
        yield made(f"APNG of {frames_of} frames", raw.animated_png(frames_of), True)
    yield made("GIF without a frame", raw.gif(8, 8))
    single = raw.chunks_of(raw.animated_png(3))
    for number in range(len(single)):
        rest = single[:number] + single[number + 1 :]
        yield made(f"APNG without its part {number}", raw.png_of_chunks(*rest))
