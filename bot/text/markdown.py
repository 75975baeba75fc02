"""Members' words made safe for a message: Discord's markdown and mentions escaped, long ones cut."""

from __future__ import annotations

import re

import discord

SHOWN_PROMPT = 300
"""Characters of a prompt in a message; the whole of it is in the picture's panel."""


def quoted(prompt: str, most: int = SHOWN_PROMPT) -> str:
    """Return a member's words for use in a message: one line, no markup, limited length."""
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
