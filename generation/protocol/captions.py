"""Requests to describe pictures, as captions for a training."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from generation.protocol.requests import Lane


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Caption:
    """Request to describe pictures with the host's caption model.

    Each caption is sent as soon as it is there.  A picture that cannot be read, because it was
    taken back meanwhile, has an empty one.
    """

    job: str
    pictures: tuple[Path, ...]

    @property
    def lane(self) -> Lane:
        """Lane that it waits in; on the device it goes before the steps of a training."""
        return Lane.UNATTENDED

    @property
    def cost(self) -> int:
        """Number of pictures that it paints: none."""
        return 0

    @property
    def retried(self) -> bool:
        """Is it tried again if the painter dies with it?  No: templates do without it."""
        return False
