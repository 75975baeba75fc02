"""Share the device's memory between the rows of the next call and the references they read.

Requests with different references may each fit alone but not together.  The one that has waited
longest always gets a call, for which anything but its own references may be evicted; others share
the call as far as memory allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from generation.engine.paint_job import PaintJob
from generation.fabric.reference_cache import ReferenceCache, StateKey, Wanted
from generation.models.adapters.runtime import Adapters
from generation.models.model import Model
from generation.protocol.options import MemoryProfile
from generation.requests.memory import left_beside, reading_bytes, row_bytes, states_bytes
from generation.sampling.trajectory import Trajectory

BatchEntry = tuple[PaintJob, Trajectory]
"""A picture in a UNet call, and its request."""

MANY = 2**31
"""Number of rows without a memory limit."""


class MemoryBudget:
    """Divides a device's memory among pictures; without a limit, everything fits."""

    def __init__(
        self,
        model: Model,
        states: ReferenceCache,
        wanted: Callable[[], Wanted],
        adapters: Adapters,
    ) -> None:
        """`wanted` returns the states that running requests still need."""
        self._adapters = adapters
        self._model = model
        self._states = states
        self._wanted = wanted

    def tiles(self, batch: Sequence[BatchEntry], entry: BatchEntry) -> int:
        """Return how many tiles of one more picture fit into a call; at least 1 if it is the first.

        For the first picture, room is made: unwanted states are evicted first, then those that
        others would have read in their own next calls.
        """
        memory = self._model.card.memory
        if memory is None:
            return MANY
        needs = _read([*batch, entry])
        one = _rows_bytes(memory, entry[1], 1)
        taken = _reading(memory, [*batch, entry]) + _batch_bytes(memory, batch)
        taken += _bytes_of(memory, self._states.missing(needs))
        if not batch:
            self._forget(self._left(memory, taken + one), set(needs))
        fitting = self._left(memory, taken + self._states.size) // one
        return fitting if batch else max(1, fitting)

    def states(self, batch: Sequence[BatchEntry], needs: Sequence[StateKey]) -> int:
        """Return how many of these states, all of one shape, one call may compute; at least 1.

        While they are computed there are two copies of each; afterwards the call for `batch`
        still fits.
        """
        memory = self._model.card.memory
        if memory is None:
            return len(needs)
        shape = needs[0].picture.shape
        beside = self._left(memory, _reading(memory, batch) + _batch_bytes(memory, batch))
        fitting = self._states.make_room(beside, len(needs), shape, self._wanted)
        height, width = shape
        one = row_bytes(memory, height * width) + 2 * states_bytes(memory, *shape)
        return max(1, min(fitting, self._left(memory, self._states.size) // one))

    def _left(self, memory: MemoryProfile, taken: int) -> int:
        """Return the bytes left after the weights, the loaded adapters and `taken` more."""
        return left_beside(memory, self._adapters.nbytes + taken)

    def _forget(self, budget: int, needs: set[StateKey]) -> None:
        if self._states.size <= budget:
            return
        wanted = self._wanted()
        self._states.shrink(budget, wanted)
        self._states.shrink(budget, Wanted(pictures=wanted.pictures, needs=needs))


def _read(entries: Iterable[BatchEntry]) -> list[StateKey]:
    """Return everything that a call for these pictures reads, without duplicates."""
    return list(dict.fromkeys(need for job, t in entries for need in job.needs(t)))


def _reading(memory: MemoryProfile, entries: Iterable[BatchEntry]) -> int:
    """Return the bytes for reading: groups of rows read in turn, so the largest one counts."""
    return max(
        sum(reading_bytes(memory, *need.picture.shape, references=1) for need in job.needs(t))
        for job, t in entries
    )


def _batch_bytes(memory: MemoryProfile, batch: Iterable[BatchEntry]) -> int:
    return sum(_rows_bytes(memory, t, t.tiles) for _, t in batch)


def _rows_bytes(memory: MemoryProfile, trajectory: Trajectory, tiles: int) -> int:
    height, width = trajectory.sample_size
    return tiles * trajectory.rows * row_bytes(memory, height * width)


def _bytes_of(memory: MemoryProfile, needs: Iterable[StateKey]) -> int:
    return sum(states_bytes(memory, *need.picture.shape) for need in needs)
