"""The buttons and lists on the pages of styles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ButtonStyle, SelectOption, ui

from bot.text.markdown import cut
from bot.text.phrases import Phrase
from bot.text.styles import keeping as text
from bot.views.press import Verb, custom_id
from storage.style_records import Style, StyleScope

MOST_LABEL = 100
"""Characters of a choice in a list."""

Button = ui.Button[Any]


def button(
    verb: Verb,
    about: int,
    label: Phrase,
    locale: str,
    style: ButtonStyle = ButtonStyle.secondary,
    *,
    disabled: bool = False,
) -> Button:
    """Return a button of a page of styles."""
    return ui.Button(
        style=style, label=label.plain(locale), custom_id=custom_id(verb, about), disabled=disabled
    )


def page_button(page: int, label: Phrase, locale: str, *, there: bool) -> Button:
    """Return the button to a page of the list, which cannot be pressed if it is not there."""
    return button(Verb.STYLES, page, label, locale, disabled=not there)


def pick(page: int, styles: Sequence[Style], kinds: Sequence[str], locale: str) -> ui.Select[Any]:
    """Return the list that opens one of the styles of a page."""
    return ui.Select(
        custom_id=custom_id(Verb.STYLE_PICK, page),
        placeholder=text.OPEN_ONE.plain(locale),
        options=[
            SelectOption(
                label=cut(style.name, MOST_LABEL),
                description=cut(kind, MOST_LABEL),
                value=str(style.id),
            )
            for style, kind in zip(styles, kinds, strict=True)
        ],
    )


def scopes(style: Style, allowed: Sequence[StyleScope], locale: str) -> ui.Select[Any]:
    """Return the list of who may use a style."""
    return ui.Select(
        custom_id=custom_id(Verb.STYLE_SHARED, style.id),
        options=[
            SelectOption(
                label=text.SCOPES_OF_OTHERS[scope.value].plain(locale),
                value=scope.value,
                default=scope is style.scope,
            )
            for scope in allowed
        ],
    )
