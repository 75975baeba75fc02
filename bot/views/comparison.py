"""The message of a comparison, as far as it differs from any other round's: sheet and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.actions.parameters import Parameters
from bot.text import messages as text
from bot.text.markdown import Markup, alt, quoted
from bot.views import press
from bot.views.shown import Shown
from generation.protocol.requests import Axis
from generation.protocol.samplers import SAMPLERS
from generation.requests.comparisons import Value, values_at, written

VALUE_SHOWN = 60
AXIS_ROOM = 700
"""Characters that all values of an axis may take on a message together with their escapes."""


def axes_lines(locale: str, axes: Sequence[Axis]) -> list[str]:
    """Return the axes with their values: across and down; the axes are labelled."""
    return [
        "-# "
        + phrase(
            locale,
            parameter=axis.label,
            values=Markup(" · ".join(said(axis, value) for value in axis.values)),
        )
        for phrase, axis in zip((text.ACROSS, text.DOWN), axes, strict=False)
    ]


def sheet_items(shown: Shown, name: str) -> list[ui.Item[Any]]:
    """Return the sheet, attached as `name`, and the way to the single pictures."""
    locale = shown.locale
    items: list[ui.Item[Any]] = []
    if shown.round.sheet_digest is not None:
        described = alt(text.SHEET.plain(locale, prompt=shown.round.parameters["prompt"]))
        items.append(
            ui.MediaGallery(MediaGalleryItem(f"attachment://{name}", description=described))
        )
    button = press.single(shown.images[0].id, text.SINGLE(locale))
    lines = [f"-# {text.COMPARISON_NEXT(locale)}"]
    axes = Parameters.of(shown.round.parameters).labelled(locale)
    for image in shown.images:
        if image.parameters.get("chosen"):
            values = values_said(axes, image.position)
            lines.insert(0, text.CHOSEN(locale, number=image.position + 1, values=values))
    return [*items, ui.ActionRow(button), ui.TextDisplay("\n".join(lines))]


def values_said(axes: Sequence[Axis], position: int) -> Markup:
    """Return the values that one picture took; the axes are labelled."""
    return Markup(
        ", ".join(f"{axis.label} {said(axis, value)}" for axis, value in values_at(axes, position))
    )


def said(axis: Axis, value: Value) -> Markup:
    """Return a value as a member reads it."""
    name = SAMPLERS[str(value)].title if axis.parameter == "scheduler" else written(value)
    return quoted(name, VALUE_SHOWN, AXIS_ROOM // len(axis.values))
