"""Comparisons as members request them: parameters by name, values as text."""

from __future__ import annotations

from bot.errors import Refusal, problems_told
from bot.text import invalid
from bot.text import messages as text
from generation.protocol.requests import COMPARABLE, Axis
from generation.requests.comparisons import read_axis

OF_EDITS = ("image_guidance", "eta")
"""Parameters of edits, which the command does not take."""
OFFERED = tuple(name for name in COMPARABLE if name in text.PARAMETERS and name not in OF_EDITS)
"""Parameters that members can compare for pictures painted from a prompt."""


def read_axes(
    across: str, across_values: str, down: str | None, down_values: str | None
) -> tuple[Axis, ...]:
    """Return the axes from a command's options; `Refusal` says what to type instead."""
    if (down is None) != (down_values is None):
        raise Refusal(invalid.COMPARE_DOWN_HALF)
    typed = [(across, across_values)]
    if down is not None and down_values is not None:
        typed.append((down, down_values))
    with problems_told():
        return tuple(read_axis(name, values) for name, values in typed)
