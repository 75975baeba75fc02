"""Picture files written byte by byte, for what no library would write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

PNG = b"\x89PNG\r\n\x1a\n"
END = (b"IEND", b"")
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column and row, and steps, of the passes of an interlaced PNG."""

Chunk = tuple[bytes, bytes]


def chunk(kind: bytes, data: bytes) -> bytes:
    """One of a PNG's chunks, with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_chunks(*chunks: Chunk) -> bytes:
    """A PNG of these chunks, be they fit or not."""
    return PNG + b"".join(chunk(*each) for each in chunks)


def chunks_of(png: bytes) -> list[Chunk]:
    """The chunks of a PNG."""
    chunks, at = [], len(PNG)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlaced: int = 0) -> Chunk:
    """IHDR; colour: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)


def pixels(data: bytes, level: int = 9) -> Chunk:
    """IDAT of rows that begin with a filter's number."""
    return b"IDAT", zlib.compress(data, level)


def flat_png(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG of zeros, which pack well."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * samples * depth + 7) // 8)
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    palette = [(b"PLTE", bytes(range(48)))] if colour == 3 else []
    return png_of_chunks(header(width, height, depth, colour), *palette, (b"IDAT", packed), END)


def interlaced_png(width: int, height: int) -> bytes:
    """A grey ramp in seven passes."""
    rows = []
    for left, top, across, down in ADAM7:
        row = bytes(x * 255 // width for x in range(left, width, across))
        rows += [b"\0" + row for _ in range(top, height, down)] if row else []
    return png_of_chunks(header(width, height, 8, 0, 1), pixels(b"".join(rows)), END)


def claiming_jpeg(width: int, height: int) -> bytes:
    """A JPEG's beginning with these sides, and nothing behind it."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\x01\x01\x00\x00\x3f\x00"
    parts = [(b"\xdb", bytes(65)), (b"\xc0", frame), (b"\xda", scan)]
    markers = (b"\xff" + kind + struct.pack(">H", len(data) + 2) + data for kind, data in parts)
    return b"\xff\xd8" + b"".join(markers) + bytes(64) + b"\xff\xd9"


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with marker segments put at its beginning."""
    put = (bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data for kind, data in segments)
    return jpeg[:2] + b"".join(put) + jpeg[2:]


def many_scans(progressive: bytes, times: int) -> bytes:
    """A progressive JPEG that goes over its last scan so many times."""
    last = progressive.rindex(b"\xff\xda")
    return progressive[:last] + progressive[last:-2] * times + progressive[-2:]


def gif(width: int, height: int, frames: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """A GIF with this screen, and frames at (left, top, width, height) of no more than a pixel."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    drawn = b"".join(
        b"\x21\xf9\x04\x04\x01\x00\x00\x00"
        + b"\x2c"
        + struct.pack("<HHHHB", *frame, 0)
        # Pixel 1 of 2 colours: clear, 1, end.
        + b"\x02\x02\x4c\x01\x00"
        for frame in frames
    )
    return screen + drawn + b"\x3b"


def riff(*chunks: Chunk) -> bytes:
    """A WebP of these chunks."""
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def claiming_webp(width: int, height: int, kind: bytes = b"VP8X") -> bytes:
    """A WebP's beginning with these sides, and nothing behind it."""
    if kind == b"VP8X":
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        return riff((kind, bytes([0x10, 0, 0, 0]) + sides), (b"VP8L", b"\x2f\0\0\0\0" + bytes(20)))
    if kind == b"VP8L":
        packed = (width - 1) & 0x3FFF | ((height - 1) & 0x3FFF) << 14
        return riff((kind, b"\x2f" + struct.pack("<I", packed) + bytes(64)))
    sides = struct.pack("<HH", width & 0x3FFF, height & 0x3FFF)
    return riff((b"VP8 ", b"\x10\x02\x00\x9d\x01\x2a" + sides + bytes(64)))


def animated_png(frames: int) -> bytes:
    """An APNG of red pixels, with so many frames."""
    control = struct.pack(">II", frames, 0)
    red = zlib.compress(b"\0\xff\0\0")
    parts: list[Chunk] = [header(1, 1), (b"acTL", control)]
    number = 0
    for frame in range(frames):
        parts.append((b"fcTL", struct.pack(">IIIIIHHBB", number, 1, 1, 0, 0, 1, 100, 0, 0)))
        number += 1
        if frame == 0:
            parts.append((b"IDAT", red))
        else:
            parts.append((b"fdAT", struct.pack(">I", number) + red))
            number += 1
    return png_of_chunks(*parts, END)
