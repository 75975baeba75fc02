"""Pictures for the page, as they are: SimCord decodes each in a process of its own, one at a time.

It also lets go of a picture as soon as its message shows another, which the browser may not have
asked for yet.
"""

from __future__ import annotations

from collections import OrderedDict

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
