"""/train lora, embedding, dreambooth, finetune, edit and taste: each begins with its form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from bot.actions.training.plans import check_steps
from bot.commands.options import choices
from bot.components.answers import refusals_told
from bot.components.training.dataset_forms import Choice, StartForm
from bot.context import of_interaction
from bot.services import services_of
from bot.text.commands import of
from bot.text.phrases import Phrase
from bot.text.training import commands as words

SOURCES = choices(words.SOURCES)
CAPTIONS = choices(words.CAPTION_CHOICES)


async def begin(
    interaction: discord.Interaction[Any], choice: Choice, captions: str | None = None
) -> None:
    """Show the form of a training, if the member may begin it here.

    captions: where they come from; None for the caption model, or a template if there is none.
    """
    services, asker = services_of(interaction), of_interaction(interaction)
    if captions is None and choice.source != "likes" and services.settings.captioner is not None:
        captions = "model"
    choice = dataclasses.replace(choice, captions=captions or choice.captions)
    check_steps(choice.steps)
    await services.datasets.allow(
        asker, choice.method, choice.source, in_thread=asker.parent_channel_id is not None
    )
    await interaction.response.send_modal(StartForm(asker.locale, choice))


def described(
    name: Phrase, meaning: Phrase, *options: str
) -> Callable[[Any], app_commands.Command[Any, ..., Any]]:
    """Return the decorator of a command with these of the common options."""
    known = {
        "source": (words.SOURCE, words.SOURCE_IS),
        "captions": (words.CAPTIONS, words.CAPTIONS_IS),
        "steps": (words.STEPS, words.STEPS_IS),
    }
    lists = {"source": SOURCES, "captions": CAPTIONS}

    def declare(callback: Any) -> app_commands.Command[Any, ..., Any]:
        told: Any = refusals_told(callback)
        told = app_commands.rename(**{each: of(known[each][0]) for each in options})(told)
        told = app_commands.describe(**{each: of(known[each][1]) for each in options})(told)
        told = app_commands.choices(**{e: lists[e] for e in options if e in lists})(told)
        command: app_commands.Command[Any, ..., Any] = app_commands.command(
            name=of(name), description=of(meaning)
        )(told)
        return command

    return declare


@described(words.LORA, words.LORA_IS, "source", "captions", "steps")
async def lora(
    interaction: discord.Interaction[Any],
    source: str = "upload",
    captions: str | None = None,
    steps: int | None = None,
) -> None:
    """Begin a LoRA."""
    await begin(interaction, Choice(method="lora", source=source, steps=steps), captions)


@described(words.EMBEDDING, words.EMBEDDING_IS, "source", "captions", "steps")
async def embedding(
    interaction: discord.Interaction[Any],
    source: str = "upload",
    captions: str | None = None,
    steps: int | None = None,
) -> None:
    """Begin an embedding by Textual Inversion."""
    await begin(interaction, Choice(method="embedding", source=source, steps=steps), captions)


@described(words.DREAMBOOTH, words.DREAMBOOTH_IS, "source", "captions", "steps")
async def dreambooth(
    interaction: discord.Interaction[Any],
    source: str = "upload",
    captions: str | None = None,
    steps: int | None = None,
) -> None:
    """Begin DreamBooth."""
    await begin(interaction, Choice(method="dreambooth", source=source, steps=steps), captions)


@described(words.FINETUNE, words.FINETUNE_IS, "captions", "steps")
async def finetune(
    interaction: discord.Interaction[Any], captions: str | None = None, steps: int | None = None
) -> None:
    """Begin a training of the whole model."""
    await begin(interaction, Choice(method="finetune", steps=steps), captions)


@described(words.EDIT, words.EDIT_IS, "steps")
async def edit(interaction: discord.Interaction[Any], steps: int | None = None) -> None:
    """Begin a training of editing, from pairs."""
    await begin(interaction, Choice(method="edit", steps=steps), "template")


@described(words.TASTE, words.TASTE_IS, "steps")
async def taste(interaction: discord.Interaction[Any], steps: int | None = None) -> None:
    """Begin a training of the member's own taste."""
    await begin(interaction, Choice(method="taste", source="likes", steps=steps), "template")


START: tuple[app_commands.Command[Any, ..., Any], ...] = (
    lora,
    embedding,
    dreambooth,
    finetune,
    edit,
    taste,
)
"""All of them, in the order in which Discord lists them."""
