"""A page that is open in a browser: what it was told last, and what can be pressed on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.playground.controls import control_key, message_of, published_controls

KEPT_REVISIONS = 8
"""Number of revisions whose presses are still understood."""

FRESH_SECONDS = 60.0
"""SimCord forgets a page that it has not heard of for ten minutes."""

Components = Callable[[int], Sequence[Any] | None]
"""From a message's id to its components as they are now; None: there is no such message."""

NOWHERE = "gone"
"""A control key of nothing, which SimCord refuses."""


class OpenPage:
    """What one page in a browser shows."""

    def __init__(self, body: bytes, snapshot: Mapping[str, Any], version: int) -> None:
        self.told = version
        """Of the versions that the server counts, the one whose state the browser was sent."""
        self.viewer_id = 0
        self._revisions: dict[int, dict[str, str]] = {}
        self.install(body, snapshot, version)

    def install(self, body: bytes, snapshot: Mapping[str, Any], version: int) -> None:
        """Take a new state in."""
        self._body, self._version, self._installed = body, version, time.monotonic()
        self.viewer_id = int(snapshot["viewerId"])
        self._revisions[snapshot["publishedRevision"]] = published_controls(snapshot)
        while len(self._revisions) > KEPT_REVISIONS:
            del self._revisions[next(iter(self._revisions))]
        self._files = frozenset(snapshot["assets"])

    def new_files(self, snapshot: Mapping[str, Any]) -> list[str]:
        """Return the ids of files in a state that were not in the last one."""
        return sorted(set(snapshot["assets"]) - self._files)

    def state(self, version: int) -> bytes | None:
        """Return the state if nothing has changed since; None where it has to be asked for."""
        fresh = time.monotonic() - self._installed < FRESH_SECONDS
        return self._body if fresh and version == self._version else None

    def renewed(self, action: Mapping[str, Any], components: Components) -> dict[str, Any]:
        """Return an action with the place where the control that it means stands by now.

        A place may belong to another control by the time that a press on it arrives: the one that
        was seen there is what was meant.
        """
        key, message_id = action.get("control_key"), message_of(action.get("control_key"))
        custom_id = self._revisions.get(action.get("published_revision", 0), {}).get(str(key))
        if message_id is None or custom_id is None:
            return dict(action)
        present = components(message_id)
        now = None if present is None else control_key(message_id, present, custom_id)
        return {**action, "control_key": now or NOWHERE}
