"""The options that commands have in common, declared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot.actions.parameters import SCHEDULER_NAMES
from bot.text import commands as words
from bot.text.commands import of
from bot.text.phrases import Phrase
from generation.protocol.requests import SCHEDULERS as SCHEDULERS_KNOWN

SCHEDULERS = [
    app_commands.Choice(name=SCHEDULER_NAMES[value], value=value) for value in SCHEDULERS_KNOWN
]
PRESETS = [
    app_commands.Choice(name=of(phrase), value=name) for name, phrase in words.PRESETS.items()
]


def options(*names: str, **meanings: Phrase) -> Callable[[Any], Any]:
    """Names and describes options by the phrases that are called as they are.

    `prompt` has the name PROMPT and the meaning PROMPT_IS; `meanings` are of options that mean
    something else here.
    """
    told = {name: getattr(words, f"{name.upper()}_IS") for name in names} | meanings

    def declare(command: Any) -> Any:
        named = {name: of(getattr(words, name.upper())) for name in told}
        described = {name: of(phrase) for name, phrase in told.items()}
        return app_commands.rename(**named)(app_commands.describe(**described)(command))

    return declare
