"""The refusal of a request, which every rule raises."""

from __future__ import annotations

from generation.protocol.events import Reason
from generation.protocol.problems import Code, Problem, Value

REASONS = {
    Code.OTHER_MODEL: Reason.MODEL,
    Code.MEMORY_SIZE_OR_STEERING: Reason.MEMORY,
    Code.MEMORY_SIZE: Reason.MEMORY,
    Code.MEMORY_STEERING: Reason.MEMORY,
    Code.MEMORY_NOTHING: Reason.MEMORY,
    Code.TRAIN_MEMORY: Reason.MEMORY,
    Code.TRAIN_OUT_OF_MEMORY: Reason.MEMORY,
}
"""Reasons of problems that are not `Reason.INVALID`."""


class Refused(Exception):
    """A request cannot be done; its problem says why and what to do instead."""

    def __init__(self, code: Code, **values: Value) -> None:
        self.problem = Problem(code, values)
        super().__init__(str(self.problem))

    @property
    def reason(self) -> Reason:
        """Category of the failure that it becomes."""
        return REASONS.get(self.problem.code, Reason.INVALID)
