"""Small files that would be large pictures, or take long."""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms

from generation.protocol.problems import Code
from tests.hostile import raw
from tests.hostile.odd import Odd, made, saved, scene

ORIENTATION = 0x0112


def bombs() -> Iterator[Odd]:
    """Small files that would be large pictures, or take long."""
    too_large = {
        "PNG of 100,000 × 100,000": raw.flat_png(1, 1).replace(
            struct.pack(">II", 1, 1), struct.pack(">II", 100_000, 100_000)
        ),
        "GIF of 65,535 × 65,535": raw.gif(65_535, 65_535, [(0, 0, 1, 1)]),
        "JPEG of 65,500 × 65,500": raw.claiming_jpeg(65_500, 65_500),
        "WebP of 16,384 × 16,384": raw.claiming_webp(16_384, 16_384),
    }
    for width, height in ((12_000, 12_000), (6_000, 6_000), (2**31 - 1, 2**31 - 1), (2**31, 1)):
        header = raw.png_of_chunks(raw.header(width, height), raw.pixels(b""), raw.END)
        too_large[f"PNG of {width:,} × {height:,}"] = header
    for name, data in too_large.items():
        yield made(name, data, picture=False)
    for kind in (b"VP8L", b"VP8 "):
        yield made(f"{kind!r} of 16,383 a side", raw.claiming_webp(16_383, 16_383, kind), False)
    nothing = zlib.compress(bytes(200 * 2**20), 9)
    first, *rest = raw.chunks_of(saved(scene(), "PNG"))
    for name, bomb in {
        "text": (b"zTXt", b"k\0\0" + nothing),
        "text of any language": (b"iTXt", b"k\0\1\0\0\0" + nothing),
        "profile": (b"iCCP", b"k\0\0" + nothing),
        "rows": (b"IDAT", nothing),
    }.items():
        yield made(f"PNG with 200 MiB of {name}", raw.png_of_chunks(first, bomb, *rest))
    packed = (b"zTXt", b"k\0\0" + zlib.compress(bytes(2**20 - 9), 9))
    yield made("PNG with 100 MiB of texts", raw.png_of_chunks(first, *[packed] * 100, *rest))


def heavy_bombs() -> Iterator[Odd]:
    """Pictures of as many pixels as may be, and JPEGs that are gone over again and again."""
    wide, tall = (8000, 4000), (4000, 8000)
    for colour, depth, size in (
        (0, 1, wide),
        (0, 16, wide),
        (2, 8, wide),
        (2, 16, tall),
        (3, 8, tall),
        (4, 16, wide),
        (6, 8, tall),
        (6, 16, wide),
    ):
        yield Odd(
            name=f"PNG of 32 million pixels, {size[0]} × {size[1]}, type {colour}, {depth} bits",
            make=functools.partial(raw.flat_png, *size, depth, colour),
            picture=True,
        )
    for ribbon in ((16_000_000, 2), (2, 16_000_000)):
        yield Odd(
            name=f"PNG of {ribbon[0]} × {ribbon[1]}", make=functools.partial(raw.flat_png, *ribbon)
        )
    yield Odd(
        name="PNG of 400 million black and white pixels",
        make=functools.partial(raw.flat_png, 20_000, 20_000, 1, 0),
        fault=Code.PICTURE_TOO_LARGE,
        picture=False,
    )
    ways: tuple[tuple[str, str, tuple[int, int], dict[str, Any]], ...] = (
        ("RGB", "JPEG", wide, {"quality": 60}),
        ("L", "JPEG", wide, {}),
        ("RGB", "JPEG", tall, {"progressive": True, "subsampling": 0}),
        ("CMYK", "JPEG", wide, {"progressive": True}),
        ("RGB", "WEBP", (7000, 4000), {"method": 0}),
        ("RGBA", "WEBP", (4000, 7000), {"method": 0}),
        ("RGBA", "WEBP", (7000, 4000), {"method": 0, "lossless": True, "quality": 0}),
        ("P", "GIF", wide, {}),
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, kind, size, options in ways:
        exif = Image.Exif()
        exif[ORIENTATION] = 6
        more = {} if kind == "GIF" else {"icc_profile": profile, "exif": exif}
        yield Odd(
            name=f"{mode} of {size[0]} × {size[1]} as {kind} with {options!r}",
            make=functools.partial(_large, mode, size, kind, **options, **more),
            # On a slow machine, the largest photographs take too long.
        )
    yield Odd(
        name="WebP of 30 million pixels",
        make=functools.partial(_large, "RGB", (7500, 4000), "WEBP", method=0),
        fault=Code.PICTURE_TOO_LARGE,
        picture=False,
    )
    for side, times in ((4000, 3000), (1000, 20_000), (5000, 200)):
        yield Odd(
            name=f"JPEG that is gone over {times:,} times, {side} a side",
            make=functools.partial(many_scans, side, times),
            fault=Code.PICTURE_TOO_SLOW if side * side * times > 10**10 else None,
        )


def many_scans(side: int = 4000, times: int = 3000) -> bytes:
    """A small file that takes a decoder minutes."""
    picture = Image.new("L", (side, side), "grey")
    return raw.many_scans(saved(picture, "JPEG", progressive=True, optimize=True), times)


def _large(mode: str, size: tuple[int, int], kind: str, **options: Any) -> bytes:
    picture = Image.effect_noise((512, 512), 40).resize(size, Image.Resampling.BILINEAR)
    return saved(picture.convert("RGB").convert(mode), kind, **options)
