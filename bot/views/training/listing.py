"""Pages of /train list and /train status."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.actions.training.control import MOST_LISTED
from bot.actions.training.plans import Plan
from bot.text.markdown import channels, mention, message_link
from bot.text.training import progress as text
from bot.text.training.datasets import METHODS
from bot.views.page import Page, note
from bot.views.training import buttons
from bot.views.training.card import ending, status_text
from bot.views.training.card_data import Card
from storage.records import OPEN, JobState
from storage.training_records import Dataset


def list_page(locale: str, cards: Sequence[Card], prepared: Sequence[Dataset] = ()) -> Page:
    """Return the trainings of a server, each in a line, after those being prepared.

    The last ones are left out where they would not fit into a message.
    """
    # A link takes the room of a line.
    room = MOST_LISTED - 2 * len(prepared)
    lines = [
        *(_prepared_line(locale, dataset) for dataset in prepared),
        *(_line(locale, card) for card in cards[:room]),
    ]
    return note("\n".join([text.LIST_TITLE(locale), *lines]) if lines else text.LIST_EMPTY(locale))


def status_page(locale: str, card: Card, *, link: str | None) -> Page:
    """Return how a training is getting on, with a link to its card."""
    lines = [_line(locale, card)]
    if card.job.state in OPEN:
        lines.append(status_text(locale, card))
    elif card.job.state is not JobState.DONE:
        lines.append(ending(card))
    if link is not None:
        lines.append(link)
    page = Page(ui.TextDisplay("\n".join(lines)))
    if card.choices and card.job.state in (*OPEN, JobState.DONE):
        page.add_item(ui.ActionRow(buttons.pick(card, locale)))
    return page


def state_in_words(locale: str, card: Card) -> str:
    """Return the state of a training in a word or two, without Markdown."""
    return text.STATES[_state(card)].plain(locale, percent=_percent(card))


def mark_of(card: Card) -> str:
    """Return the emoji of a training's state."""
    return text.MARKS[_state(card)]


def _line(locale: str, card: Card) -> str:
    method = text.BASE_METHODS.get(card.method)
    return text.LIST_LINE(
        locale,
        mark=mark_of(card),
        name=card.name if card.style is None else card.style.name,
        method=card.method if method is None else method,
        state=text.STATES[_state(card)](locale, percent=_percent(card)),
        member=mention(card.job.member_id),
    )


def _prepared_line(locale: str, dataset: Dataset) -> str:
    plan, link = Plan.read(dataset.plan), channels([dataset.channel_id])
    if dataset.message_id is not None:
        link = message_link(dataset.server_id, dataset.channel_id, dataset.message_id)
    method = METHODS[plan.method](locale)
    return text.PREPARED_LINE(locale, name=plan.name, method=method, link=link)


def _state(card: Card) -> str:
    if card.job.state in OPEN and card.training.paused:
        return "paused"
    return card.job.state.value


def _percent(card: Card) -> int:
    return round(100 * card.step / max(card.steps, card.step, 1))
