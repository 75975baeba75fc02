"""The page of /help: one section, and a button to each."""

from __future__ import annotations

from discord import ui

from bot.text.help import FIRST, SECTIONS
from bot.views import press
from bot.views.page import Page


def help_page(locale: str, section: int = FIRST) -> Page:
    """Return the page with a section open; the first one, if there is none of that number."""
    number = section if section in SECTIONS else FIRST
    buttons = [press.help_section(each, locale, open_=each == number) for each in SECTIONS]
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay(SECTIONS[number].body(locale)), ui.ActionRow(*buttons)
    )
    return Page(container)
