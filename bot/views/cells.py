"""The private message of a comparison: its single pictures, four at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.actions.parameters import Parameters
from bot.text import messages as text
from bot.text import rounds
from bot.views import press
from bot.views.comparison import values_said
from bot.views.page import Page, described
from bot.views.shown import Shown, picture_name
from generation.protocol.requests import Axis
from storage.gestures import EARLIER_PICTURES_A_MESSAGE as A_PAGE
from storage.records import Image


def cells_page(locale: str, shown: Shown) -> Page:
    """Up to four of the pictures, their values and buttons, and ways to the others."""
    axes = Parameters.of(shown.round.parameters).labelled(locale)
    lines = [line for image in shown.here for line in _lines(locale, shown, image, axes)]
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(lines)))
    images = [image for image in shown.visible if image.id not in shown.hidden]
    if images:
        container.add_item(ui.MediaGallery(*(_picture(locale, shown, image) for image in images)))
    for row in _rows(shown, images):
        container.add_item(ui.ActionRow(*row))
    turns = _turns(locale, shown)
    if turns:
        container.add_item(ui.ActionRow(*turns))
    return Page(container)


def _lines(locale: str, shown: Shown, image: Image, axes: Sequence[Axis]) -> list[str]:
    """Return the values of a picture, and why it is not shown if it isn't."""
    number = image.position + 1
    values: str = text.CELL(locale, number=number, values=values_said(axes, image.position))
    if image.withheld:
        return [values, rounds.WITHHELD(locale, count=1, numbers=number)]
    if image.id in shown.hidden:
        return [values, text.HIDDEN_HERE(locale, number=number)]
    return [values]


def _picture(locale: str, shown: Shown, image: Image) -> MediaGalleryItem:
    prompt = str(image.parameters["prompt"])
    return MediaGalleryItem(
        f"attachment://{picture_name(image, copied=image.id in shown.copied)}",
        description=described(locale, image.position + 1, prompt),
        spoiler=image.flagged,
    )


def _rows(shown: Shown, images: Sequence[Image]) -> list[list[ui.Item[Any]]]:
    """Return the rows of buttons: to like, to dislike, and to open each picture."""
    if not images:
        return []
    votes = {image.id: shown.votes.get(image.id, (0, 0)) for image in images}
    return [
        [press.like_numbered(image, votes[image.id][0], alone=False) for image in images],
        [press.dislike_in_cells(image, votes[image.id][1]) for image in images],
        [press.more_numbered(image, alone=False) for image in images],
    ]


def _turns(locale: str, shown: Shown) -> list[ui.Item[Any]]:
    """Return a button for each other page of four pictures."""
    turns: list[ui.Item[Any]] = []
    for first in range(0, len(shown.images), A_PAGE):
        if first != shown.part * A_PAGE:
            last = min(first + A_PAGE, len(shown.images))
            label = text.CELLS_FROM(locale, first=first + 1, last=last)
            turns.append(press.single(shown.images[first].id, label))
    return turns
