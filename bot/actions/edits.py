"""Editing by words: the parameters of an edit, and refusals of instructions that cannot work."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.errors import Refusal
from bot.text import invalid
from generation.catalog.entries import usual_editing
from generation.editing.instruction_check.limits import ALL_THE_SAME, Beyond, beyond
from generation.requests.comparisons import ALONG_ETA, count_of, trade_off

EDITS, MOST_EDITS = 2, 4
"""Default and maximum number of pictures of an edit: they differ less than paintings do."""
EDITED = SourceOptions(strength=1.0)
UPLOADED = dataclasses.replace(EDITED, upload=True)
NO_SIZE: Mapping[str, Any] = MappingProxyType({})

INSTEAD = {
    Beyond.VIEWPOINT: invalid.EDIT_VIEWPOINT,
    Beyond.MOVING: invalid.EDIT_MOVING,
    Beyond.SWAPPING: invalid.EDIT_SWAPPING,
    Beyond.ISOLATING: invalid.EDIT_ISOLATING,
}


def instruction_of(written: str) -> str:
    """Return the instruction in a member's text; `Refusal` if no edit can follow it.

    A leading exclamation mark skips that check.
    """
    written = written.strip()
    if written.startswith((ALL_THE_SAME, "！")):
        written = written[1:].strip()
    elif kind := beyond(written):
        raise Refusal(INSTEAD[kind])
    if not written:
        raise Refusal(invalid.NO_INSTRUCTION)
    return written


def imagic_parameters(
    model: str, target: str, *, seed: int | None = None, size: Mapping[str, Any] = NO_SIZE
) -> Parameters:
    """Return parameters for a strip along η by a model fitted to an upload, towards `target`."""
    if not target.strip():
        raise Refusal(invalid.NO_TARGET)
    return Parameters.for_model(
        model,
        prompt=target,
        count=count_of((ALONG_ETA,)),
        seed=seed,
        imagic=True,
        axes=(ALONG_ETA,),
        **size,
    )


def edit_parameters(
    model: str,
    instruction: str,
    *,
    obey: float | None = None,
    keep: float | None = None,
    count: int = EDITS,
    sheet: bool = False,
    varied: bool = False,
    steps: int | None = None,
    scheduler: str | None = None,
    seed: int | None = None,
    size: Mapping[str, Any] = NO_SIZE,
) -> Parameters:
    """Return the parameters for editing an uploaded picture; `Refusal` if it cannot be done."""
    if not 1 <= count <= MOST_EDITS:
        raise Refusal(invalid.EDIT_COUNT, most=MOST_EDITS, given=count)
    usual = usual_editing(model)
    said = {
        "guidance": obey,
        "image_guidance": keep,
        "steps": steps,
        "scheduler": scheduler,
    }
    known = {name: value for name, value in said.items() if value is not None}
    axes = trade_off(usual) if sheet else ()
    return Parameters(
        prompt=instruction_of(instruction),
        count=count_of(axes) if axes else count,
        seed=seed,
        **size,
        varied=varied and not sheet,
        axes=axes,
        **(dataclasses.asdict(usual) | known),
    )
