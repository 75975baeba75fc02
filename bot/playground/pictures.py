"""Pictures for the page, as they are: SimCord decodes each in a process of its own, one at a time.

It also lets go of a picture as soon as its message shows another, which the browser may not have
asked for yet.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bot.playground.simcord_server import Answer

DECODED_BY_BROWSERS = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
ROOM = 128 * 2**20
"""Bytes."""


class Pictures:
    """Pictures by their ids in SimCord's page, the least recently used forgotten first."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._size = 0

    def get(self, asset: str) -> Answer | None:
        """Return the answer with a picture, if it is there still."""
        found = self._kept.get(asset)
        if found is not None:
            self._kept.move_to_end(asset)
        return found

    def keep(self, asset: str, answer: Answer) -> bool:
        """Keep an answer if it brings a picture that browsers decode; return whether it does."""
        if answer.status != 200 or answer.headers["Content-Type"] not in DECODED_BY_BROWSERS:
            return False
        if asset not in self._kept:
            self._kept[asset] = answer
            self._size += len(answer.body)
        while self._size > self._room and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone.body)
        return True

    def tell_sizes(self, files: Mapping[str, dict[str, Any]]) -> None:
        """Note the pixels of pictures in the page's list of files.

        The page then keeps the place of a picture while it loads; without, all buttons jump
        whenever a preview changes, away from under the pointer.
        """
        for asset, file in files.items():
            known = self._kept.get(asset)
            size = None if known is None else size_of_png(known.body)
            if size is not None:
                file["displayWidth"], file["displayHeight"] = size


def size_of_png(data: bytes) -> tuple[int, int] | None:
    """Return the pixels of a PNG; None for other files, which may be turned when they are shown."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24 or b"eXIf" in data:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height
