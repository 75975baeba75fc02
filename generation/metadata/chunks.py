"""Texts in a file's metadata: a PNG's text chunks, a JPEG's EXIF.

In EXIF, `parameters` is the user comment, where other programs look for it, and `konomi` is the
maker note, whose content is up to the maker.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

from PIL import Image

NAMES = ("konomi", "parameters")

EXIF_MORE, EXIF_NOTE, EXIF_COMMENT = 0x8769, 0x927C, 0x9286

HEAD = 2**20
"""Number of bytes of a file that are read: generation data precedes the pixels."""

MOST_CHARACTERS = 2**16
"""Length limit of texts that are read; ours has room for all possible references."""

UNICODE = b"UNICODE\0"
MOST_EXIF = 65_000
"""Largest EXIF block in bytes; a JPEG segment holds 65,533."""


def texts_in(head: bytes) -> dict[str, str]:
    """Return the texts in the head of a PNG or JPEG; none if it is neither.

    Pillow limits the size that a compressed text may unpack to, and opening decodes no pixels.
    """
    try:
        with Image.open(io.BytesIO(head), formats=("PNG", "JPEG")) as picture:
            if picture.format == "PNG":
                return {n: t for n in NAMES if isinstance(t := picture.info.get(n), str)}
            more = picture.getexif().get_ifd(EXIF_MORE)
    except (
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
        TypeError,
        Warning,
        Image.DecompressionBombError,
        struct.error,
    ):
        return {}
    texts = {}
    note, comment = more.get(EXIF_NOTE), more.get(EXIF_COMMENT)
    # Cameras write maker notes of their own; ours is JSON.
    if isinstance(note, bytes) and note.startswith(b"{"):
        texts["konomi"] = note.decode("utf-8", "replace")
    if isinstance(comment, bytes):
        texts["parameters"] = _comment(comment)
    return texts


def exif_of(texts: Mapping[str, str]) -> bytes:
    """Return the texts as EXIF, leaving out any that do not fit."""
    raw = {
        EXIF_COMMENT: UNICODE + texts.get("parameters", "").encode("utf-16-be"),
        EXIF_NOTE: texts.get("konomi", "").encode(),
    }
    exif, left = Image.Exif(), MOST_EXIF
    more = exif.get_ifd(EXIF_MORE)
    for tag, written in raw.items():
        if len(written) <= left:
            more[tag] = written
            left -= len(written)
    return exif.tobytes()


def _comment(raw: bytes) -> str:
    """Decode an EXIF user comment: eight bytes that name the encoding, then the text."""
    code, text = raw[:8].rstrip(b"\0 "), raw[8:]
    if code != UNICODE.rstrip(b"\0"):
        return text.decode("utf-8", "replace")
    # EXIF leaves the byte order of UTF-16 open; a text in Latin letters reveals it.
    low_first = text[1::2].count(0) > text[0::2].count(0)
    return text.decode("utf-16-le" if low_first else "utf-16-be", "replace")
