"""Fixtures of the wire: a loopback Discord that nothing may go wrong with, and bots against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from . import openapi, redirect
from .konomi import konomi_process
from .process import BotProcess, bot_process
from .redirect import Certificates
from .server import LoopbackDiscord


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for Discord's names, for as long as the tests run."""
    return redirect.certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def description() -> openapi.Description | None:
    """Discord's OpenAPI description, or None where it is not here."""
    path = openapi.place()
    return openapi.Description(path) if path else None


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Stable Diffusion of tiny size with random weights: real in all but its pictures."""
    from tests.tiny import build_tiny

    return build_tiny(tmp_path_factory.mktemp("model"))


@asynccontextmanager
async def lawful_discord(
    certificates: Certificates, description: openapi.Description | None
) -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord; at the end every request must have been a lawful one."""
    # A machine that is busy with other things must not make a bot look dead: who wants to know
    # how fast it answered looks at `Interaction.answered_after`.
    loopback = LoopbackDiscord(deadline=15.0)
    async with loopback.serving(tls=certificates.server, public=redirect.PUBLIC):
        yield loopback
    assert not loopback.unhandled
    if description is not None:
        assert not description.wrong(loopback.rest.calls)


@pytest.fixture
async def discord(
    certificates: Certificates, description: openapi.Description | None
) -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord of the test's own."""
    async with lawful_discord(certificates, description) as loopback:
        yield loopback


@pytest.fixture
async def ordinary(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """An ordinary bot in a process of its own, connected."""
    async with bot_process(
        discord,
        redirect.by_shim(certificates.authority, discord.port),
        tmp_path,
        arguments=["-m", "tests.wire.ordinary_bot"],
        settings={"BOT_TOKEN": discord.token},
    ) as bot:
        await bot.start()
        yield bot


@pytest.fixture
async def konomi(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """Konomi in a process of its own, connected, for a test that does it harm."""
    async with konomi_process(discord, certificates, tmp_path) as bot:
        await bot.start()
        await discord.connected()
        yield bot


@pytest.fixture
async def painting_konomi(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path, tiny_model: Path
) -> AsyncIterator[BotProcess]:
    """Konomi with a real, if tiny, model in its generator, connected and ready to paint."""
    async with konomi_process(discord, certificates, tmp_path, tiny_model) as bot:
        await bot.start()
        await discord.connected()
        yield bot


@pytest.fixture
async def embedded_konomi(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """Konomi with the model that comes with it, which may paint in any channel, connected."""
    async with konomi_process(discord, certificates, tmp_path, Path("shapes")) as bot:
        await bot.start()
        await discord.connected()
        yield bot


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_konomi(
    certificates: Certificates,
    description: openapi.Description | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[BotProcess]:
    """One Konomi, connected, for all tests of a module that leave it as it is."""
    folder = tmp_path_factory.mktemp("konomi")
    async with (
        lawful_discord(certificates, description) as loopback,
        konomi_process(loopback, certificates, folder) as bot,
    ):
        await bot.start()
        await loopback.connected()
        yield bot
