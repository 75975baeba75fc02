"""Profiles, EXIF, XMP, texts and segments: gigantic, thousands of them, or nonsense."""

from __future__ import annotations

import functools
import itertools
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms

from tests.hostile import raw
from tests.hostile.odd import Odd, made, saved, scene

ORIENTATION = 0x0112


def with_metadata() -> Iterator[Odd]:
    """Profiles, EXIF, XMP, texts and segments: gigantic, thousands of them, or nonsense."""
    noise = random.Random(2).randbytes
    profiles = {
        "sRGB": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        "LAB": ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
        "XYZ": ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes(),
        "noise": noise(3000),
        "five million bytes of nothing": bytes(5_000_000),
    }
    profiles["half of sRGB"] = profiles["sRGB"][: len(profiles["sRGB"]) // 2]
    flipped = bytearray(profiles["sRGB"])
    flipped[128:300] = noise(172)
    profiles["sRGB with other tags"] = bytes(flipped)
    for (name, profile), (kind, mode) in itertools.product(
        profiles.items(),
        (
            ("PNG", "L"),
            ("PNG", "RGBA"),
            ("PNG", "P"),
            ("JPEG", "L"),
            ("JPEG", "RGB"),
            ("JPEG", "CMYK"),
            ("WEBP", "RGBA"),
        ),
    ):
        # Pillow unpacks no more than a megabyte of a PNG's profile, and refuses the file.
        wanted = None if kind == "PNG" and len(profile) > 2**20 else True
        yield Odd(
            name=f"profile of {name} in {mode} as {kind}",
            make=functools.partial(saved, scene(mode), kind, icc_profile=profile),
            picture=wanted,
        )
    for name, exif in _exifs().items():
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Odd(
                name=f"EXIF of {name} in {kind}",
                make=functools.partial(saved, scene(), kind, exif=exif),
                picture=True,
            )
    jpeg = saved(scene(), "JPEG")
    segments = {
        "2,000 comments": [(0xFE, b"x" * 500)] * 2000,
        "200 full segments": [(0xE5, noise(65_533))] * 200,
        "60 odd pieces of a profile": [
            (0xE2, b"ICC_PROFILE\0" + bytes([n, 61]) + noise(60_000)) for n in range(60)
        ],
        "odd pieces of XMP": [(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<" * 60_000)] * 20,
        "a list of pictures": [(0xE2, b"MPF\0" + noise(80))],
        "Adobe's tables": [(0xED, b"Photoshop 3.0\x008BIM" + noise(5000))],
        "an odd transformation": [(0xEE, b"Adobe\0\0\0\0\0\0\x07")],
    }
    for name, put in segments.items():
        yield made(f"JPEG with {name}", raw.with_segments(jpeg, *put))
    texts = {
        "10,000 texts": [(b"tEXt", b"k%d\0v" % n) for n in range(10_000)],
        "ten million letters": [(b"tEXt", b"k\0" + b"v" * 10_000_000)],
        "5,000 packed texts": [
            (b"zTXt", b"k%d\0\0" % n + zlib.compress(b"v")) for n in range(5000)
        ],
        "a text in no language": [(b"iTXt", b"k\0\0\0\xff\xfe\0\xff\xfe\0\xff")],
        "half a text": [(b"iTXt", b"k\0\1")],
        "20,000 empty chunks": [(b"quIz", b"")] * 20_000,
        "a farewell to all": [(b"IEND", b"")],
    }
    first, *rest = raw.chunks_of(saved(scene(), "PNG"))
    for name, between in texts.items():
        yield made(f"PNG with {name}", raw.png_of_chunks(first, *between, *rest))


def _exifs() -> dict[str, bytes]:
    entries = struct.pack("<HHII", ORIENTATION, 3, 1, 6) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    round_and_round = b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 8)
    many = b"II*\0" + struct.pack("<IH", 8, 5000) + struct.pack("<HHII", 0x010F, 2, 9, 8) * 5000
    endless = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 3, 2**32 - 1, 0)
    words = Image.Exif()
    words[0x010E] = "x" * 60_000
    words.get_ifd(0x8825)[1] = "N"  # where a photograph was taken
    fractions = (
        b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 5, 1, 30) + bytes(20)
    )
    return {
        "a directory within itself": b"Exif\0\0" + round_and_round,
        "5,000 entries": b"Exif\0\0" + many,
        "four billion values": b"Exif\0\0" + endless,
        "many words": words.tobytes(),
        "a division by zero": b"Exif\0\0" + fractions,
        "noise": b"Exif\0\0" + random.Random(3).randbytes(5000),
        "nothing": b"Exif\0\0",
    }
