"""Pages that offer a member a choice of buttons: after a reaction or a refusal, and in the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.text import messages as text
from bot.text.help import FIRST, SECTIONS
from bot.views import press
from bot.views.page import Page
from bot.views.round import SIDE_BY_SIDE
from storage.records import Image

SECTIONS_A_ROW = 3
"""Number of buttons with a word each that a phone has room for."""


def help_page(locale: str, section: int = FIRST) -> Page:
    """Return the page with a section open; the first one, if there is none of that number."""
    number = section if section in SECTIONS else FIRST
    buttons: list[ui.Item[Any]] = [
        press.help_section(each, locale, open_=each == number) for each in SECTIONS
    ]
    heading, *points = SECTIONS[number].body(locale).splitlines()
    words = "\n".join([heading, *(f"- {point}" for point in points)])
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay(words), *_rows(buttons, together=SECTIONS_A_ROW)
    )
    return Page(container)


def edit_page(locale: str, images: Sequence[Image]) -> Page:
    """The answer to a ✏️, which by itself cannot open a form: a button for each picture."""
    buttons: list[ui.Item[Any]] = [press.edit_numbered(image, locale) for image in images]
    return Page(ui.TextDisplay(text.EDIT_OFFER(locale)), *_rows(buttons))


def unreadable_page(locale: str, images: Sequence[Image]) -> Page:
    """The answer to a reply whose words Discord does not tell us: a button for each picture."""
    buttons: list[ui.Item[Any]] = [press.edit_numbered(image, locale) for image in images]
    return Page(ui.TextDisplay(text.EDIT_UNREADABLE(locale)), *_rows(buttons))


def which_page(locale: str, images: Sequence[Image]) -> Page:
    """The answer to a reply that edits one of several pictures, and does not say which."""
    buttons: list[ui.Item[Any]] = [press.edit_as_asked(image) for image in images]
    return Page(ui.TextDisplay(text.EDIT_WHICH_ONE(locale)), *_rows(buttons))


def repaint_page(locale: str, sentence: str, image_id: int) -> Page:
    """A sentence on what a picture painted again would lack, and a button to paint it anyway."""
    button = ui.ActionRow[Any](press.repaint_anyway(image_id, locale))
    return Page(ui.TextDisplay(sentence), button)


def _rows(
    buttons: Sequence[ui.Item[Any]], *, together: int = SIDE_BY_SIDE
) -> list[ui.ActionRow[Any]]:
    """Return rows of so many."""
    return [
        ui.ActionRow(*buttons[first : first + together])
        for first in range(0, len(buttons), together)
    ]
