"""Keeps what SimCord's page has read of a message's markdown, as it reads all anew at each redraw.

With 60 rounds in the channel that is nine tenths of a redraw's time, and nothing else of the bot
runs meanwhile.
"""

from __future__ import annotations

import contextlib
import functools
import json
import pickle  # Of our own making, and never stored.
import sys
from collections.abc import Callable, Iterator
from typing import Any

from simcord import preview

KEPT = 4096
"""Number of texts."""

READER = "markdown_tokens"
"""SimCord's function from a text, the field it stands in and what its mentions mean to tokens."""


@contextlib.contextmanager
def markdown_kept() -> Iterator[None]:
    """Let SimCord read each text once; nothing changes where a later SimCord has no such reader."""
    readers = [
        module
        for name, module in sys.modules.items()
        if name.startswith(f"{preview.__name__}.") and hasattr(module, READER)
    ]
    plain = {module.__name__: getattr(module, READER) for module in readers}
    kept = {read: keep(read) for read in plain.values()}
    for module in readers:
        setattr(module, READER, kept[plain[module.__name__]])
    try:
        yield
    finally:
        for module in readers:
            setattr(module, READER, plain[module.__name__])


def keep(read: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reader that remembers; each caller gets tokens of its own, to change at will."""

    @functools.lru_cache(KEPT)
    def known(text: str, field: str, context: str) -> bytes:
        return pickle.dumps(read(text, field, context=json.loads(context)))

    def reader(value: Any, profile: str = "message", *, context: Any = None) -> Any:
        if value is None:
            return read(value, profile, context=context)
        return pickle.loads(known(str(value), profile, json.dumps(context, sort_keys=True)))  # noqa: S301

    return reader
