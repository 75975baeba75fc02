"""The playground: `python -m bot demo`, this very bot in a page on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import signal
import zoneinfo
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import simcord

from bot.actions.rules import needs_age_restriction
from bot.app import make_room, take_up_jobs, watch
from bot.composition import Opened, create_queue, create_services, worker_options
from bot.host.logs import set_up_logging
from bot.playground import face
from bot.playground.client import PlaygroundClient
from bot.playground.earlier import show_again
from bot.playground.live import keep_current
from bot.playground.markdown import markdown_kept
from bot.playground.outside import OutsideBackground, OutsideQueue, from_simcord
from bot.playground.server import PageServer
from bot.playground.world import World, create_world, restrict, welcome_page
from bot.settings import Settings
from bot.text import introduction
from bot.views.page import note
from generation.process.supervisor import Generator
from storage.store import Store, open_store

FOLDER = "demo"
"""Where in the data folder the playground keeps its own: never among a real bot's data."""

SETTLE_SECONDS = 60.0
"""How long SimCord's page waits for an answer before it shows an error and calls the outcome
uncertain; pictures that are handed over are decoded in a process of its own, which takes longer
than SimCord's 5 seconds on a machine that is busy training."""

PROGRESS_SECONDS = 1.0
"""There is no Discord here to be spared, and a round takes but seconds; the page needs the better
part of one to load a preview."""


class CannotPlay(Exception):
    """The playground cannot open; the message is for whoever started it."""


async def run_demo(settings: Settings, *, port: int = 0) -> None:
    """Play until told to stop, by a signal or in the page; `port` 0 takes a free one.

    Raises `GeneratorFailed` where the model cannot be loaded, a `StorageError` where the data
    folder cannot be used, and `CannotPlay` where the port is taken.
    """
    set_up_logging(settings.log_level if "log_level" in settings.model_fields_set else "WARNING")
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is not None:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, task.cancel)
    settings = for_playing(settings)
    generator = Generator(worker_options(settings))
    # A signal ends everything in order, and is no fault.
    with contextlib.suppress(asyncio.CancelledError):
        async with opened(settings, generator) as playground, shown(playground, port) as page:
            say("Open the address below. Write /imagine a red star, press 👍, press Next round;")
            say("Ctrl+C ends it. Next time, what you painted is there again.")
            say(f"playground: {page.url}")
            await page.closed()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Playground:
    """The bot on a Discord of its own, ready to paint."""

    env: simcord.Env
    client: PlaygroundClient
    background: OutsideBackground
    world: World


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ServedPage:
    """The page: its address, and a wait until somebody ends the playground on it."""

    url: str
    closed: Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def opened(settings: Settings, generator: Generator) -> AsyncIterator[Playground]:
    """Open the playground's data folder and start the bot, with what earlier runs painted."""
    background = OutsideBackground()
    async with (
        generator,  # First: the model loads while the rest opens.
        open_store(settings.data_dir) as store,
        create_queue(settings, store, generator, kind=OutsideQueue) as queue,
    ):
        create = functools.partial(
            create_services,
            settings,
            Opened(store=store, generator=generator, queue=queue),
            background=background,
            download=lambda url: from_simcord(client, url),
            reaction_seconds=0,
        )
        # What is left to do is taken up once there is a channel to show it in.
        client: PlaygroundClient = PlaygroundClient(create, resume=False)
        # Before the bot hears of any message: ids start over here.
        await store.forget_messages()
        async with simcord.run(client, check_errors=False, settle_timeout=SETTLE_SECONDS) as env:
            try:
                world = await create_world(env, client)
                card = await generator.ready()
                if needs_age_restriction(settings.model, card):
                    restrict(client, world)
                # What the bot does on arrival is to find no message yet that it might know.
                await background.rest()
                services = client.services
                await services.channels.post(world.channel.id, welcome_page(card), nonce="welcome")
                await show_again(services, world.server_id, world.channel, world.members)
                await allow_training(store, world)
                await services.dataset_cards.resume()
                await services.dataset_captions.resume()
                await services.recovery.sweep()
                tasks = [
                    asyncio.create_task(make_room(settings, store), name="making room"),
                    asyncio.create_task(
                        take_up_jobs(client, settings.data_dir), name="taking up jobs"
                    ),
                    asyncio.create_task(watch(generator, settings), name="watching the generator"),
                ]
                try:
                    yield Playground(env=env, client=client, background=background, world=world)
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.wait(tasks)
            finally:
                await background.end()


async def allow_training(store: Store, world: World) -> None:
    """Grant training at the first start: to be tried in English as Dana, in Japanese as Hana.

    Afterwards it is as Dana left it.
    """
    rights = store.training_rights
    if not await rights.are_set(world.server_id):
        await rights.grant(world.server_id)
        await rights.choose(world.server_id, roles={world.trainers.id}, member_tastes=False)


@contextlib.asynccontextmanager
async def shown(playground: Playground, port: int) -> AsyncIterator[ServedPage]:
    """Serve the page, and keep it current."""
    env, world = playground.env, playground.world

    async def hint(member_id: int, message_id: int) -> None:
        page = note(introduction.TYPED_COMMAND(world.locales[member_id].value))
        post = playground.client.services.channels.post
        await post(world.channel.id, page, nonce=f"typed-{message_id}", reply_to=message_id)

    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(markdown_kept())
        preview = await stack.enter_async_context(
            env.preview(
                world.channel,
                viewers=world.members,
                layout="channel",
                timezone=time_zone(),
                assets=face.asset(env.backend.bot_user.id),
            )
        )
        server = PageServer(preview, env, world.channel, hint)
        try:
            await stack.enter_async_context(server.serving(port))
        except OSError as error:
            raise CannotPlay(
                f"The page cannot be served on port {port}: {error.strerror}. "
                "Choose another --port, or none."
            ) from error
        work = keep_current(env, server.redraw)
        watching = asyncio.create_task(work, name="keeping the page current")
        try:
            yield ServedPage(url=server.url, closed=preview.wait_closed)
        finally:
            watching.cancel()
            await asyncio.wait([watching])


def for_playing(settings: Settings) -> Settings:
    """Return the host's settings, without those that make no sense in the playground."""
    return settings.model_copy(
        update={
            "data_dir": settings.data_dir / FOLDER,
            "discord_token": None,
            "owner_ids": (),
            "allowed_servers": (),
            "progress_seconds": min(PROGRESS_SECONDS, settings.progress_seconds),
        }
    )


def time_zone(clock: Path = Path("/etc/localtime")) -> str:
    """Return the IANA name of this machine's time zone; UTC if it is unknown."""
    _, _, name = str(clock.resolve()).partition("/zoneinfo/")
    return name if name in zoneinfo.available_timezones() else "UTC"


def say(line: str) -> None:
    """Print a line at once, also if a program reads along."""
    print(line, flush=True)
