"""Pages: messages built from Components V2, with nothing kept in memory."""

from __future__ import annotations

from typing import Any
from unicodedata import east_asian_width

from discord import ui

from bot.actions.source_options import members_words
from bot.text import messages as text
from bot.text.markdown import SHOWN_PROMPT, Markup, alt, quoted, shown


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
    words = shown(members_words(prompt))
    # Chinese and Japanese characters are twice as wide as others: the title is as long, not longer.
    wide = sum(east_asian_width(each) in "WF" for each in words)
    most = SHOWN_PROMPT // 2 if 2 * wide > len(words) else SHOWN_PROMPT
    return Markup(f"**{quoted(words, most) or text.WORDLESS(locale)}**")


def described(locale: str, number: int, prompt: str) -> str:
    """The description of a picture for those who cannot see it: its number and its prompt."""
    words = members_words(prompt)
    if not words:
        return text.EDIT_PICTURE.plain(locale, number=number)
    return alt(text.PICTURE.plain(locale, number=number, prompt=words))
