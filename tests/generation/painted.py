"""A studio worked to its end."""

from __future__ import annotations

from generation.messages import Event
from generation.studio import Studio


def ended(studio: Studio) -> dict[str, Event]:
    """Advance until nothing is left; the last event of each job."""
    while studio.busy:
        studio.advance()
    return {event.job: event for event in studio.take_events()}
