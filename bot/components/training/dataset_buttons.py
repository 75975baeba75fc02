"""Buttons of a data set's card, found by custom id alone after any number of restarts."""

from __future__ import annotations

from typing import Any

import discord

from bot.actions.training.plans import Plan
from bot.actions.training.preparations import agreement
from bot.components.answers import show, show_pictured
from bot.components.buttons import Button
from bot.components.training.dataset_forms import AddForm, ChangeForm
from bot.components.training.sheets import sheet_of
from bot.context import of_interaction
from bot.services import services_of
from bot.text.training import datasets as text
from bot.views.page import Page, note
from bot.views.press import Verb
from bot.views.training.revocation import thanks_page


class StartTraining(Button):
    """Button that starts the training."""

    verb = Verb.DATASET_START

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Start it once, whoever presses how often."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def started() -> Page:
            job = await services.datasets.start(asker, self.about)
            await services.dataset_captions.end(self.about)
            await services.dataset_cards.refresh(self.about)
            await services.training_jobs.begin(job)
            return note(text.STARTING(asker.locale))

        await show(interaction, started())


class ChangeTraining(Button):
    """Button to the form in which the training is changed."""

    verb = Verb.DATASET_CHANGE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled in."""
        services, asker = services_of(interaction), of_interaction(interaction)
        dataset = await services.datasets.own(asker, self.about)
        prepared = await services.datasets.prepared(dataset)
        await interaction.response.send_modal(ChangeForm(prepared, asker.locale))


class AddPictures(Button):
    """Button to the form by which pictures are handed over."""

    verb = Verb.DATASET_ADD

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form."""
        services, asker = services_of(interaction), of_interaction(interaction)
        dataset = await services.datasets.allow_adding(asker, self.about)
        await interaction.response.send_modal(AddForm(dataset, asker.locale))


class ShowPictures(Button):
    """Button that shows the pictures to those who may see them."""

    verb = Verb.DATASET_SHOW

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show a sheet of them, in private."""
        services, asker = services_of(interaction), of_interaction(interaction)
        async with services.uploads.folder() as folder:
            await show_pictured(interaction, sheet_of(services, asker, self.about, folder))


class Agree(Button):
    """Button by which a member agrees to a training on their pictures."""

    verb = Verb.DATASET_AGREE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Record the consent in the words and the language of the card."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def agreed() -> Page:
            dataset = await services.datasets.seen(asker, self.about)
            shown = agreement(Plan.read(dataset.plan), dataset.locale)
            consent = await services.datasets.agree(asker, self.about, shown)
            await services.dataset_cards.refresh(self.about)
            services.dataset_captions.begin(self.about)
            return thanks_page(asker.locale, consent)

        await show(interaction, agreed())


class CancelTraining(Button):
    """Button that closes the data set and deletes its pictures."""

    verb = Verb.DATASET_CANCEL

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Cancel it."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def cancelled() -> Page:
            await services.datasets.cancel(asker, self.about)
            await services.dataset_captions.end(self.about)
            await services.dataset_cards.refresh(self.about)
            return note(text.CANCELLED(asker.locale))

        await show(interaction, cancelled())


DATASET_BUTTONS: tuple[type[Button], ...] = (
    StartTraining,
    ChangeTraining,
    AddPictures,
    ShowPictures,
    Agree,
    CancelTraining,
)
"""All of them, which the client registers for dispatch."""
