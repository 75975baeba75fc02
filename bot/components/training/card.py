"""Handlers of a training's card: pause, stop, cancel, its checkpoints, and painting with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.actions.asker import Asker
from bot.components.answers import (
    answer_privately,
    id_in,
    is_private,
    redraw,
    show,
    show_pictured,
)
from bot.components.buttons import Button
from bot.components.forms import Form
from bot.components.styles.paint_form import TrainingPaintForm
from bot.context import of_interaction
from bot.errors import Refusal
from bot.jobs.channel import Upload
from bot.services import Services, services_of
from bot.text.training import progress as text
from bot.views.page import Page, note
from bot.views.press import Verb
from bot.views.training.card import cancel_page, checkpoint_page
from bot.views.training.card_data import Card
from storage.records import Job


class _OnCard(Button):
    """Base of the buttons after which the card shows something else."""

    async def change(self, services: Services, asker: Asker) -> Job:
        """Do what the button is for; return the training's job."""
        raise NotImplementedError

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Do it, and show the card as it is then."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def changed() -> Page | None:
            job, message = await self.change(services, asker), interaction.message
            if message is None or message.id != job.message_id:
                services.training_jobs.refresh(self.about)
                return None  # Forged, or from a list: the card is elsewhere.
            names = [each.filename for each in message.attachments]
            standing = services.training_jobs.standing(self.about)
            return await services.training_cards.redraw(self.about, names, standing)

        await redraw(interaction, changed())


class Pause(_OnCard):
    """The button Pause."""

    verb = Verb.TRAIN_PAUSE

    async def change(self, services: Services, asker: Asker) -> Job:
        """Have the training wait."""
        return await services.training_control.pause(asker, self.about)


class Resume(_OnCard):
    """The button Resume."""

    verb = Verb.TRAIN_RESUME

    async def change(self, services: Services, asker: Asker) -> Job:
        """Have the training go on."""
        return await services.training_control.resume(asker, self.about)


class Stop(Button):
    """The button that ends a training with what it has learned."""

    verb = Verb.TRAIN_STOP

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """End it; the card shows that."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await services.training_control.stop(asker, self.about)
        services.training_jobs.refresh(self.about)
        if is_private(interaction):
            card = await _card(services, self.about)
            page = note(text.STOP_NOW(asker.locale, name=card.name))
            await interaction.response.edit_message(view=page)
        else:
            await interaction.response.defer()


class CancelUnderWay(Button):
    """The button that asks if a training should be cancelled."""

    verb = Verb.TRAIN_CANCEL

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Ask those who may cancel it."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def asked() -> Page:
            await services.training_control.allow(asker, self.about)
            return cancel_page(asker.locale, await _card(services, self.about))

        await show(interaction, asked())


class CancelNow(Button):
    """The button that cancels a training."""

    verb = Verb.TRAIN_CANCEL_NOW

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Cancel it; whoever follows it edits the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await services.training_control.cancel(asker, self.about)
        services.training_jobs.refresh(self.about)  # One that waits for its model, nobody follows.
        if is_private(interaction):
            page = note(text.CANCELLED_NOW(asker.locale))
            await interaction.response.edit_message(view=page)
        else:
            await interaction.response.defer()


class PickCheckpoint(Button):
    """The select of a training's checkpoints."""

    verb = Verb.TRAIN_PICK

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the checkpoint's samples in private."""
        services, asker = services_of(interaction), of_interaction(interaction)
        data: dict[str, Any] = dict(interaction.data or {})
        picked = [id_in(str(each)) for each in data.get("values", ())]
        step = picked[0] if picked else 0
        await show_pictured(interaction, _checkpoint(services, asker, self.about, step))


class UseCheckpoint(Button):
    """The button that chooses a checkpoint; remembers its training and its step."""

    verb = Verb.TRAIN_USE

    def __init__(self, drawn: ui.Item[Any], about: int, step: int = 0) -> None:
        self.step = step
        super().__init__(drawn, about)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        about, colon, step = match["id"].partition(":")
        return cls(item, id_in(about), id_in(step) if colon else 0)

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Choose it: now, or at the training's end."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style_id = await services.training_control.choose(asker, self.about, self.step)
        services.training_jobs.refresh(self.about)
        if style_id is None:
            sentence = text.WILL_BE_USED(asker.locale, step=self.step)
        else:
            card = await _card(services, self.about)
            sentence = text.IS_USED(asker.locale, name=_name(card), step=self.step)
        page = note(sentence)
        if is_private(interaction):
            await interaction.response.edit_message(view=page, attachments=[])
        else:
            await answer_privately(interaction, page)


class PaintWithIt(Button):
    """The button to the form that paints with the style of a training."""

    verb = Verb.TRAIN_PAINT

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form to those who may paint with the style."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.training_control.style(asker, self.about)
        form = TrainingPaintForm(self.about, asker.locale, style)
        await interaction.response.send_modal(form)


async def _card(services: Services, job_id: int) -> Card:
    standing = services.training_jobs.standing(job_id)
    card = await services.training_cards.read(job_id, standing)
    if card is None:
        raise Refusal(text.GONE)
    return card


async def _checkpoint(
    services: Services, asker: Asker, job_id: int, step: int
) -> tuple[Page, Sequence[Upload]]:
    checkpoint = await services.training_control.checkpoint(asker, job_id, step)
    card, cards = await _card(services, job_id), services.training_cards
    shown = cards.may_show(age_restricted=asker.age_restricted)
    upload = await asyncio.to_thread(cards.sheet_upload, checkpoint) if shown else None
    if upload is None:
        return checkpoint_page(asker.locale, card, checkpoint, None), []
    return checkpoint_page(asker.locale, card, checkpoint, upload.name), [upload]


def _name(card: Card) -> str:
    return card.name if card.style is None else card.style.name


CARD_BUTTONS: tuple[type[Button], ...] = (
    Pause,
    Resume,
    Stop,
    CancelUnderWay,
    CancelNow,
    PickCheckpoint,
    UseCheckpoint,
    PaintWithIt,
)
"""All of them, which the client registers for dispatch."""
CARD_FORMS: tuple[type[Form], ...] = (TrainingPaintForm,)
"""Likewise."""
