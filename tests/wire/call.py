"""One request of a bot, as it is kept on record."""

from __future__ import annotations

import dataclasses
import time
from typing import Any


@dataclasses.dataclass(frozen=True)
class Upload:
    """One file of a request, `files[index]`."""

    index: int
    name: str
    data: bytes
    content_type: str | None


@dataclasses.dataclass
class Call:
    """One request as it came in, and what was answered."""

    method: str
    path: str
    """Decoded, without the query: "/channels/1/messages"."""
    query: dict[str, str]
    form: Any
    uploads: list[Upload]
    headers: dict[str, str]
    at: float = dataclasses.field(default_factory=time.monotonic)
    status: int | None = None
    """None: the connection was dropped, or the request is still under way."""
    answer: Any = None

    @property
    def line(self) -> str:
        """The request in one line: "POST /channels/1/messages"."""
        return f"{self.method} {self.path}"

    def __str__(self) -> str:
        return f"{self.line} → {self.status}"
