"""The pages that offer a member buttons for what a reaction or a refusal cannot do by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.text import messages as text
from bot.views import press
from bot.views.page import Page
from storage.records import Image


def edit_page(locale: str, images: Sequence[Image]) -> Page:
    """The answer to a ✏️, which by itself cannot open a form: a button for each picture."""
    buttons: list[ui.Item[Any]] = [press.edit_numbered(image, locale) for image in images]
    return Page(ui.TextDisplay(text.EDIT_OFFER(locale)), ui.ActionRow(*buttons))


def repaint_page(locale: str, sentence: str, image_id: int) -> Page:
    """A sentence on what a picture painted again would lack, and a button to paint it anyway."""
    button = ui.ActionRow[Any](press.repaint_anyway(image_id, locale))
    return Page(ui.TextDisplay(sentence), button)
