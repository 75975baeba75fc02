"""Fields of the forms about data sets."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.actions.styles.naming import MOST_LETTERS
from bot.actions.training.plans import MOST_CLASS, MOST_TRIGGER, Plan
from bot.actions.training.preparations import consent_label
from bot.text.training import datasets as text

MOST_FIELD = 4000
"""Characters of a field of a form."""
PICTURES, CONSENT = "pictures", "consent"
"""Custom ids of the fields that are no text."""

TEXTS = {
    "name": (text.NAME, text.NAME_IS, MOST_LETTERS),
    "trigger": (text.TRIGGER, text.TRIGGER_IS, MOST_TRIGGER),
    "class": (text.CLASS, text.CLASS_IS, MOST_CLASS),
    "instructions": (text.INSTRUCTIONS, text.INSTRUCTIONS_IS, MOST_FIELD),
    "captions": (text.CAPTIONS, text.CAPTIONS_IS, MOST_FIELD),
    "left_out": (text.LEFT_OUT, text.LEFT_OUT_IS, MOST_FIELD),
}
"""Label, description and most characters of each text, by its custom id."""
PARAGRAPHS = ("instructions", "captions")


def text_field(
    locale: str, name: str, *, default: str = "", required: bool = True
) -> ui.Label[Any]:
    """Return the field of a text."""
    label, meaning, most = TEXTS[name]
    long = name in PARAGRAPHS
    return ui.Label(
        text=label.plain(locale),
        description=meaning.plain(locale),
        component=ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            default=default or None,
            required=required,
            max_length=most,
        ),
    )


def upload_field(locale: str, method: str) -> ui.Label[Any]:
    """Return the field of up to ten pictures; for edit training they come in pairs."""
    pairs = method == "edit"
    return ui.Label(
        text=text.PICTURES.plain(locale),
        description=(text.PAIRS_IS if pairs else text.PICTURES_IS).plain(locale),
        component=ui.FileUpload(custom_id=PICTURES, min_values=2 if pairs else 1, max_values=10),
    )


def consent_field(locale: str, plan: Plan) -> ui.Label[Any]:
    """Return the box by which a member agrees."""
    label, sentence = consent_label(plan, locale)
    return ui.Label(text=label, description=sentence, component=ui.Checkbox(custom_id=CONSENT))
