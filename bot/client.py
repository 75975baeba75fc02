"""The Discord client: intents, commands, buttons, and who is told what happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import discord
from discord import app_commands

from bot.actions.boards import BoardActions
from bot.actions.orders import Orders
from bot.actions.rules import Rules
from bot.commands.about import about, help_
from bot.commands.admin import konomi
from bot.commands.compare import compare
from bot.commands.edit import edit, edit_this
from bot.commands.from_picture import inpaint, outpaint, restore, restyle, upscale
from bot.commands.imagine import answer_message, imagine
from bot.commands.queue import queue as show_queue
from bot.commands.replay import replay
from bot.components.buttons import ROUND_BUTTONS, Button
from bot.components.edit_form import EDIT_BUTTONS, EditForm
from bot.components.forms import Form, answer
from bot.components.go_on import GO_ON_BUTTONS, RestyleForm
from bot.errors import tell
from bot.events import reactions
from bot.jobs.background import Background
from bot.jobs.channel import Channels
from bot.jobs.delivery import Delivery
from bot.jobs.edit_budget import EditBudget
from bot.jobs.page_data import PageData
from bot.jobs.recovery import Recovery
from bot.jobs.results import Results
from bot.settings import Settings
from bot.text.translation import Translation
from bot.uploads import Download, Uploads
from generation.process.queue import Queue
from generation.protocol.options import ModelCard
from storage.store import Store

log = logging.getLogger(__name__)

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
    help_,
    about,
    konomi,
)

BUTTONS: tuple[type[Button], ...] = (*ROUND_BUTTONS, *GO_ON_BUTTONS, *EDIT_BUTTONS)

FORMS: tuple[type[Form], ...] = (EditForm, RestyleForm)


def intents() -> discord.Intents:
    """What we hear of: no privileged intent is needed, mentions and direct messages included."""
    return discord.Intents(
        guilds=True,
        guild_messages=True,
        guild_reactions=True,
        dm_messages=True,
        dm_reactions=True,
    )


class Tree(app_commands.CommandTree["Konomi"]):
    """The commands, with the one handler for everything that goes wrong in them."""

    async def on_error(
        self, interaction: discord.Interaction[Konomi], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member, and the log if it is our fault."""
        await tell(interaction, getattr(error, "original", error))


class Konomi(discord.Client):
    """Konomi on Discord.  Holds the parts that handlers work with, and no state of its own."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        queue: Queue,
        model: Callable[[], ModelCard | None],
        new_seed: Callable[[], int] | None = None,
        reaction_seconds: float = 0.3,
        pauses: tuple[float, ...] = (2, 5, 15, 60, 180),
        background: Background | None = None,
        download: Download | None = None,
        resume: bool = True,
    ) -> None:
        """`model` is asked for the loaded model's card; `background` is where work goes on
        that nobody awaits; `download` is how uploads are fetched; `resume` is whether the
        requests of an earlier run are taken up by themselves.  The rest as in `BoardActions` and
        `Results`."""
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.settings = settings
        self.store = store
        self.queue = queue
        self.model = model
        self.background = background or Background()
        self.posting = Channels(self)
        self.budget = EditBudget(settings.progress_seconds)
        self.showing = PageData(store, queue)
        self.uploads = Uploads(store.files, download)
        self.tree = Tree(self)
        self._new_seed = new_seed
        self._resume = resume
        self.results = Results(
            store=store,
            posting=self.posting,
            showing=self.showing,
            budget=self.budget,
            background=self.background,
            reaction_seconds=reaction_seconds,
            pauses=pauses,
        )
        self.delivery = Delivery(
            store=store,
            posting=self.posting,
            budget=self.budget,
            results=self.results,
            background=self.background,
        )
        self.reactions = reactions.Reactions(self)
        self._set_hosts(settings.owner_ids)
        for command in COMMANDS:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        """Before the first event: who our host is, what we offer, what is left to do."""
        if not self.settings.owner_ids:
            self._set_hosts(_owners(self.application or await self.application_info()))
        await self.tree.set_translator(Translation())
        await self.tree.sync()
        self.add_dynamic_items(*BUTTONS)
        if self._resume:
            await self.resume()

    async def resume(self) -> None:
        """Take up what an earlier run left undone."""
        recovery = Recovery(
            store=self.store,
            queue=self.queue,
            orders=self.orders,
            delivery=self.delivery,
            results=self.results,
            background=self.background,
        )
        await recovery.resume()

    async def close(self) -> None:
        """Leave Discord; jobs that are not done are taken up at the next start."""
        await self.background.end()
        await super().close()

    async def on_ready(self) -> None:
        """A new session, the first or after a gap that could not be resumed."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))
        if not self.settings.allowed_servers:
            log.info("painting in every server I am in; KONOMI_ALLOWED_SERVERS can narrow that")
        self.background.spawn(self.reactions.reconcile(), "reading reactions again")

    async def on_message(self, message: discord.Message) -> None:
        """A mention or a direct message may be a prompt, or an instruction."""
        await answer_message(self, message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A form was sent, maybe one that was opened before a restart."""
        await answer(interaction, FORMS)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction came."""
        await self.reactions.added(payload)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction went."""
        await self.reactions.removed(payload)

    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """All reactions of a message went."""
        await self.reactions.cleared(payload.message_id)

    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """All reactions of one emoji went."""
        await self.reactions.cleared(payload.message_id, payload.emoji)

    async def knows(self, member_id: int) -> bool:
        """Whether someone is a member of a server that the host has allowed."""
        for server_id in self.settings.allowed_servers:
            server = self.get_guild(server_id)
            if server is None:
                continue
            try:
                await server.fetch_member(member_id)
            except discord.NotFound:
                continue
            return True
        return False

    def _set_hosts(self, hosts: Iterable[int]) -> None:
        self.rules = Rules(self.settings, list(hosts))
        self.orders = Orders(
            settings=self.settings,
            store=self.store,
            queue=self.queue,
            rules=self.rules,
            model=self.model,
            acquainted=self.knows,
            new_seed=self._new_seed,
        )
        self.painting = BoardActions(
            settings=self.settings,
            store=self.store,
            queue=self.queue,
            rules=self.rules,
            model=self.model,
            orders=self.orders,
        )


def _owners(application: discord.AppInfo) -> list[int]:
    """Whose application this is: its owner, or the members of its team."""
    if application.team is not None:
        return [member.id for member in application.team.members]
    return [application.owner.id]
