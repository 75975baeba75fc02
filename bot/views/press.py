"""Every button of the bot as a plain one: its label, its style and its custom id.

discord.py dispatches a press by the custom id of the message alone, so a page needs no handler.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from discord import ButtonStyle, ui

from bot.text import help as help_text
from bot.text import member_settings, prompt_form, rounds
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
    DELETE_NOW = "delete-now"
    CANCEL = "cancel"
    ROUND = "round"
    PICK = "pick"
    PANEL_DISLIKE = "panel-dislike"
    SETTINGS = "round-settings"
    CHANGE_PROMPT = "change-prompt"
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
    EDIT_AS_ASKED = "edit-as-asked"
    PICTURE_LIKE = "picture-like"
    PICTURE_DISLIKE = "picture-dislike"
    DETAILS = "details"
    FOLD = "fold"
    VARY_PROMPT = "vary-prompt"
    HELP = "help"
    SET_SAMPLER = "set-sampler"
    SET_PRESET = "set-preset"
    SET_PICTURES = "set-pictures"
    SET_STEERING = "set-steering"
    SET_STYLE = "set-style"
    RESET_SETTINGS = "reset-settings"
    DATASET_START = "dataset-start"
    DATASET_CHANGE = "dataset-change"
    DATASET_ADD = "dataset-add"
    DATASET_SHOW = "dataset-show"
    DATASET_AGREE = "dataset-agree"
    DATASET_CANCEL = "dataset-cancel"
    PRIVACY = "privacy"
    REVOKE = "revoke"
    REVOKE_NOW = "revoke-now"
    REVOKE_STYLE = "revoke-style"
    REVOKE_ALL = "revoke-all"
    REVOKE_ALL_NOW = "revoke-all-now"
    REVOKE_FOR = "revoke-for"
    REVOKE_FOR_NOW = "revoke-for-now"
    RETRAIN = "retrain"
    TRAIN_PAUSE = "train-pause"
    TRAIN_RESUME = "train-resume"
    TRAIN_STOP = "train-stop"
    TRAIN_CANCEL = "train-cancel"
    TRAIN_CANCEL_NOW = "train-cancel-now"
    TRAIN_PICK = "train-pick"
    TRAIN_USE = "train-use"
    TRAIN_PAINT = "train-paint"
    STYLES = "styles"
    STYLE = "style"
    STYLE_PICK = "style-pick"
    STYLE_PAINT = "style-paint"
    STYLE_SWEEP = "style-sweep"
    STYLE_RENAME = "style-rename"
    STYLE_SHARE = "style-share"
    STYLE_SHARED = "style-shared"
    STYLE_LICENCE = "style-licence"
    STYLE_EXPORT = "style-export"
    STYLE_DELETE = "style-delete"
    STYLE_DELETE_NOW = "style-delete-now"


Label = Callable[[str], str]
"""From a member's locale to the words on a button."""


def _times(phrase: Phrase, times: float) -> Label:
    return lambda locale: phrase(locale, times=times)


GO_ON: tuple[tuple[tuple[Verb, Label], ...], ...] = (
    ((Verb.EDIT, text.EDIT_THIS), (Verb.RESTYLE, text.RESTYLE), (Verb.REPAINT, text.REPAINT)),
    (
        (Verb.VARY_SUBTLE, text.VARY_SUBTLE),
        (Verb.VARY_STRONG, text.VARY_STRONG),
        (Verb.VARY_PROMPT, prompt_form.VARY),
    ),
    (
        (Verb.ZOOM_OUT, _times(text.ZOOM_OUT, 1.5)),
        (Verb.ZOOM_FAR_OUT, _times(text.ZOOM_OUT, 2)),
    ),
    (
        (Verb.UPSCALE_2, _times(text.UPSCALE, 2)),
        (Verb.UPSCALE_4, _times(text.UPSCALE, 4)),
    ),
    (
        (Verb.EXTEND_LEFT, text.EXTEND_LEFT),
        (Verb.EXTEND_RIGHT, text.EXTEND_RIGHT),
        (Verb.EXTEND_UP, text.EXTEND_UP),
        (Verb.EXTEND_DOWN, text.EXTEND_DOWN),
    ),
)
"""The buttons of a picture's panel that continue from it, in rows of a phone's width."""


def custom_id(verb: Verb, about: int) -> str:
    """The custom id of a button, by which a press and the message it is on are recognised."""
    return f"{verb}:{about}"


def like_numbered(image: Image, votes: int, *, alone: bool) -> Button:
    """Return the button 👍 with a picture's number, green with the number of likes if it has any.

    `alone`: it is the only picture of its round, and needs no number.
    """
    return _rate_numbered(Verb.LIKE, "👍", image, votes, ButtonStyle.success, alone=alone)


def dislike_numbered(image: Image, votes: int, *, alone: bool) -> Button:
    """Return the button 👎 of a picture in its round's panel, red if anyone dislikes it."""
    return _rate_numbered(Verb.PANEL_DISLIKE, "👎", image, votes, ButtonStyle.danger, alone=alone)


def vary_numbered(image: Image, *, alone: bool) -> Button:
    """Return the button 🪄 with a picture's number, which varies it strongly."""
    return _numbered(Verb.VARY_STRONG, "🪄", image, alone=alone)


def upscale_numbered(image: Image, *, alone: bool) -> Button:
    """Return the button 🔍 with a picture's number, which upscales it to twice its sides."""
    return _numbered(Verb.UPSCALE_2, "🔍", image, alone=alone)


def more_numbered(image: Image, *, alone: bool) -> Button:
    """Return the button 🖼️ with a picture's number, which opens its private panel."""
    return _numbered(Verb.MORE, "🖼️", image, alone=alone)


def dislike_in_cells(image: Image, votes: int) -> Button:
    """Return the button 👎 of a comparison's single picture, red if anyone dislikes it."""
    return _rate_numbered(Verb.DISLIKE, "👎", image, votes, ButtonStyle.danger, alone=False)


def round_panel(round_id: int) -> Button:
    """The button ⋯ of a round, which opens its private panel."""
    return _button(Verb.ROUND, round_id, "⋯")


def back_to_round(round_id: int, locale: str) -> Button:
    """Button to a round's panel from its settings."""
    return _button(Verb.ROUND, round_id, rounds.BACK_TO_ROUND(locale))


def keep(round_id: int, locale: str) -> Button:
    """Button to a round's panel for those who were asked if it should be deleted."""
    return _button(Verb.ROUND, round_id, rounds.KEEP(locale))


def settings(round_id: int, locale: str) -> Button:
    """Button in a round's panel that shows its seed, size, steps and what else it was made with."""
    return _button(Verb.SETTINGS, round_id, rounds.SETTINGS(locale))


def change_prompt(round_id: int, locale: str) -> Button:
    """Button to the form in which a round's prompt is changed before the next round."""
    return _button(Verb.CHANGE_PROMPT, round_id, prompt_form.CHANGE(locale))


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


def reroll(round_id: int, locale: str) -> Button:
    """Button that paints a round again with other seeds, steered by the same pictures."""
    label = rounds.REROLL(locale)
    return ui.Button(label=label, emoji="🔄", custom_id=custom_id(Verb.RETRY, round_id))


def retry(round_id: int, locale: str) -> Button:
    """Button that tries another seed after a job failed."""
    return _button(Verb.RETRY, round_id, text.RETRY(locale))


def show_again(round_id: int, locale: str) -> Button:
    """Button that tries again to show pictures that the channel did not take."""
    return _button(Verb.SHOW, round_id, text.SHOW_AGAIN(locale), ButtonStyle.primary)


def reset(round_id: int, locale: str) -> Button:
    """Button that resets the board's references."""
    return _button(Verb.RESET, round_id, text.RESET(locale))


def delete(round_id: int, locale: str) -> Button:
    """Button that asks if a round and its pictures should be deleted."""
    return _button(Verb.DELETE, round_id, text.DELETE(locale), ButtonStyle.danger)


def delete_now(round_id: int, locale: str) -> Button:
    """Button that deletes a round and its pictures."""
    return _button(Verb.DELETE_NOW, round_id, text.DELETE(locale), ButtonStyle.danger)


def cancel(job_id: int, locale: str, *, numbered: bool = False) -> Button:
    """Return the button that cancels a job; `numbered` in /queue."""
    label = text.CANCEL_JOB(locale, number=job_id) if numbered else text.CANCEL(locale)
    return _button(Verb.CANCEL, job_id, label)


def edit_numbered(image: Image, locale: str) -> Button:
    """Open the form to edit one of several pictures."""
    label = text.EDIT_NUMBERED(locale, number=image.position + 1)
    return _button(Verb.EDIT_NUMBERED, image.id, label)


def edit_as_asked(image: Image) -> Button:
    """Edit one of several pictures as the reply says under which the button stands."""
    return _button(Verb.EDIT_AS_ASKED, image.id, str(image.position + 1))


def repaint_anyway(image_id: int, locale: str) -> Button:
    """Paint a picture again without what is missing for it."""
    return _button(Verb.REPAINT_ANYWAY, image_id, text.PAINT_ANYWAY(locale))


def rate_in_panel(image_id: int, likes: int, dislikes: int, mine: int) -> list[Button]:
    """Return 👍 and 👎 of a picture's panel; the viewer's own rating has a colour."""
    like = _rate(Verb.PICTURE_LIKE, "👍", image_id, likes)
    dislike = _rate(Verb.PICTURE_DISLIKE, "👎", image_id, dislikes)
    like.style = ButtonStyle.success if mine > 0 else ButtonStyle.secondary
    dislike.style = ButtonStyle.danger if mine < 0 else ButtonStyle.secondary
    return [like, dislike]


def details(image_id: int, locale: str, *, unfolded: bool) -> Button:
    """Button that shows a picture's settings and history in its panel, or folds them again."""
    if unfolded:
        return _button(Verb.FOLD, image_id, text.FOLD_DETAILS(locale))
    return _button(Verb.DETAILS, image_id, text.SHOW_DETAILS(locale))


def help_section(section: int, locale: str, *, open_: bool) -> Button:
    """Button to a section of the help, by its number; the one that is `open_` stands out."""
    style = ButtonStyle.primary if open_ else ButtonStyle.secondary
    return _button(Verb.HELP, section, help_text.SECTIONS[section].title(locale), style)


def settings_buttons(locale: str) -> list[Button]:
    """Return the buttons of a member's settings; they are about nothing but the member."""
    return [
        _button(Verb.SET_PICTURES, 0, member_settings.CHANGE_PICTURES(locale)),
        _button(Verb.SET_STYLE, 0, member_settings.CHANGE_STYLE(locale)),
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


def _rate_numbered(
    verb: Verb, mark: str, image: Image, votes: int, style: ButtonStyle, *, alone: bool
) -> Button:
    button = _numbered(verb, mark, image, alone=alone)
    if votes:
        button.style = style
        button.label = f"{button.label} ({votes})" if button.label else str(votes)
    return button


def _numbered(verb: Verb, mark: str, image: Image, *, alone: bool) -> Button:
    label = None if alone else str(image.position + 1)
    return ui.Button(label=label, emoji=mark, custom_id=custom_id(verb, image.id))


def _button(
    verb: Verb, about: int, label: str, style: ButtonStyle = ButtonStyle.secondary
) -> Button:
    return ui.Button(style=style, label=label, custom_id=custom_id(verb, about))
