"""Buttons that show consents and take them back: asked first, with what will come of it."""

from __future__ import annotations

from typing import Any

import discord

from bot.actions.asker import Asker
from bot.components.answers import redraw, show
from bot.components.buttons import Button
from bot.context import of_interaction
from bot.jobs.channel import NOBODY
from bot.services import Services, services_of
from bot.text.training import revocation as text
from bot.views.page import Page, note
from bot.views.press import Verb
from bot.views.training.revocation import (
    SHOWN,
    GivenConsent,
    answer_page,
    consents_page,
    others_page,
    question_for_page,
    question_page,
)
from storage.training_records import Consent

Interaction = discord.Interaction[Any]


async def own_consents(services: Services, asker: Asker, first: int = 0) -> Page:
    """Return the page of the consents of whoever acts."""
    consents = await services.consents.standing(asker.member_id)
    first = first if 0 <= first < len(consents) else 0
    given = await _described(services, consents[first : first + SHOWN])
    return consents_page(asker.locale, given, first=first, total=len(consents))


async def others_consents(services: Services, asker: Asker, member_id: int) -> Page:
    """Return the host's page of another member's consents."""
    services.consents.allow_others(asker)
    consents = await services.consents.standing(member_id)
    given = await _described(services, consents[:SHOWN])
    return others_page(asker.locale, member_id, given, len(consents))


async def _described(services: Services, consents: list[Consent]) -> list[GivenConsent]:
    given = []
    for consent in consents:
        dataset, pictures = await services.consents.about(consent)
        server = None if dataset is None else services.channels.server(dataset.server_id)
        given.append(
            GivenConsent(
                consent=consent,
                name="" if dataset is None else str(dataset.plan.get("name", "")),
                server=None if server is None else server.name,
                pictures=pictures,
            )
        )
    return given


class Privacy(Button):
    """Button to a page of one's own consents; remembers which of them is the first."""

    verb = Verb.PRIVACY

    async def act(self, interaction: Interaction) -> None:
        """Show the page in private, in place of the private one that was pressed on."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await _answer(interaction, own_consents(services, asker, self.about))


class Revoke(Button):
    """Button that asks if the consent to a data set should be taken back."""

    verb = Verb.REVOKE

    async def act(self, interaction: Interaction) -> None:
        """Say in private what that will do."""
        await _answer(interaction, self._question(interaction, self.about))

    async def _question(self, interaction: Interaction, dataset_id: int) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        foreseen = await services.consents.foresee(asker.member_id, dataset_id)
        return question_page(asker.locale, foreseen, (Verb.REVOKE_NOW, dataset_id))


class RevokeStyle(Revoke):
    """The same button on the card of a style that was trained on the data set."""

    verb = Verb.REVOKE_STYLE

    async def act(self, interaction: Interaction) -> None:
        """Say in private what that will do."""
        dataset_id = await services_of(interaction).consents.dataset_of_style(self.about)
        await _answer(interaction, self._question(interaction, dataset_id))


class RevokeNow(Button):
    """Button that takes the consent to a data set back."""

    verb = Verb.REVOKE_NOW

    async def act(self, interaction: Interaction) -> None:
        """Take it back, and say what came of it."""
        await _answer(interaction, self._revoked(interaction))

    async def _revoked(self, interaction: Interaction) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        revoked = await services.consents.take_back(asker.member_id, self.about)
        await services.revocations.take_up()
        return answer_page(asker.locale, revoked)


class RevokeAll(Button):
    """Button that asks if all of one's consents should be taken back."""

    verb = Verb.REVOKE_ALL

    async def act(self, interaction: Interaction) -> None:
        """Say in private what that will do."""
        await _answer(interaction, self._question(interaction))

    async def _question(self, interaction: Interaction) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        foreseen = await services.consents.foresee(asker.member_id)
        return question_page(asker.locale, foreseen, (Verb.REVOKE_ALL_NOW, 0))


class RevokeAllNow(Button):
    """Button that takes all of one's consents back."""

    verb = Verb.REVOKE_ALL_NOW

    async def act(self, interaction: Interaction) -> None:
        """Take them back, and say what came of it."""
        await _answer(interaction, self._revoked(interaction))

    async def _revoked(self, interaction: Interaction) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        revoked = await services.consents.take_back(asker.member_id)
        await services.revocations.take_up()
        return answer_page(asker.locale, revoked)


class RevokeFor(Button):
    """The host's button that asks if all consents of a member should be taken back."""

    verb = Verb.REVOKE_FOR

    async def act(self, interaction: Interaction) -> None:
        """Say in private what that will do."""
        await _answer(interaction, self._question(interaction))

    async def _question(self, interaction: Interaction) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        services.consents.allow_others(asker)
        foreseen = await services.consents.foresee(self.about)
        return question_for_page(asker.locale, self.about, foreseen)


class RevokeForNow(Button):
    """The host's button that takes all consents of a member back."""

    verb = Verb.REVOKE_FOR_NOW

    async def act(self, interaction: Interaction) -> None:
        """Take them back, and say what came of it."""
        await _answer(interaction, self._revoked(interaction))

    async def _revoked(self, interaction: Interaction) -> Page:
        services, asker = services_of(interaction), of_interaction(interaction)
        services.consents.allow_others(asker)
        revoked = await services.consents.take_back(self.about)
        await services.revocations.take_up()
        return answer_page(asker.locale, revoked, self.about)


class Retrain(Button):
    """Button that has a style trained anew whose last training anew failed."""

    verb = Verb.RETRAIN

    async def act(self, interaction: Interaction) -> None:
        """Queue it; the next sweep begins it."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await services.consents.retrain(asker, self.about)
        await interaction.response.send_message(
            view=note(text.RETRYING(asker.locale)), ephemeral=True, allowed_mentions=NOBODY
        )


async def _answer(interaction: Interaction, drawing: Any) -> None:
    """Show a private page, in place of the private one that was pressed on."""
    message = interaction.message
    if message is not None and message.flags.ephemeral:
        await redraw(interaction, drawing)
    else:
        await show(interaction, drawing)


CONSENT_BUTTONS: tuple[type[Button], ...] = (
    Privacy,
    Revoke,
    RevokeStyle,
    RevokeNow,
    RevokeAll,
    RevokeAllNow,
    RevokeFor,
    RevokeForNow,
    Retrain,
)
