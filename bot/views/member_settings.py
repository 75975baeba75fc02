"""The private page of a member's own settings: which values are theirs, which the model's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.actions.member_settings import FEEDBACK, NAMES, Overview
from bot.text import commands
from bot.text import member_settings as text
from bot.text.markdown import Markup, quoted
from bot.text.phrases import JAPANESE, Phrase
from bot.text.styles import painting
from bot.views import press
from bot.views.page import Page
from bot.views.styles.names import names_of
from generation.protocol.samplers import SAMPLERS

SHOWN = 200
"""Characters of a value that are shown."""
BALANCED = "ours"
"""The preset that holds if none is chosen."""
MODELS = "model"
"""The choice of a list that takes the member's own back."""
USUAL = ("count", "style", "negative_prompt", "feedback_preset")
"""What no model has a say in."""


def settings_page(locale: str, overview: Overview) -> Page:
    """Return the page, with lists and forms to change what is on it."""
    pictures = [name for name in NAMES if name not in FEEDBACK]
    lines = [text.TITLE(locale), *(_line(locale, overview, name) for name in pictures)]
    steering = [text.STEERING(locale), *(_line(locale, overview, name) for name in FEEDBACK)]
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay("\n".join(lines)),
        ui.TextDisplay("\n".join(steering)),
        ui.TextDisplay(text.TITLE_IS(locale)),
        ui.ActionRow(_samplers(locale, overview)),
        ui.ActionRow(_presets(locale, overview)),
        ui.ActionRow(*press.settings_buttons(locale)),
    )
    return Page(container)


def _line(locale: str, overview: Overview, name: str) -> str:
    """Return the line of one setting: its value now, and whose that is."""
    value, label = _now(locale, overview, name), text.NAMES[name]
    if name in overview.left_out:
        wanted = _said(locale, name, overview.chosen[name])
        return text.NOT_NOW(locale, name=label, value=value, wanted=wanted)
    if name in overview.chosen:
        return text.YOURS(locale, name=label, value=_said(locale, name, overview.chosen[name]))
    if name == "style" and overview.styles:
        return text.CHANNELS(locale, name=label, value=value)
    if name in USUAL:
        return text.USUAL(locale, name=label, value=value)
    preset = overview.parameters.feedback_preset
    whose = text.PRESETS if name in FEEDBACK and preset is not None else text.MODELS
    return whose(locale, name=label, value=value)


def _now(locale: str, overview: Overview, name: str) -> Phrase | Markup:
    """Return the value with which a new board would start."""
    parameters = overview.parameters
    if name == "size":
        if overview.native is None:
            return text.NATIVE
        width, height = overview.native
        return Markup(f"{width} × {height}")
    if name == "style":
        return names_of(locale, overview.styles) if overview.styles else text.NOTHING
    if name in FEEDBACK and name != "feedback_preset":
        feedback = parameters.feedback(overview.model)
        return _said(locale, name, getattr(feedback, name.removeprefix("feedback_")))
    return _said(locale, name, getattr(parameters, name))


def _said(locale: str, name: str, value: Any) -> Phrase | Markup:
    """Return a value for a line."""
    if name == "scheduler":
        return Markup(SAMPLERS[value].title) if value in SAMPLERS else quoted(value, SHOWN)
    if name == "feedback_preset":
        phrase = commands.PRESETS.get(value or BALANCED)
        # Its name alone: the list below says what it means.
        return quoted(
            value if phrase is None else re.split("[:：]", phrase.plain(locale))[0], SHOWN
        )
    if not value and name == "negative_prompt":
        return text.NOTHING
    return quoted(typed(value), SHOWN)


def _samplers(locale: str, overview: Overview) -> ui.Select[Any]:
    theirs = overview.chosen.get("scheduler")
    usual = discord.SelectOption(
        label=text.MODELS_SAMPLER.plain(locale), value=MODELS, default=theirs is None
    )
    others = [
        discord.SelectOption(
            label=text.SAMPLER.plain(locale, name=sampler.title),
            value=name,
            default=name == theirs,
        )
        for name, sampler in SAMPLERS.items()
    ]
    return ui.Select(custom_id=press.custom_id(press.Verb.SET_SAMPLER, 0), options=[usual, *others])


def _presets(locale: str, overview: Overview) -> ui.Select[Any]:
    theirs = overview.chosen.get("feedback_preset") or BALANCED
    options = [
        discord.SelectOption(label=phrase.plain(locale), value=name, default=name == theirs)
        for name, phrase in commands.PRESETS.items()
    ]
    return ui.Select(custom_id=press.custom_id(press.Verb.SET_PRESET, 0), options=options)


def left_out(locale: str, names: Sequence[str]) -> Markup:
    """Return what is said of the usual settings and styles that a board could not start from."""
    comma = "、" if locale.startswith(JAPANESE) else ", "
    own = comma.join(text.NAMES[name](locale) for name in names if name in text.NAMES)
    lines = [text.LEFT_OUT(locale, names=Markup(own))] if own else []
    if "channel_style" in names:
        lines.append(painting.CHANNEL_STYLE_LEFT_OUT(locale))
    return Markup("\n".join(lines))


def typed(value: Any) -> str:
    """Return a value as a member types it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
