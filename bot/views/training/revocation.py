"""Pages about consent: what a member agreed to, what taking it back means, and what came of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence

import discord
from discord import ButtonStyle, ui

from bot.text.markdown import Markup, mention
from bot.text.phrases import Phrase
from bot.text.training import datasets
from bot.text.training import revocation as text
from bot.views.page import Page
from bot.views.press import Button, Verb, custom_id
from storage.training_records import (
    Consent,
    Revocation,
    RevocationCause,
    RevocationOutcome,
    StyleFate,
)

SHOWN = 8
"""Consents on a page."""
MOST_OUTCOMES = 10
SHOWN_WORDS = 300


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class GivenConsent:
    """A consent with what it is to."""

    consent: Consent
    name: str
    """Of the style that the training was for."""
    server: str | None
    """Name of the server; None if the bot is not there any more."""
    pictures: int


def take_back(dataset_id: int, locale: str) -> Button:
    """Return the button that asks if a consent to a data set should be taken back."""
    return _button(Verb.REVOKE, dataset_id, text.TAKE_BACK_CONSENT.plain(locale))


def take_back_style(style_id: int, locale: str) -> Button:
    """Return the same button on a style's card, for those whose pictures it was trained on."""
    return _button(Verb.REVOKE_STYLE, style_id, text.TAKE_BACK_CONSENT.plain(locale))


def thanks_page(locale: str, consent: Consent) -> Page:
    """Return the answer to a consent, with the button that takes it back."""
    thanks = datasets.THANKS(locale, words=consent.words)
    return Page(ui.TextDisplay(thanks), ui.ActionRow(take_back(consent.dataset_id, locale)))


def consents_page(locale: str, given: Sequence[GivenConsent], *, first: int, total: int) -> Page:
    """Return the page of a member's own consents, with a button for each and one for all."""
    if not given:
        return Page(ui.TextDisplay(text.NONE(locale)))
    container: ui.Container[Page] = ui.Container(ui.TextDisplay(text.TITLE(locale)))
    for each in given:
        button = _button(Verb.REVOKE, each.consent.dataset_id, text.TAKE_BACK.plain(locale))
        container.add_item(ui.Section(ui.TextDisplay(_described(locale, each)), accessory=button))
    container.add_item(ui.ActionRow(*_turning(locale, first, total), _all_button(locale)))
    return Page(container)


def others_page(locale: str, member_id: int, given: Sequence[GivenConsent], total: int) -> Page:
    """Return the host's page of another member's consents, with a button for all of them."""
    member = mention(member_id)
    if not given:
        return Page(ui.TextDisplay(text.OTHERS_NONE(locale, member=member)))
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay(text.OTHERS_TITLE(locale, member=member)),
        *(ui.TextDisplay(_described(locale, each)) for each in given),
    )
    if total > len(given):
        container.add_item(ui.TextDisplay(f"… {total - len(given)}"))
    container.add_item(
        ui.ActionRow(_button(Verb.REVOKE_FOR, member_id, text.TAKE_ALL_BACK.plain(locale)))
    )
    return Page(container)


def question_page(locale: str, foreseen: Sequence[Revocation], now: tuple[Verb, int]) -> Page:
    """Return the page that says what taking consent back will do, and asks.

    now: verb and id of the button that does it.
    """
    asked = text.ASKED(locale, count=_pictures(foreseen))
    keep = _button(Verb.PRIVACY, 0, text.KEEP.plain(locale))
    return _question(locale, asked, foreseen, now, keep)


def question_for_page(locale: str, member_id: int, foreseen: Sequence[Revocation]) -> Page:
    """Return the page that asks the host before another member's consents are taken back."""
    asked = text.ASKED_FOR(locale, member=mention(member_id), count=_pictures(foreseen))
    return _question(locale, asked, foreseen, (Verb.REVOKE_FOR_NOW, member_id))


def answer_page(locale: str, revoked: Sequence[Revocation], member_id: int | None = None) -> Page:
    """Return the page that says what came of it; `member_id` if it was another member's."""
    done = text.DONE(locale) if member_id is None else _done_for(locale, member_id)
    outcomes = [outcome for each in revoked for outcome in each.outcomes]
    return Page(ui.TextDisplay("\n".join([done, *_lines(locale, text.CAME_TO, outcomes)])))


def told_page(locale: str, revocation: Revocation, name: str) -> Page:
    """Return the message to those concerned by a revocation; name: of the data set's style."""
    members = text.AND(locale).join(mention(each) for each in revocation.member_ids)
    phrase = {
        RevocationCause.CONSENT: text.TOLD,
        RevocationCause.PICTURE: text.TOLD_OF_PICTURE,
        RevocationCause.TRAINING: text.TOLD_OF_TRAINING,
    }[revocation.cause]
    told = phrase(locale, members=Markup(members), name=name)
    lines = _lines(locale, text.CAME_TO, revocation.outcomes)
    page = Page(ui.TextDisplay("\n".join([told, *lines])))
    failed = [each for each in revocation.outcomes if each.fate is StyleFate.FAILED]
    if failed and failed[0].style_id is not None:
        label = text.RETRY.plain(locale)
        page.add_item(ui.ActionRow(_button(Verb.RETRAIN, failed[0].style_id, label)))
    return page


def _question(
    locale: str,
    asked: str,
    foreseen: Sequence[Revocation],
    now: tuple[Verb, int],
    *others: Button,
) -> Page:
    outcomes = [outcome for each in foreseen for outcome in each.outcomes]
    lines = [asked, *_lines(locale, text.WILL, outcomes), text.STAYS(locale)]
    return Page(
        ui.TextDisplay("\n".join(lines)),
        ui.ActionRow(
            _button(*now, text.NOW.plain(locale), ButtonStyle.danger),
            *others,
        ),
    )


def _described(locale: str, given: GivenConsent) -> str:
    moment = datetime.datetime.fromtimestamp(given.consent.given_at, datetime.UTC)
    consent = text.CONSENT(
        locale,
        name=given.name,
        count=given.pictures,
        place=text.SOME_SERVER if given.server is None else given.server,
        date=Markup(discord.utils.format_dt(moment, "d")),
    )
    words = " ".join(given.consent.words.split())[:SHOWN_WORDS]
    return f"{consent}\n{text.WORDS(locale, words=words)}"


def _lines(
    locale: str, phrases: Mapping[StyleFate, Phrase], outcomes: Iterable[RevocationOutcome]
) -> list[str]:
    said = (phrases[each.fate](locale, name=each.name) for each in outcomes)
    lines: list[str] = list(dict.fromkeys(said))
    more = len(lines) - MOST_OUTCOMES
    return lines if more <= 0 else [*lines[:MOST_OUTCOMES], f"• … {more}"]


def _turning(locale: str, first: int, total: int) -> list[Button]:
    """Return the buttons to the pages before and after this one."""
    buttons = []
    if first > 0:
        before = max(0, first - SHOWN)
        buttons.append(_button(Verb.PRIVACY, before, text.LATER.plain(locale)))
    if first + SHOWN < total:
        buttons.append(_button(Verb.PRIVACY, first + SHOWN, text.EARLIER.plain(locale)))
    return buttons


def _all_button(locale: str) -> Button:
    return _button(Verb.REVOKE_ALL, 0, text.TAKE_ALL_BACK.plain(locale))


def _done_for(locale: str, member_id: int) -> Markup:
    return text.DONE_FOR(locale, member=mention(member_id))


def _pictures(revocations: Sequence[Revocation]) -> int:
    return sum(revocation.pictures for revocation in revocations)


def _button(
    verb: Verb, about: int, label: str, style: ButtonStyle = ButtonStyle.secondary
) -> Button:
    return ui.Button(style=style, label=label, custom_id=custom_id(verb, about))
