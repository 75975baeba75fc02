"""The refusal of a request, which every rule of this package raises."""

from __future__ import annotations

from generation.protocol.events import Reason


class Refused(Exception):
    """A request cannot be done; its message is a sentence that says what to do instead."""

    def __init__(self, detail: str, reason: Reason = Reason.INVALID) -> None:
        super().__init__(detail)
        self.reason = reason
