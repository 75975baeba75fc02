"""What of a device's memory the next call may take, between its rows and what it reads.

Requests that steer by different references may each fit and not fit together.  Whoever waited
longest always gets a call, for which anything but its own references may be forgotten; others
share it as far as there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from generation.engine.paint_job import PaintJob
from generation.fabric.reference_cache import ReferenceCache, StateKey, Wanted
from generation.models.model import Model
from generation.protocol.options import MemoryProfile
from generation.requests.memory import left_beside, reading_bytes, row_bytes, states_bytes
from generation.sampling.trajectory import Trajectory

BatchEntry = tuple[PaintJob, Trajectory]
"""A picture in a call of the UNet, and whose it is."""

MANY = 2**31
"""Where memory sets no limit."""


class MemoryBudget:
    """Shares out the memory of one device; a model that was given no limit has room for all."""

    def __init__(self, model: Model, states: ReferenceCache, wanted: Callable[[], Wanted]) -> None:
        """`wanted`: what live requests still need of the states."""
        self._model = model
        self._states = states
        self._wanted = wanted

    def tiles(self, company: Sequence[BatchEntry], guest: BatchEntry) -> int:
        """How many tiles of one more picture fit into a call; at least 1 where it is the first.

        For the first one room is made: what nobody wants is forgotten first, then what others
        would have read at their own next calls.
        """
        memory = self._model.card.memory
        if memory is None:
            return MANY
        needs = _read([*company, guest])
        one = _rows_bytes(memory, guest[1], 1)
        taken = _reading(memory, [*company, guest]) + _company_bytes(memory, company)
        taken += _bytes_of(memory, self._states.missing(needs))
        if not company:
            self._forget(left_beside(memory, taken + one), set(needs))
        fitting = left_beside(memory, taken + self._states.size) // one
        return fitting if company else max(1, fitting)

    def states(self, company: Sequence[BatchEntry], needs: Sequence[StateKey]) -> int:
        """How many of these states, all of one shape, may be made in one pass; at least 1.

        While they are made there are two copies of each; then the call for `company` still fits.
        """
        memory = self._model.card.memory
        if memory is None:
            return len(needs)
        shape = needs[0].picture.shape
        beside = left_beside(memory, _reading(memory, company) + _company_bytes(memory, company))
        fitting = self._states.make_room(beside, len(needs), shape, self._wanted)
        height, width = shape
        one = row_bytes(memory, height * width) + 2 * states_bytes(memory, *shape)
        return max(1, min(fitting, left_beside(memory, self._states.size) // one))

    def _forget(self, budget: int, needs: set[StateKey]) -> None:
        if self._states.size <= budget:
            return
        wanted = self._wanted()
        self._states.shrink(budget, wanted)
        self._states.shrink(budget, Wanted(pictures=wanted.pictures, needs=needs))


def _read(guests: Iterable[BatchEntry]) -> list[StateKey]:
    """All that a call for them reads, each once."""
    return list(dict.fromkeys(need for painting, t in guests for need in painting.needs(t)))


def _reading(memory: MemoryProfile, guests: Iterable[BatchEntry]) -> int:
    """Bytes for reading; groups of rows read one after another, so the greediest sets it."""
    return max(
        sum(reading_bytes(memory, *need.picture.shape, references=1) for need in painting.needs(t))
        for painting, t in guests
    )


def _company_bytes(memory: MemoryProfile, company: Iterable[BatchEntry]) -> int:
    return sum(_rows_bytes(memory, t, t.tiles) for _, t in company)


def _rows_bytes(memory: MemoryProfile, trajectory: Trajectory, tiles: int) -> int:
    height, width = trajectory.shown
    return tiles * trajectory.rows * row_bytes(memory, height * width)


def _bytes_of(memory: MemoryProfile, needs: Iterable[StateKey]) -> int:
    return sum(states_bytes(memory, *need.picture.shape) for need in needs)
