"""A thousand odd and hostile files, the same ones each time, none of them kept anywhere.

Whatever Pillow writes, files that it would not write, and both of them damaged.
"""

from __future__ import annotations

import functools

from tests.hostile.bombs import bombs, heavy_bombs
from tests.hostile.broken import by_hand, cut_off, damaged, no_pictures
from tests.hostile.metadata import with_metadata
from tests.hostile.odd import Odd
from tests.hostile.whole import animated, turned, written


@functools.cache
def hostile() -> tuple[Odd, ...]:
    """Those that any process may open."""
    kinds = (
        written,
        turned,
        animated,
        with_metadata,
        bombs,
        by_hand,
        no_pictures,
        cut_off,
        damaged,
    )
    return tuple(odd for kind in kinds for odd in kind())


@functools.cache
def heavy() -> tuple[Odd, ...]:
    """Those that are about time and memory, for a process with limits alone."""
    return tuple(heavy_bombs())
