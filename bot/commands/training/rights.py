"""/train rights: the host's grant, and an admin's choice of who trains in their server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.training.rights import MOST_ROLES
from bot.components.answers import refusals_told
from bot.context import of_interaction
from bot.errors import Refusal
from bot.services import services_of
from bot.text.commands import of
from bot.text.markdown import Markup
from bot.text.training import commands as words
from bot.text.training import rights as text
from bot.views.page import note
from storage.training_records import TrainingRights


@app_commands.command(name=of(words.RIGHTS), description=of(words.RIGHTS_IS))
@app_commands.rename(
    granted=of(words.GRANTED),
    add_role=of(words.ADD_ROLE),
    remove_role=of(words.REMOVE_ROLE),
    member_tastes=of(words.MEMBER_TASTES),
)
@app_commands.describe(
    granted=of(words.GRANTED_IS),
    add_role=of(words.ADD_ROLE_IS),
    remove_role=of(words.REMOVE_ROLE_IS),
    member_tastes=of(words.MEMBER_TASTES_IS),
)
@refusals_told
async def rights(
    interaction: discord.Interaction[Any],
    granted: bool | None = None,
    add_role: discord.Role | None = None,
    remove_role: discord.Role | None = None,
    member_tastes: bool | None = None,
) -> None:
    """Change what is given, then show who may train."""
    services, asker = services_of(interaction), of_interaction(interaction)
    stored, rules = services.store.training_rights, services.training_rules
    rules.allow_choices(asker)
    if granted is not None:
        rules.allow_grant(asker)
    before = await stored.get(asker.server_id)
    roles = set(before.roles)
    if add_role is not None:
        roles.add(add_role.id)
    if remove_role is not None:
        roles.discard(remove_role.id)
    if len(roles) > MOST_ROLES:
        raise Refusal(text.TOO_MANY_ROLES, most=MOST_ROLES)
    tastes = before.member_tastes if member_tastes is None else member_tastes
    if granted is not None:
        await stored.grant(asker.server_id, granted=granted)
        services.training_jobs.obey_grant(asker.server_id)
    if (roles, tastes) != (set(before.roles), before.member_tastes):
        await stored.choose(asker.server_id, roles=roles, member_tastes=tastes)
    page = note(describe(asker.locale, await stored.get(asker.server_id)))
    await interaction.response.send_message(view=page, ephemeral=True)


def describe(locale: str, rights: TrainingRights) -> str:
    """Describe who may train in a server."""
    roles = Markup(" ".join(f"<@&{role}>" for role in rights.roles))
    return "\n".join(
        (
            text.GRANTED(locale) if rights.granted else text.UNGRANTED(locale),
            text.ROLES(locale, roles=roles) if roles else text.ADMINS(locale),
            text.TASTES_ON(locale) if rights.member_tastes else text.TASTES_OFF(locale),
        )
    )
