"""A stand-in that describes pictures in no time, beside the one that paints.

Lines of `captions.txt` among the notes are what it says, one picture after the other; some mean
that something happens instead.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from generation.protocol.captions import Caption
from generation.protocol.events import (
    Cancelled,
    Captioned,
    CaptionWritten,
    Event,
    Failed,
    Reason,
)

LINES = "captions.txt"
USUAL = "a red star"


class Captions:
    """The requests to describe pictures that the child has, advanced one picture at a time."""

    def __init__(self, notes: Path, held: Callable[[], bool]) -> None:
        """held: tells if the line "hold" still keeps a request where it is."""
        self._lines = notes / LINES
        self._asked = notes / "captioned.txt"
        self._held = held
        self._running: dict[str, list[Path]] = {}
        self._places: dict[str, int] = {}
        self._said = 0

    @property
    def open(self) -> bool:
        """True if there are any."""
        return bool(self._running)

    def add(self, request: Caption) -> None:
        """Take a request."""
        with self._asked.open("a") as file:
            file.write(f"{request.job} {len(request.pictures)}\n")
        self._running[request.job] = list(request.pictures)
        self._places[request.job] = 0

    def cancel(self, job: str) -> Cancelled | None:
        """End a request; None if there is none of this id."""
        return None if self._running.pop(job, None) is None else Cancelled(job=job)

    def advance(self) -> list[Event]:
        """Describe a picture of each request; return what happened."""
        return [event for job in list(self._running) for event in self._next(job)]

    def _next(self, job: str) -> list[Event]:
        left = self._running[job]
        if not left:
            del self._running[job]
            return [Captioned(job=job, seconds=0.01)]
        line = self._line()
        if line == "hold" and self._held():
            return []
        if line == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        for reason in Reason:
            if line == f"fail {reason.value}":
                del self._running[job]
                return [Failed(job=job, reason=reason, detail="Try another.")]
        place = self._places[job]
        self._places[job] += 1
        self._said += 1
        text = line if left.pop(0).is_file() else ""
        return [CaptionWritten(job=job, place=place, text=USUAL if line == "hold" else text)]

    def _line(self) -> str:
        lines = self._lines.read_text("utf-8").splitlines() if self._lines.exists() else []
        return lines[self._said] if self._said < len(lines) else USUAL
