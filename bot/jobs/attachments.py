"""Attachments: find the pictures that are too large for Discord as PNGs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MIB = 2**20

MOST_BYTES = 10 * MIB
"""Per file.  Boosts allow a server more, but they come and go, and messages are edited later."""
MOST_TOGETHER = 24 * MIB
"""For all files of a message: Discord's limit is 25 MiB, including the message itself."""


def most_bytes(pictures: int, beside: Sequence[Path] = ()) -> int:
    """Return the size limit per picture for so many, attached together with the files `beside`.

    Blocks.
    """
    left = MOST_TOGETHER - sum(size_of(path) for path in beside)
    return min(MOST_BYTES, left // max(1, pictures))


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 if it is gone."""
    return path.stat().st_size if path.is_file() else 0
