"""The private message of a comparison: its single pictures, four at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.actions.parameters import Parameters
from bot.text import messages as text
from bot.text import rounds
from bot.text.markdown import alt
from bot.views import press
from bot.views.comparison import values_said
from bot.views.page import Page
from bot.views.shown import Shown, picture_name
from generation.protocol.requests import Axis
from storage.gestures import EARLIER_PICTURES_A_MESSAGE as A_PAGE
from storage.records import Image


def cells_page(locale: str, shown: Shown) -> Page:
    """Up to four of the pictures, each with its values and buttons, and ways to the others."""
    axes = Parameters.of(shown.round.parameters).labelled(locale)
    container: ui.Container[Page] = ui.Container()
    for image in shown.here:
        for item in _cell(locale, shown, image, axes):
            container.add_item(item)
    turns = _turns(locale, shown)
    if turns:
        container.add_item(ui.ActionRow(*turns))
    return Page(container)


def _cell(locale: str, shown: Shown, image: Image, axes: Sequence[Axis]) -> list[ui.Item[Any]]:
    number = image.position + 1
    values = values_said(axes, image.position)
    line = ui.TextDisplay[Any](text.CELL(locale, number=number, values=values))
    if image.withheld:
        return [line, ui.TextDisplay(rounds.WITHHELD(locale, count=1, numbers=number))]
    if image.id in shown.hidden:
        return [line, ui.TextDisplay(text.HIDDEN_HERE(locale, number=number))]
    described = alt(text.PICTURE.plain(locale, number=number, prompt=image.parameters["prompt"]))
    name = picture_name(image, copied=image.id in shown.copied)
    picture = MediaGalleryItem(f"attachment://{name}", description=described, spoiler=image.flagged)
    likes, dislikes = shown.votes.get(image.id, (0, 0))
    buttons = ui.ActionRow[Any](
        press.like(image.id, likes), press.dislike(image.id, dislikes), press.more(image.id)
    )
    return [line, ui.MediaGallery(picture), buttons]


def _turns(locale: str, shown: Shown) -> list[ui.Item[Any]]:
    """Return a button for each other page of four pictures."""
    turns: list[ui.Item[Any]] = []
    for first in range(0, len(shown.images), A_PAGE):
        if first != shown.part * A_PAGE:
            last = min(first + A_PAGE, len(shown.images))
            label = text.CELLS_FROM(locale, first=first + 1, last=last)
            turns.append(press.single(shown.images[first].id, label))
    return turns
