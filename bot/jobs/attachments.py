"""Which pictures Discord does not take as the PNGs that they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MIB = 2**20

MOST_BYTES = 10 * MIB
"""Of a file.  Boosts allow a server more, but they come and go, and pages are drawn again."""
MOST_TOGETHER = 24 * MIB
"""Of all files of a message: Discord takes 25 MiB, the page itself among them."""


def most_bytes(pictures: int, beside: Sequence[Path] = ()) -> int:
    """How large each of so many pictures may be, attached together with the files `beside`.

    Blocks.
    """
    left = MOST_TOGETHER - sum(size_of(path) for path in beside)
    return min(MOST_BYTES, left // max(1, pictures))


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where it is gone."""
    return path.stat().st_size if path.is_file() else 0
