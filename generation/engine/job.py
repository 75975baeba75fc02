"""The interface between the engine and the work that it runs: jobs, and one quantum of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

from generation.protocol.events import Terminal, Update
from generation.protocol.requests import Lane


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quantum:
    """About half a second of work, the jobs that it is for, and the number of its rows."""

    run: Callable[[], object]
    jobs: Sequence[EngineJob]
    rows: int = 1
    finishes: bool = False
    """True if it finishes a picture, so that it goes before what only begins one."""


class EngineJob(Protocol):
    """A request under way on the engine's device.

    Quanta run in inference mode, and one job's must leave the model as they found it.
    """

    isolated: bool
    """Run without other jobs in a batch, after a batch with others failed."""
    short_of_memory: bool
    """Set once the job has run out of memory."""

    @property
    def id(self) -> str:
        """Id of the job in the protocol."""

    @property
    def lane(self) -> Lane:
        """Lane that its quanta run in."""

    def next(self) -> Quantum | None:
        """Return its next work that no other job can share; None if there is none now.

        It is only asked, and may be asked again: nothing changes until the quantum runs.
        """

    def report(self) -> Update | Terminal | None:
        """Return the next event to send, if there is one: the terminal one last, and once.

        An exception fails the job.
        """

    def close(self) -> None:
        """Release what the job holds, however it ended."""
