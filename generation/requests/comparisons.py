"""Comparisons: their axes, and the values that members type."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence

from generation.catalog.entries import EditingDefaults
from generation.protocol.problems import Code
from generation.protocol.requests import COMPARABLE, MAX_CELLS, Axis
from generation.protocol.samplers import SAMPLERS, SCHEDULERS
from generation.requests.refused import Refused

Value = int | float | str

WHOLE = ("steps", "seed")
"""Parameters with whole numbers as values; all others but these and WORDS take any numbers."""
WORDS = ("scheduler", "prompt")

_SEPARATORS = str.maketrans("，、；;\n", ",,,,,")
_ALIASES = {alias: name for name, sampler in SAMPLERS.items() for alias in sampler.aliases}


EXAMPLES = {
    "steps": "10, 20, 30",
    "guidance": "3, 6, 9",
    "scheduler": "euler_a, ddim",
    "prompt": "cat, dog, bird",
    "seed": "1, 2, 3",
    "feedback_strength": "0, 0.5, 1",
    "feedback_start": "0, 0.3",
    "feedback_end": "0.5, 1",
    "source_strength": "0.3, 0.6, 0.9",
    "image_guidance": "1.2, 1.5, 1.8",
    "eta": "0.5, 0.7, 0.9",
    "adapter_strength": "0, 0.5, 1",
}


KEEPING, OBEYING = (0.8, 1.0, 1.2), (2 / 3, 1.0, 4 / 3)
"""Values on the trade-off sheet, as multiples of the default image and text guidance."""
ALONG_ETA = Axis(parameter="eta", values=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
"""Values of η on an Imagic strip, from the source to the description."""


def read_axis(parameter: str, typed: str) -> Axis:
    """Parse an axis from typed values: "10, 20, 30", "Euler a; DDIM", "猫、犬".

    Quotation marks keep a comma within a piece of a prompt.  Raises `Refused`.
    """
    if parameter not in COMPARABLE:
        raise Refused(Code.COMPARE_UNKNOWN, parameter=parameter, example=", ".join(COMPARABLE))
    values = tuple(dict.fromkeys(_read(parameter, word) for word in _split(parameter, typed)))
    if len(values) < 2:
        raise Refused(Code.COMPARE_ONE_VALUE, parameter=parameter, example=EXAMPLES[parameter])
    return Axis(parameter=parameter, values=values)


def check_axes(axes: Sequence[Axis], prompts: Sequence[str]) -> None:
    """Raise `Refused` unless these axes, one or two, can be compared.

    prompts: the prompt and the negative prompt, one of which must contain the piece to be replaced.
    """
    for axis in axes:
        if axis.parameter not in COMPARABLE:
            raise Refused(
                Code.COMPARE_UNKNOWN, parameter=axis.parameter, example=", ".join(COMPARABLE)
            )
        if len(set(axis.values)) < 2:
            raise Refused(
                Code.COMPARE_ONE_VALUE,
                parameter=axis.parameter,
                example=EXAMPLES[axis.parameter],
            )
        if axis.parameter == "prompt" and not any(str(axis.values[0]) in each for each in prompts):
            raise Refused(Code.COMPARE_NOT_IN_PROMPT, value=axis.values[0])
    parameters = [axis.parameter for axis in axes]
    if len(axes) > 1 and parameters[0] == parameters[1] != "prompt":
        raise Refused(Code.COMPARE_TWICE, parameter=parameters[0])
    if (count := count_of(axes)) > MAX_CELLS:
        raise Refused(Code.COMPARE_TOO_MANY, count=count, most=MAX_CELLS)


def trade_off(defaults: EditingDefaults) -> tuple[Axis, Axis]:
    """Return the axes of the sheet: image guidance grows across, text guidance down."""
    keeps = tuple(max(1.0, round(defaults.image_guidance * share, 1)) for share in KEEPING)
    obeys = tuple(round(defaults.guidance * share, 1) for share in OBEYING)
    return Axis(parameter="image_guidance", values=keeps), Axis(parameter="guidance", values=obeys)


def count_of(axes: Sequence[Axis]) -> int:
    """Return the number of pictures."""
    return math.prod(len(axis.values) for axis in axes)


def values_at(axes: Sequence[Axis], place: int) -> list[tuple[Axis, Value]]:
    """Return each axis's value at a place, counted row by row from 0; the first runs across."""
    values = []
    for axis in axes:
        place, along = divmod(place, len(axis.values))
        values.append((axis, axis.values[along]))
    return values


def replaced(prompt: str, axis: Axis, value: Value) -> str:
    """Replace the axis's first piece in the prompt by `value`, wherever it occurs."""
    return prompt.replace(str(axis.values[0]), str(value))


def written(value: Value) -> str:
    """Format a value for a sheet or a message."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _split(parameter: str, typed: str) -> Iterator[str]:
    line = typed.translate(_SEPARATORS)
    if parameter not in WORDS and "," not in line:
        line = ",".join(line.split())
    for words in csv.reader([line], skipinitialspace=True):
        yield from (word.strip() for word in words if word.strip())


def _read(parameter: str, word: str) -> Value:
    if parameter == "prompt":
        return word
    if parameter == "scheduler":
        if (name := scheduler_named(word)) is None:
            raise Refused(
                Code.COMPARE_NO_SCHEDULER,
                parameter=parameter,
                value=word[:40],
                example=EXAMPLES[parameter],
            )
        return name
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    whole = parameter in WHOLE
    if not math.isfinite(number) or (whole and not number.is_integer()):
        raise Refused(
            Code.COMPARE_NOT_WHOLE if whole else Code.COMPARE_NOT_A_NUMBER,
            parameter=parameter,
            value=word[:40],
            example=EXAMPLES[parameter],
        )
    return int(word) if whole and word.isdecimal() else int(number) if whole else number


def scheduler_named(word: str) -> str | None:
    """Return the sampler with this name, ours or another program's; None if there is none."""
    bare = re.sub(r"[^a-z0-9]", "", word.lower().replace("++", ""))
    own = {re.sub(r"_|pp", "", name): name for name in SCHEDULERS}
    return own.get(bare.replace("pp", "")) or _ALIASES.get(bare)
