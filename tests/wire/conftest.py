"""Fixtures of the wire: a loopback Discord that nothing may go wrong with, and bots against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from . import openapi, redirect
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


@pytest.fixture
async def discord(
    certificates: Certificates, description: openapi.Description | None
) -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord; at the end every request must have been a lawful one."""
    loopback = LoopbackDiscord()
    async with loopback.serving(tls=certificates.server, public=redirect.PUBLIC):
        yield loopback
    assert not loopback.unhandled
    if description is not None:
        assert not [w for call in loopback.rest.calls for w in description.wrong_request(call)]
        assert not [w for call in loopback.rest.calls for w in description.wrong_answer(call)]


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
