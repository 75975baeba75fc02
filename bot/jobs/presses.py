"""Presses under way: many on one message at the same time are answered by one edit of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

CROWD = 12
"""Most presses and commands that are all answered soon."""


@dataclasses.dataclass(eq=False, slots=True)
class Press:
    """A press that is not answered yet."""

    alone: bool = True
    """False once there was another one on the same message at the same time."""


class Presses:
    """Knows the presses and commands that are not answered yet, and those on each message."""

    def __init__(self) -> None:
        self._open: dict[int, list[Press]] = {}
        self._answering = 0

    @property
    def crowded(self) -> bool:
        """True while so many want an answer that each has to wait for the others."""
        return self._answering > CROWD

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a press or a command until the body ends."""
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1

    @contextmanager
    def on(self, message_id: int) -> Iterator[Press]:
        """Count a press on a message until the body ends."""
        press, here = Press(), self._open.setdefault(message_id, [])
        here.append(press)
        if len(here) > 1:
            for each in here:
                each.alone = False
        try:
            yield press
        finally:
            here.remove(press)
            if not here:
                del self._open[message_id]
