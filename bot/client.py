"""The Discord client: intents, commands, buttons, forms, and the handlers of each event."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands

from bot.commands.about import about, help_
from bot.commands.admin import konomi
from bot.commands.compare import compare
from bot.commands.edit import edit, edit_this
from bot.commands.imagine import imagine
from bot.commands.inpaint import inpaint
from bot.commands.outpaint import outpaint
from bot.commands.privacy import privacy
from bot.commands.queue import queue as show_queue
from bot.commands.replay import replay
from bot.commands.restore import restore
from bot.commands.restyle import restyle
from bot.commands.settings import settings
from bot.commands.styles.group import style
from bot.commands.training.group import train
from bot.commands.training.host import admin
from bot.commands.upscale import upscale
from bot.components.answers import tell
from bot.components.buttons import ROUND_BUTTONS, Button, HelpButton
from bot.components.edit_form import EDIT_BUTTONS, EditForm
from bot.components.forms import Form, answer
from bot.components.go_on import GO_ON_BUTTONS, RestyleForm
from bot.components.picture_panel import PICTURE_PANEL_BUTTONS
from bot.components.prompt_form import PROMPT_BUTTONS, PROMPT_FORMS
from bot.components.round_panel import PANEL_BUTTONS
from bot.components.settings_form import SETTINGS_BUTTONS, SETTINGS_FORMS
from bot.components.styles.buttons import STYLE_BUTTONS, STYLE_FORMS
from bot.components.training.card import CARD_BUTTONS, CARD_FORMS
from bot.components.training.dataset_buttons import DATASET_BUTTONS
from bot.components.training.dataset_forms import DATASET_FORMS
from bot.components.training.revocation import CONSENT_BUTTONS
from bot.errors import log_failure
from bot.events.mentions import answer_message
from bot.events.reactions import Reactions
from bot.jobs.trouble import PAUSES, growing, passes
from bot.services import Services, services_of
from bot.text.translation import Translation

log = logging.getLogger(__name__)

REGISTER_SECONDS = 5.0
"""Time that the start waits for the first try to register commands."""
REFUSED_PAUSES = (*PAUSES, 60.0, 120.0, 300.0, 600.0)
"""Pauses between tries to register commands that Discord refuses: only a person can change that."""

COMMANDS: Iterable[
    app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
] = (
    imagine,
    compare,
    restyle,
    inpaint,
    outpaint,
    upscale,
    restore,
    replay,
    edit,
    edit_this,
    show_queue,
    settings,
    privacy,
    style,
    help_,
    about,
    konomi,
    train,
    admin,
)

BUTTONS: tuple[type[Button], ...] = (
    *ROUND_BUTTONS,
    *PANEL_BUTTONS,
    *PICTURE_PANEL_BUTTONS,
    *GO_ON_BUTTONS,
    *EDIT_BUTTONS,
    *PROMPT_BUTTONS,
    *SETTINGS_BUTTONS,
    *DATASET_BUTTONS,
    *CONSENT_BUTTONS,
    *CARD_BUTTONS,
    *STYLE_BUTTONS,
    HelpButton,
)

FORMS: tuple[type[Form], ...] = (
    EditForm,
    RestyleForm,
    *PROMPT_FORMS,
    *SETTINGS_FORMS,
    *DATASET_FORMS,
    *CARD_FORMS,
    *STYLE_FORMS,
)


def intents() -> discord.Intents:
    """The intents: none is privileged, and mentions and direct messages still come with text."""
    return discord.Intents(
        guilds=True,
        guild_messages=True,
        guild_reactions=True,
        dm_messages=True,
        dm_reactions=True,
    )


class Tree(app_commands.CommandTree["Konomi"]):
    """The commands, with the one handler for everything that goes wrong in them."""

    async def interaction_check(self, interaction: discord.Interaction[Konomi], /) -> bool:
        """Let a command that was delivered twice run once."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        return not services_of(interaction).repeats.is_repeat(interaction.id)

    async def on_error(
        self, interaction: discord.Interaction[Konomi], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member, and the log if it is our fault."""
        await tell(interaction, getattr(error, "original", error))


class Konomi(discord.Client):
    """Konomi on Discord: takes what happens there to the handlers, which have the services."""

    reactions: Reactions

    def __init__(
        self,
        create_services: Callable[[Konomi, Collection[int]], Services],
        *,
        resume: bool = True,
    ) -> None:
        """`create_services` is called once, with this client and its application's owners.

        `resume`: take up the requests of an earlier run at once.
        """
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.tree = Tree(self)
        for command in COMMANDS:
            self.tree.add_command(command)
        self._create_services = create_services
        self._resume = resume
        self._services: Services | None = None

    @property
    def services(self) -> Services:
        """The services of this client; there are none before it is logged in."""
        if self._services is None:
            raise RuntimeError("the bot is not logged in")
        return self._services

    @property
    def is_logged_in(self) -> bool:
        """True once there are services."""
        return self._services is not None

    async def setup_hook(self) -> None:
        """Create the services, register commands and resume open jobs, before any event."""
        application = self.application or await self.application_info()
        self._services = self._create_services(self, _owners(application))
        self.reactions = Reactions(self._services, self.own_id)
        await self.tree.set_translator(Translation())
        self.add_dynamic_items(*BUTTONS)
        tried = asyncio.Event()
        self._services.background.spawn(self._register(tried), "registering commands")
        with suppress(TimeoutError):
            await asyncio.wait_for(tried.wait(), REGISTER_SECONDS)
        if self._resume:
            try:
                await self._services.recovery.sweep()
            except sqlite3.OperationalError as error:
                log.warning("open jobs wait for the next sweep: %s", error)
            self._services.deferred.resume()
            cards = self._services.dataset_cards.resume()
            self._services.background.spawn(cards, "cards of data sets")
            captions = self._services.dataset_captions.resume()
            self._services.background.spawn(captions, "captions of data sets")
            self._services.style_previews.resume()

    async def _register(self, tried: asyncio.Event) -> None:
        """Register the commands, for as long as that takes; sets `tried` after the first try."""
        outages, refusals = growing(), growing(REFUSED_PAUSES)
        while True:
            try:
                await self.tree.sync()
            except Exception as error:  # noqa: BLE001 - what Discord has from last time still works
                pause = next(outages if passes(error) else refusals)
                log.warning(
                    "the commands could not be registered; the ones that Discord knows from last "
                    "time work, and it is tried again in %.0f seconds: %s",
                    pause,
                    error,
                )
            else:
                tried.set()
                return
            tried.set()
            await asyncio.sleep(pause)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log an error in the handling of an event."""
        if (error := sys.exception()) is not None:
            log_failure(f"{event_method} failed", error)

    async def close(self) -> None:
        """Leave Discord; jobs that are not done are taken up at the next start."""
        if self._services is not None:
            await self._services.deferred.end()
            await self._services.background.end()
        await super().close()

    def own_id(self) -> int | None:
        """Return the bot's own id; None before it is logged in."""
        return None if self.user is None else self.user.id

    async def on_ready(self) -> None:
        """Handle a new session: the first one, or one after a gap that was not resumed."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))
        if not self.services.settings.allowed_servers:
            log.info("painting in every server I am in; KONOMI_ALLOWED_SERVERS can narrow that")
        self.reactions.catch_up()

    async def on_message(self, message: discord.Message) -> None:
        """Answer a mention or a direct message, which may be a prompt or an instruction."""
        if not self.services.repeats.is_repeat(message.id):
            await answer_message(self.services, self.own_id(), message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a submitted form, which may have been opened before a restart."""
        await answer(interaction, FORMS)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle an added reaction."""
        await self.reactions.added(payload)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle a removed reaction."""
        await self.reactions.removed(payload)

    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Handle the removal of all reactions from a message."""
        await self.reactions.cleared(payload.channel_id, payload.message_id)

    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """Handle the removal of all reactions of one emoji."""
        await self.reactions.cleared(payload.channel_id, payload.message_id, payload.emoji)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Handle the deletion of a thread, by itself or with its channel."""
        self.services.dataset_cards.channel_deleted(payload.thread_id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Handle the deletion of a channel."""
        self.services.dataset_cards.channel_deleted(channel.id)

    async def knows(self, member_id: int) -> bool:
        """Return True if a user is a member of a server that the host has allowed."""
        for server_id in self.services.settings.allowed_servers:
            server = self.get_guild(server_id)
            if server is None:
                continue
            try:
                await server.fetch_member(member_id)
            except discord.NotFound:
                continue
            return True
        return False


def _owners(application: discord.AppInfo) -> list[int]:
    """Return the owners of this application: its owner, or the members of its team."""
    if application.team is not None:
        return [member.id for member in application.team.members]
    return [application.owner.id]
