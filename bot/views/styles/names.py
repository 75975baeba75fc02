"""Names of styles in one line, each with its strength where that is not 1."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.styles.chosen import USUAL_STRENGTH, ChosenStyle
from bot.text.markdown import Markup, quoted
from bot.text.phrases import JAPANESE
from bot.text.styles import painting as text

MOST_SHOWN = 60
"""Characters of the name of a style."""


def names_of(locale: str, styles: Sequence[ChosenStyle], *, strengths: bool = True) -> Markup:
    """Return the names of styles as a list; without `strengths` where these vary."""
    comma = "、" if locale.startswith(JAPANESE) else ", "
    return Markup(comma.join(_name(locale, each, strengths) for each in styles))


def _name(locale: str, style: ChosenStyle, with_strength: bool) -> Markup:
    name, strength = quoted(style.name, MOST_SHOWN), round(style.strength, 2)
    if style.embedding or strength == USUAL_STRENGTH or not with_strength:
        return name
    return text.AT_STRENGTH(locale, name=name, strength=strength)
