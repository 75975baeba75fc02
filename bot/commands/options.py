"""The options that commands have in common, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.actions.parameters import Parameters
from bot.actions.sizes import wanted_size
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of
from bot.text.phrases import Phrase
from generation.protocol.samplers import SAMPLERS

SCHEDULERS = [
    app_commands.Choice(name=sampler.title, value=name) for name, sampler in SAMPLERS.items()
]
PRESETS = [
    app_commands.Choice(name=of(phrase), value=name) for name, phrase in words.PRESETS.items()
]

SHARED = (
    "picture",
    "strength",
    "negative",
    "count",
    "seed",
    "steps",
    "guidance",
    "size",
    "scheduler",
)
"""Options of all commands that repaint an uploaded picture."""


def options(*names: str, **meanings: Phrase) -> Callable[[Any], Any]:
    """Name and describe options by the phrases of the same names.

    `prompt` has the name PROMPT and the meaning PROMPT_IS; `meanings` are of options that mean
    something else here.
    """
    told = {name: getattr(words, f"{name.upper()}_IS") for name in names} | meanings

    def declare(command: Any) -> Any:
        named = {name: of(getattr(words, name.upper())) for name in told}
        described = {name: of(phrase) for name, phrase in told.items()}
        return app_commands.rename(**named)(app_commands.describe(**described)(command))

    return declare


def choices(phrases: Mapping[str, Phrase]) -> list[app_commands.Choice[str]]:
    """Return the choices of an option: what each is called, by its value."""
    return [app_commands.Choice(name=of(phrase), value=key) for key, phrase in phrases.items()]


def shared_parameters(
    interaction: discord.Interaction[Any],
    prompt: str,
    negative: str,
    count: int,
    seed: int | None,
    steps: int | None,
    guidance: float | None,
    size: str | None,
    scheduler: str | None,
) -> Parameters:
    """Return the parameters that the `SHARED` options of a command and its prompt ask for."""
    wanted = wanted_size(size, None, None)
    services = services_of(interaction)
    return Parameters.for_model(
        services.settings.model,
        prompt=prompt,
        negative_prompt=negative,
        count=count,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=wanted.width,
        height=wanted.height,
        aspect=wanted.aspect,
        scheduler=scheduler,
    )
