"""Files whose records of how they were made are written to do harm."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generation.metadata.record import parameter_texts
from generation.protocol.requests import Paint
from tests.hostile import raw
from tests.hostile.odd import saved, scene

DIGEST = "0" * 64
DIGITS = "9" * 4000


def honest() -> dict[str, Any]:
    """A record that would be painted."""
    request = Paint(job="", model="shapes", prompt="a star", out=Path())
    found: dict[str, Any] = json.loads(parameter_texts(request, 7, 64, 96)["konomi"])
    return found


def text_chunk(name: str, text: bytes) -> tuple[bytes, bytes]:
    return b"iTXt", name.encode() + bytes(5) + text


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    first, *rest = raw.chunks_of(saved(scene(), "PNG"))
    return raw.png_of_chunks(first, *chunks, *rest)


def png_saying(text: str | bytes, name: str = "konomi") -> bytes:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return png_with(text_chunk(name, data))


def written(change: Mapping[str, str]) -> str:
    """The honest record as JSON with fields replaced by JSON of which nothing is checked."""
    marks = {name: f"@{number}@" for number, name in enumerate(change)}
    said = json.dumps(honest() | marks)
    for name, mark in marks.items():
        said = said.replace(json.dumps(mark), change[name])
    return said


def jpeg_with_exif(tags: int) -> bytes:
    """A JPEG whose EXIF names so many values that lie nowhere."""
    entries = b"".join(
        struct.pack("<HHII", 0x100 + number % 0x7000, 2, 1000, 0x7FFFFFF0) for number in range(tags)
    )
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", tags) + entries + bytes(4)
    jpeg = saved(scene(), "JPEG")
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def hostile_records() -> Iterator[tuple[str, bytes]]:
    """Names and files, none of which may be painted from."""
    numbers = ("steps", "seed", "width", "guidance")
    for name in numbers:
        for kind, value in {
            "4,000 digits": DIGITS,
            "minus 4,000 digits": f"-{DIGITS}",
            "5,000 digits": "9" * 5000,
            "10**999 as a float": "1e999",
            "NaN": "NaN",
            "infinity": "-Infinity",
            "a list": "[1]",
            "a text": '"1"',
            "true": "true",
            "2**63": str(2**63),
        }.items():
            # A share of them is enough for the others.
            if name == "steps" or kind in ("4,000 digits", "10**999 as a float"):
                yield f"{kind} as {name}", png_saying(written({name: value}))
    source = f'{{"digest": "{DIGEST}", "strength": 0.5, "times": {DIGITS}}}'
    yield "4,000 digits as times", png_saying(written({"source": source}))
    deep = "[" * 30_000 + "]" * 30_000
    yield "deep JSON", png_saying(deep)
    yield "deep JSON in a field", png_saying(written({"prompt": deep}))
    yield "deep objects", png_saying('{"a":' * 10_000 + "1" + "}" * 10_000)
    yield "a lone surrogate as an escape", png_saying(written({"prompt": '"\\ud800"'}))
    yield "a lone surrogate in UTF-8", png_saying(written({"prompt": '"\ud800"'}))
    yield "no UTF-8", png_saying(b"\xff\xfe{\x80")
    yield "no JSON", png_saying("{")
    yield "a field twice", png_saying('{"version": 1, "version": 2}')
    yield "many fields", png_saying(json.dumps({f"f{n}": n for n in range(4000)}))
    yield "a megabyte of prompt", png_saying(written({"prompt": f'"{"x" * 2**20}"'}))
    yield "too long", png_saying(written({"prompt": f'"{"x" * 2**17}"'}))
    nothing = zlib.compress(bytes(200 * 2**20), 9)
    yield "a bomb of zTXt", png_with((b"zTXt", b"konomi\0\0" + nothing))
    yield "a bomb of iTXt", png_with((b"iTXt", b"konomi\0\1\0\0\0" + nothing))
    packed = (b"zTXt", b"konomi\0\0" + zlib.compress(bytes(2**20 - 9), 9))
    yield "100 bombs", png_with(*[packed] * 100)
    yield "100,000 chunks", png_with(*[(b"tEXt", b"k\0")] * 100_000)
    yield "EXIF of lies", jpeg_with_exif(5000)
    line = "Steps: {0}, Sampler: {0}, CFG scale: {0}, Seed: {0}, Size: {0}x{0}"
    yield "too long a text of A1111's", png_saying("x" * 2**17 + "\nno steps", "parameters")
    yield "A1111's with nothing", png_saying(line.format("")[7:], "parameters")


def foreign_records() -> Iterator[tuple[str, bytes]]:
    """Those of other programs that mean something, whatever their numbers."""
    line = "a star\nSteps: {0}, Sampler: {0}, CFG scale: {0}, Seed: {0}, Size: {0}x{0}"
    for kind, number in {
        "4,000 digits": DIGITS,
        "20 digits": "9" * 20,
        "0": "0",
        "a negative number": "-1",
        "NaN": "nan",
        "full-width digits": "１２",
    }.items():
        yield kind, png_saying(line.format(number), "parameters")
    commas = "a star\nSteps: 20, " + '"' * 30_000 + "," * 30_000
    yield "quotes and commas", png_saying(commas, "parameters")
    yield "a prompt of tags", png_saying("<lora:" * 10_000 + "\nSteps: 20", "parameters")
