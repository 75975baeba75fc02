"""/train status, pause, resume, stop and list: trainings under way, and those that are over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.actions.asker import Asker
from bot.components.answers import id_in, refusals_told, show
from bot.context import of_interaction
from bot.errors import Refusal
from bot.services import Services, services_of
from bot.text.commands import of
from bot.text.markdown import message_link
from bot.text.phrases import Phrase
from bot.text.training import progress as text
from bot.views.page import Page, note
from bot.views.training.card_data import Card
from bot.views.training.listing import list_page, state_in_words, status_page
from storage.records import OPEN, Job
from storage.styles import key_of

MOST_CHOICES = 25
CHOICE_LENGTH = 100
Command = app_commands.Command[Any, ..., Any]


async def trainings(
    interaction: discord.Interaction[Any], current: str
) -> list[app_commands.Choice[str]]:
    """Suggest the trainings of the server that the member sees, by any part of the name."""
    services, asker = services_of(interaction), of_interaction(interaction)
    choices = []
    for card in await _cards(services, asker):
        said = text.CHOICE.plain(
            asker.locale, name=card.name, state=state_in_words(asker.locale, card)
        )
        if key_of(current) in key_of(said):
            choices.append(app_commands.Choice(name=said[:CHOICE_LENGTH], value=str(card.job.id)))
    return choices[:MOST_CHOICES]


def about_training(command: Any) -> Any:
    """Give a command the option that says which training it is about."""
    for declare in (
        app_commands.autocomplete(training=trainings),
        app_commands.describe(training=of(text.TRAINING_IS)),
        app_commands.rename(training=of(text.TRAINING)),
    ):
        command = declare(command)
    return command


@app_commands.command(name=of(text.STATUS_COMMAND), description=of(text.STATUS_IS))
@about_training
@refusals_told
async def status(interaction: discord.Interaction[Any], training: str | None = None) -> None:
    """Show how a training is getting on, in private."""
    services, asker = services_of(interaction), of_interaction(interaction)

    async def drawn() -> Page:
        card = await _chosen(services, asker, training)
        job = card.job
        link = (
            None
            if job.message_id is None
            else message_link(job.server_id, job.channel_id, job.message_id)
        )
        return status_page(asker.locale, card, link=link)

    await show(interaction, drawn())


@app_commands.command(name=of(text.PAUSE_COMMAND), description=of(text.PAUSE_IS))
@about_training
@refusals_told
async def pause(interaction: discord.Interaction[Any], training: str | None = None) -> None:
    """Have a training wait."""
    control = services_of(interaction).training_control
    await _change(interaction, training, control.pause, text.PAUSED_NOW)


@app_commands.command(name=of(text.RESUME_COMMAND), description=of(text.RESUME_IS))
@about_training
@refusals_told
async def resume(interaction: discord.Interaction[Any], training: str | None = None) -> None:
    """Have a paused training go on."""
    control = services_of(interaction).training_control
    await _change(interaction, training, control.resume, text.RESUMED_NOW)


@app_commands.command(name=of(text.STOP_COMMAND), description=of(text.STOP_IS))
@about_training
@refusals_told
async def stop(interaction: discord.Interaction[Any], training: str | None = None) -> None:
    """End a training and keep what it has learned."""
    control = services_of(interaction).training_control
    await _change(interaction, training, control.stop, text.STOP_NOW)


@app_commands.command(name=of(text.LIST_COMMAND), description=of(text.LIST_IS))
@refusals_told
async def list_(interaction: discord.Interaction[Any]) -> None:
    """List the trainings of the server, in private, and those that the member prepares."""
    services, asker = services_of(interaction), of_interaction(interaction)

    async def drawn() -> Page:
        prepared = await services.dataset_cards.of_member(asker.server_id, asker.member_id)
        return list_page(asker.locale, await _cards(services, asker), prepared)

    await show(interaction, drawn())


MANAGE_COMMANDS: tuple[Command, ...] = (status, pause, resume, stop, list_)
"""The subcommands of /train in this module."""


async def _change(
    interaction: discord.Interaction[Any],
    named: str | None,
    change: Callable[[Asker, int], Awaitable[Job]],
    done: Phrase,
) -> None:
    services, asker = services_of(interaction), of_interaction(interaction)

    async def changed() -> Page:
        card = await _chosen(services, asker, named)
        await change(asker, card.job.id)
        services.training_jobs.refresh(card.job.id)
        return note(done(asker.locale, name=card.name))

    await show(interaction, changed())


async def _chosen(services: Services, asker: Asker, named: str | None) -> Card:
    """Return the training that an option names; without one, the only or newest one under way."""
    cards = await _cards(services, asker)
    if named is None:
        under_way = [card for card in cards if card.job.state in OPEN]
        # Their own before others': that is what they mean.
        under_way.sort(key=lambda card: card.job.member_id != asker.member_id)
        if not under_way:
            raise Refusal(text.NONE_OPEN)
        return under_way[0]
    by_id = [card for card in cards if card.job.id == id_in(named)]
    by_name = [card for card in cards if key_of(card.name) == key_of(named)]
    if not by_id and not by_name:
        raise Refusal(text.NO_SUCH)
    return (by_id or by_name)[0]


async def _cards(services: Services, asker: Asker) -> list[Card]:
    found = []
    for job, _ in await services.training_control.listed(asker):
        standing = services.training_jobs.standing(job.id)
        card = await services.training_cards.read(job.id, standing)
        if card is not None:
            found.append(card)
    return found
