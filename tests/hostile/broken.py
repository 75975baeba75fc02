"""Files that nobody's program would write, that are cut off or damaged, or no pictures at all."""

from __future__ import annotations

import io
import itertools
import random
import zipfile
from collections.abc import Iterator

from tests.hostile import raw
from tests.hostile.odd import Odd, made, saved, scene, texts

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bit depths that PNG allows for each colour type."""


def by_hand() -> Iterator[Odd]:
    """Files that nobody's program would write."""
    for colour, depth in itertools.product((0, 1, 2, 3, 4, 5, 6, 255), (0, 1, 2, 4, 8, 16, 32)):
        name = f"PNG of colour type {colour}, {depth} bits"
        if depth in DEPTHS.get(colour, ()):
            yield made(name, raw.flat_png(7, 8, depth, colour), picture=True)
            continue
        header = raw.header(7, 8, depth, colour)
        yield made(name, raw.png_of_chunks(header, raw.pixels(bytes(500)), raw.END), picture=False)
    for size in ((1, 1), (2, 2), (5, 3), (64, 64), (1, 300), (300, 1)):
        data = raw.interlaced_png(*size)
        yield made(f"interlaced PNG of {size[0]} × {size[1]}", data, picture=True)
    whole = raw.chunks_of(saved(scene("P"), "PNG"))
    rng = random.Random(1)
    for number in range(25):
        order = rng.sample(whole, len(whole))
        yield made(f"PNG of shuffled chunks, {number}", raw.png_of_chunks(*order))
    for number, dropped in enumerate(whole):
        rest = [each for each in whole if each is not dropped]
        yield made(f"PNG without {dropped[0]!r}", raw.png_of_chunks(*rest))
        twice = [*whole[:number], dropped, *whole[number:]]
        yield made(f"PNG with {dropped[0]!r} twice", raw.png_of_chunks(*twice))
    for name, rows in {"too few": bytes(4), "too many": bytes(2**20), "no": b""}.items():
        data = raw.png_of_chunks(raw.header(8, 8), raw.pixels(rows), raw.END)
        yield made(f"PNG with {name} rows", data)
    for filtering in (5, 255):
        rows = bytes([filtering, *range(24)]) * 8
        data = raw.png_of_chunks(raw.header(8, 8), raw.pixels(rows), raw.END)
        yield made(f"PNG with the filter {filtering}", data)
    for at, screen in itertools.product(
        ((0, 0, 1, 1), (60, 60, 9, 9), (0, 0, 65_535, 1)), ((1, 1), (64, 64), (0, 0))
    ):
        yield made(f"GIF of {screen} with a frame at {at}", raw.gif(*screen, [at]))


def no_pictures() -> Iterator[Odd]:
    """Everything else, and files that are two things at once."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("evil.js"), "alert(1)")
    packed, png, jpeg = buffer.getvalue(), saved(scene(), "PNG"), saved(scene(), "JPEG")
    moving = saved(scene("P"), "GIF")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
    none = {
        "nothing": b"",
        "a byte": b"\x89",
        "zeros": bytes(10_000),
        "words": b"not a picture",
        "HTML": b"<!doctype html><script>alert(1)</script>",
        "SVG": svg,
        "SVG of a billion laughs": b"<!DOCTYPE svg [<!ENTITY a 'ha'>]>" + svg,
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        "PDF": b"%PDF-1.7\n",
        "ZIP": packed,
        "a program": b"\x7fELF\x02\x01\x01" + bytes(500),
        "a script": b"#!/bin/sh\nrm -rf /\n",
        "push graphic-context": b"push graphic-context\nfill 'url(https://a/\"|ls \"-la)'\npop\n",
        "a pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        "a film": b"\0\0\0\x20ftypisom" + bytes(500),
        "AVIF": b"\0\0\0\x20ftypavif" + bytes(500),
        "HEIC": b"\0\0\0\x18ftypheic" + bytes(500),
        "JPEG XL": b"\xff\x0a" + bytes(100),
        "sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(100),
        "PNG behind HTML": b"<html>" + png,
        "JPEG behind PDF": b"%PDF-1.4\n" + jpeg,
        "GIF as base64": b"data:image/gif;base64,R0lGODlhAQABAAAAACw=",
    }
    for name, data in none.items():
        yield made(name, data, picture=False)
    for before, (name, behind) in itertools.product(
        (("PNG", png), ("JPEG", jpeg), ("GIF", moving), ("WebP", saved(scene(), "WEBP"))),
        (("ZIP", packed), ("HTML", b"<script>alert(1)</script>"), ("PNG", png), ("PDF", b"%PDF-1")),
    ):
        yield made(f"{before[0]} with {name} behind", before[1] + behind, picture=True)
    for signature in (raw.PNG, b"\xff\xd8\xff", b"GIF89a", b"GIF87a", b"RIFF\x10\0\0\0WEBPVP8 "):
        for size in (0, 10, 3000):
            data = signature + random.Random(size).randbytes(size)
            yield made(f"{signature[:6]!r} and {size} bytes of noise", data)
    yield made("GIF that is a script", b"GIF89a=1;alert(1)//" + moving[6:])
    yield made("PNG with PHP for text", saved(scene(), "PNG", pnginfo=texts(("a", "<?php 1;"))))
    comment = saved(scene(), "JPEG", comment=b"*/=alert(1)/*")
    yield made("JPEG that is a script", comment, picture=True)


def _bases() -> dict[str, bytes]:
    return {
        "PNG": saved(scene(), "PNG"),
        "palette PNG": saved(scene("P"), "PNG", transparency=bytes(range(256))),
        "16-bit PNG": saved(scene("I;16"), "PNG"),
        "interlaced PNG": raw.interlaced_png(40, 40),
        "JPEG": saved(scene(), "JPEG"),
        "progressive JPEG": saved(scene(), "JPEG", progressive=True),
        "CMYK JPEG": saved(scene("CMYK"), "JPEG"),
        "WebP": saved(scene(), "WEBP"),
        "lossless WebP": saved(scene("RGBA"), "WEBP", lossless=True),
        "GIF": saved(scene("P"), "GIF"),
    }


def cut_off() -> Iterator[Odd]:
    """Every format, cut at many places."""
    for name, data in _bases().items():
        for share in range(12):
            length = len(data) * share // 12 + share
            yield made(f"{name} cut at {length}", data[:length])


def damaged() -> Iterator[Odd]:
    """Bits turned over, bytes put in, taken out and repeated."""
    rng = random.Random(4)
    for name, data in _bases().items():
        for number in range(26):
            damaged = bytearray(data)
            for _ in range(rng.choice((1, 3, 30))):
                at = rng.randrange(len(damaged))
                match number % 4:
                    case 0:
                        del damaged[at : at + rng.randrange(1, 50)]
                        damaged += b"\0"
                    case 1:
                        damaged[at:at] = damaged[at : at + rng.randrange(1, 500)]
                    case _:
                        damaged[at] ^= 1 << rng.randrange(8)
            yield made(f"{name} damaged, {number}", bytes(damaged))
