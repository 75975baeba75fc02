"""Pages: messages built from Components V2, with nothing kept in memory."""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.actions.source_options import members_words
from bot.text import messages as text
from bot.text.markdown import Markup, alt, quoted


class Page(ui.LayoutView):
    """The components of one message.

    Presses are dispatched by their custom id alone (`press.py`), so a page counts as
    finished from the start: discord.py would otherwise hold on to it.
    """

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.stop()


def note(sentence: str) -> Page:
    """Return a page of one sentence."""
    return Page(ui.TextDisplay(sentence))


def titled(locale: str, prompt: str) -> Markup:
    """The words that a message is about, which a picture painted again may have none of."""
    return Markup(f"**{quoted(members_words(prompt)) or text.WORDLESS(locale)}**")


def described(locale: str, number: int, prompt: str) -> str:
    """The description of a picture for those who cannot see it: its number and its prompt."""
    words = members_words(prompt)
    if not words:
        return text.EDIT_PICTURE.plain(locale, number=number)
    return alt(text.PICTURE.plain(locale, number=number, prompt=words))
