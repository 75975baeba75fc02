"""Every sentence of `bot.text`, found by looking: a new file cannot escape the tests."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection

import bot.text
from bot.text.phrases import Phrase


def phrases(*, without: Collection[str] = ()) -> dict[str, Phrase]:
    """Return the phrases by module and name, except those of the modules `without`."""
    found: dict[str, Phrase] = {}
    for each in pkgutil.walk_packages(bot.text.__path__, "bot.text."):
        if each.name.removeprefix("bot.text.") in (*without, "phrases"):
            continue
        module = importlib.import_module(each.name)
        for name, value in vars(module).items():
            if isinstance(value, Phrase):
                found[f"{module.__name__}.{name}"] = value
    return found
