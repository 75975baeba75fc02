"""Comparisons as members request them: parameters by name, values as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.errors import Refusal
from bot.text import messages as text
from bot.text import refusals
from generation.protocol.requests import COMPARABLE, Axis
from generation.requests.comparisons import BadComparison, Fault, check_axes, read_axis

OF_EDITS = ("image_guidance", "eta")
OFFERED = tuple(name for name in COMPARABLE if name in text.PARAMETERS and name not in OF_EDITS)
"""Parameters that members can compare for pictures painted from a prompt."""

T = TypeVar("T")

FAULTS = {
    Fault.ONE_VALUE: refusals.COMPARE_ONE_VALUE,
    Fault.NOT_A_NUMBER: refusals.COMPARE_NOT_A_NUMBER,
    Fault.NOT_WHOLE: refusals.COMPARE_NOT_WHOLE,
    Fault.NO_SCHEDULER: refusals.COMPARE_NO_SCHEDULER,
    Fault.TWICE: refusals.COMPARE_TWICE,
    Fault.TOO_MANY: refusals.COMPARE_TOO_MANY,
    Fault.NOT_IN_PROMPT: refusals.COMPARE_NOT_IN_PROMPT,
    Fault.UNKNOWN: refusals.COMPARE_UNKNOWN,
}


def read_axes(
    across: str, across_values: str, down: str | None, down_values: str | None
) -> tuple[Axis, ...]:
    """Return the axes from a command's options; `Refusal` says what to type instead."""
    if (down is None) != (down_values is None):
        raise Refusal(refusals.COMPARE_DOWN_HALF)
    typed = [(across, across_values)]
    if down is not None and down_values is not None:
        typed.append((down, down_values))
    return _told(lambda: tuple(read_axis(name, values) for name, values in typed))


def refuse_axes(axes: Sequence[Axis], prompts: Sequence[str]) -> None:
    """Raise `Refusal` unless these axes can be compared, with these prompts."""
    _told(lambda: check_axes(axes, prompts))


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except BadComparison as error:
        named = dict(error.named)
        if named.get("parameter") in text.PARAMETERS:
            named["parameter"] = text.PARAMETERS[str(named["parameter"])]
        raise Refusal(FAULTS[error.fault], **named) from error
