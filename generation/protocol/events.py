"""Events of a job: what `submit()` yields, on either side of the queue.

Every job ends in exactly one terminal event: `Finished`, `Failed` or `Cancelled`.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path

from generation.protocol.options import ModelCard


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The child has loaded its model and takes requests."""

    model: ModelCard


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Unready:
    """The child could not load its model and exits; `detail` is a sentence for the host."""

    detail: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """The job waits; `position` 1 is next.  Said by the queue, never by the child."""

    job: str
    position: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """The job has been handed to the child for the `attempt`th time.  Said by the queue."""

    job: str
    attempt: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """UNet calls done and to do for the whole job; `preview` is a small picture file."""

    job: str
    step: int
    steps: int
    preview: Path | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Painted:
    """One finished picture; a withheld one was not written.

    In a flagged one the safety checker found adult content, whatever became of it.
    """

    path: Path | None
    digest: str | None
    seed: int
    width: int
    height: int
    withheld: bool = False
    flagged: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """All pictures of the job, in order, and the seconds from its first step to its last file.

    `steering` is a strip that shows the references small with their weights, if any steered;
    `sheet` is all pictures in one: of a comparison with its labels, else if a grid was wanted.
    """

    job: str
    pictures: tuple[Painted, ...]
    seconds: float
    steering: Path | None = None
    sheet: Path | None = None
    native: tuple[int, int] | None = None
    """Width and height that the model was made for."""
    chosen: int | None = None
    """Of pictures along η, the place of the one that was found best."""


class Reason(enum.Enum):
    """Why a job failed, for the bot to put into words."""

    INVALID = "invalid"
    """The request itself cannot be done; `detail` is a sentence that says what to do instead."""
    MODEL = "model"
    """There is nothing to paint with: the model cannot be loaded, or the child died too often.
    `detail` says why."""
    MEMORY = "memory"
    """It does not fit into the device's memory, even after its batch was shrunk."""
    CRASHED = "crashed"
    """The child died while it had the job."""
    INTERNAL = "internal"
    """A fault of ours; `detail` is for the log alone."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The job ended without pictures."""

    job: str
    reason: Reason
    detail: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """The job was stopped because someone asked."""

    job: str


Terminal = Finished | Failed | Cancelled


Event = Queued | Started | Progress | Terminal
"""What `submit()` yields, on either side of the queue."""
