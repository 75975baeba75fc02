"""A member's requests that are not over, with a button to cancel each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from discord import ui

from bot.actions.source_options import members_words
from bot.text import messages as text
from bot.text.markdown import Markup, quoted
from bot.views import press
from bot.views.page import Page

MOST_SHOWN = 10
PROMPT_SHOWN = 80


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Mine:
    """One request; a position of None is being painted."""

    job_id: int
    prompt: str
    position: int | None
    styles: Markup | None = None
    """The line that names its styles."""


def queue_page(locale: str, mine: Sequence[Mine], waiting: int) -> Page:
    """Return the page of /queue; `waiting` counts everyone's requests."""
    if not mine:
        nothing = (
            text.QUEUE_EMPTY(locale, waiting=waiting) if waiting else text.NOBODY_WAITS(locale)
        )
        return Page(ui.TextDisplay(nothing))
    shown = mine[:MOST_SHOWN]
    lines = [text.QUEUE_TITLE(locale, waiting=waiting), *(_line(locale, each) for each in shown)]
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(lines)))
    for first in range(0, len(shown), 5):
        buttons = [
            press.cancel(each.job_id, locale, numbered=True) for each in shown[first : first + 5]
        ]
        container.add_item(ui.ActionRow(*buttons))
    return Page(container)


def _line(locale: str, mine: Mine) -> str:
    prompt = quoted(members_words(mine.prompt), PROMPT_SHOWN) or text.WORDLESS(locale)
    if mine.styles is not None:
        prompt = Markup(f"{prompt} · {mine.styles}")
    if mine.position is None:
        return text.QUEUE_PAINTING(locale, number=mine.job_id, prompt=prompt)
    return text.QUEUE_WAITING(locale, number=mine.job_id, position=mine.position, prompt=prompt)
