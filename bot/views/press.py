"""Every button of the bot as a plain one: its label, its style and its custom id.

discord.py dispatches a press by the custom id of the message alone, so a page needs no handler.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from discord import ButtonStyle, ui

from bot.text import help as help_text
from bot.text import member_settings, prompt_form
from bot.text import messages as text
from bot.text.phrases import Phrase
from storage.records import Image

Button = ui.Button[Any]


class Verb(enum.StrEnum):
    """The first half of a custom id: the action that a press asks for.

    Old messages carry these, so none may ever change.
    """

    LIKE = "like"
    DISLIKE = "dislike"
    MORE = "more"
    BACK = "back"
    SINGLE = "single"
    NEXT = "next"
    PLAIN = "plain"
    RETRY = "retry"
    SHOW = "show"
    RESET = "reset"
    DELETE = "delete"
    CANCEL = "cancel"
    VARY_SUBTLE = "vary-subtle"
    VARY_STRONG = "vary-strong"
    RESTYLE = "restyle"
    ZOOM_OUT = "zoom-out"
    ZOOM_FAR_OUT = "zoom-far-out"
    EXTEND_LEFT = "extend-left"
    EXTEND_RIGHT = "extend-right"
    EXTEND_UP = "extend-up"
    EXTEND_DOWN = "extend-down"
    UPSCALE_2 = "upscale-2"
    UPSCALE_4 = "upscale-4"
    EDIT = "edit"
    EDIT_NUMBERED = "edit-numbered"
    REPAINT = "repaint"
    REPAINT_ANYWAY = "repaint-anyway"
    CHANGE_PROMPT = "change-prompt"
    VARY_PROMPT = "vary-prompt"
    HELP = "help"
    SET_SAMPLER = "set-sampler"
    SET_PRESET = "set-preset"
    SET_PICTURES = "set-pictures"
    SET_STEERING = "set-steering"
    RESET_SETTINGS = "reset-settings"


Label = Callable[[str], str]
"""From a member's locale to the words on a button."""


def _times(phrase: Phrase, times: float) -> Label:
    return lambda locale: phrase(locale, times=times)


GO_ON: tuple[tuple[tuple[Verb, Label], ...], ...] = (
    (
        (Verb.VARY_SUBTLE, text.VARY_SUBTLE),
        (Verb.VARY_STRONG, text.VARY_STRONG),
        (Verb.RESTYLE, text.RESTYLE),
        (Verb.ZOOM_OUT, _times(text.ZOOM_OUT, 1.5)),
        (Verb.ZOOM_FAR_OUT, _times(text.ZOOM_OUT, 2)),
    ),
    (
        (Verb.EXTEND_LEFT, text.EXTEND_LEFT),
        (Verb.EXTEND_RIGHT, text.EXTEND_RIGHT),
        (Verb.EXTEND_UP, text.EXTEND_UP),
        (Verb.EXTEND_DOWN, text.EXTEND_DOWN),
    ),
    (
        (Verb.UPSCALE_2, _times(text.UPSCALE, 2)),
        (Verb.UPSCALE_4, _times(text.UPSCALE, 4)),
        (Verb.EDIT, text.EDIT_THIS),
        (Verb.REPAINT, text.REPAINT),
    ),
)
"""The buttons of a picture's panel that continue from it, in their rows."""


def custom_id(verb: Verb, about: int) -> str:
    """The custom id of a button, by which a press and the message it is on are recognised."""
    return f"{verb}:{about}"


def like(image_id: int, votes: int) -> Button:
    """Return the button 👍 under a picture, with its number of likes."""
    return _rate(Verb.LIKE, "👍", image_id, votes)


def dislike(image_id: int, votes: int) -> Button:
    """Return the button 👎 under a picture, with its number of dislikes."""
    return _rate(Verb.DISLIKE, "👎", image_id, votes)


def more(image_id: int) -> Button:
    """The button ⋯ under a picture, which opens its private panel."""
    return _button(Verb.MORE, image_id, "⋯")


def back(image_id: int, locale: str) -> Button:
    """Button to the picture that this one was made from, in its panel."""
    return _button(Verb.BACK, image_id, text.BACK(locale))


def single(image_id: int, label: str) -> Button:
    """Button to a comparison's single pictures, four at a time; remembers the first of the four."""
    return _button(Verb.SINGLE, image_id, label)


def next_round(round_id: int, locale: str) -> Button:
    """Button that paints the next round, closer to what was liked."""
    return _button(Verb.NEXT, round_id, text.NEXT(locale), ButtonStyle.primary)


def plain(round_id: int, locale: str) -> Button:
    """Button that repeats the same seeds without feedback."""
    return _button(Verb.PLAIN, round_id, text.PLAIN(locale))


def retry(round_id: int, locale: str) -> Button:
    """Button that tries another seed, after a picture was withheld or a job failed."""
    return _button(Verb.RETRY, round_id, text.RETRY(locale))


def show_again(round_id: int, locale: str) -> Button:
    """Button that tries again to show pictures that the channel did not take."""
    return _button(Verb.SHOW, round_id, text.SHOW_AGAIN(locale), ButtonStyle.primary)


def reset(round_id: int, locale: str) -> Button:
    """Button that resets the board's references."""
    return _button(Verb.RESET, round_id, text.RESET(locale))


def delete(round_id: int, locale: str) -> Button:
    """Button that deletes a round and its pictures."""
    return _button(Verb.DELETE, round_id, text.DELETE(locale), ButtonStyle.danger)


def cancel(job_id: int, locale: str, *, numbered: bool = False) -> Button:
    """Return the button that cancels a job; `numbered` in /queue."""
    label = text.CANCEL_JOB(locale, number=job_id) if numbered else text.CANCEL(locale)
    return _button(Verb.CANCEL, job_id, label)


def edit_numbered(image: Image, locale: str) -> Button:
    """Open the form to edit one of several pictures."""
    label = text.EDIT_NUMBERED(locale, number=image.position + 1)
    return _button(Verb.EDIT_NUMBERED, image.id, label)


def repaint_anyway(image_id: int, locale: str) -> Button:
    """Paint a picture again without what is missing for it."""
    return _button(Verb.REPAINT_ANYWAY, image_id, text.PAINT_ANYWAY(locale))


def change_prompt(round_id: int, locale: str) -> Button:
    """Button to the form in which a round's prompt is changed before the next round."""
    return _button(Verb.CHANGE_PROMPT, round_id, prompt_form.CHANGE(locale))


def vary_prompt(image_id: int, locale: str) -> Button:
    """Button to the form in which a picture's prompt is changed before it is varied."""
    return _button(Verb.VARY_PROMPT, image_id, prompt_form.VARY(locale))


def help_section(section: int, locale: str, *, open_: bool) -> Button:
    """Button to a section of the help, by its number; the one that is `open_` stands out."""
    style = ButtonStyle.primary if open_ else ButtonStyle.secondary
    return _button(Verb.HELP, section, help_text.SECTIONS[section].title(locale), style)


def settings_buttons(locale: str) -> list[Button]:
    """Return the buttons of a member's settings; they are about nothing but the member."""
    return [
        _button(Verb.SET_PICTURES, 0, member_settings.CHANGE_PICTURES(locale)),
        _button(Verb.SET_STEERING, 0, member_settings.CHANGE_STEERING(locale)),
        _button(Verb.RESET_SETTINGS, 0, member_settings.RESET(locale), ButtonStyle.danger),
    ]


def go_on_rows(image_id: int, locale: str) -> list[ui.ActionRow[Any]]:
    """Return the rows of a panel's buttons that go on from its picture."""
    return [
        ui.ActionRow(*(_button(verb, image_id, label(locale)) for verb, label in row))
        for row in GO_ON
    ]


def _rate(verb: Verb, mark: str, image_id: int, votes: int) -> Button:
    label = str(votes) if votes else None
    return ui.Button(label=label, emoji=mark, custom_id=custom_id(verb, image_id))


def _button(
    verb: Verb, about: int, label: str, style: ButtonStyle = ButtonStyle.secondary
) -> Button:
    return ui.Button(style=style, label=label, custom_id=custom_id(verb, about))
