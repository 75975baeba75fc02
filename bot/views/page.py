"""What every message of the bot is built from: Components V2, and nothing kept in memory."""

from __future__ import annotations

import re
from typing import Any

import discord
from discord import ui

from bot.text import messages as text

SHOWN_PROMPT = 300
"""Characters of a prompt in a message; the whole of it is in the picture's panel."""


class Page(ui.LayoutView):
    """The components of one message.

    Presses are dispatched by their custom id alone (`buttons.py`), so a page counts as
    finished from the start: discord.py would otherwise hold on to it.
    """

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.stop()


def note(sentence: str) -> Page:
    """A page of one sentence."""
    return Page(ui.TextDisplay(sentence))


def titled(locale: str, prompt: str) -> str:
    """The words that a message is about, which a picture painted again may have none of."""
    return f"**{quoted(prompt) or text.WORDLESS(locale)}**"


def quoted(prompt: str, most: int = SHOWN_PROMPT) -> str:
    """A member's words as they may stand in a message: one line, no markup, not endless."""
    line = " ".join(prompt.split())
    if len(line) > most:
        line = line[: most - 1].rstrip() + "…"
    # Mentions would not ping, but they would read as if someone had been called.
    escaped = discord.utils.escape_markdown(line, ignore_links=False)
    return re.sub(r"<(?=[@#:/ati])", "<\u200b", discord.utils.escape_mentions(escaped))


def alt(words: str) -> str:
    """Words as the description of a picture, which has little room."""
    line = " ".join(words.split())
    return line if len(line) <= 200 else line[:199] + "…"
