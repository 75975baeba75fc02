"""A data folder that is gone, or locked, for a while: afterwards all goes on, nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from bot.host.heartbeat import heartbeat_file
from bot.host.periodic import read_records

from .konomi import imagine, like_counts, painted, ratings
from .process import BotProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_a_folder_that_is_away_for_seconds(konomi: BotProcess) -> None:
    discord, data = konomi.discord, konomi.folder / "data"
    data.rename(konomi.folder / "away")
    await asyncio.sleep(20)
    (konomi.folder / "away").rename(data)
    back = time.time()
    await discord.until(lambda: heartbeat_file(data).stat().st_mtime > back, 40)
    await discord.until(lambda: read_records(data)["the heartbeat"].failures == 0, 40)
    await imagine(discord.person("alice"), "a red star", count=1)
    await painted(discord, "a red star")


@pytest.mark.parametrize("seconds", [12, 40])
async def test_reactions_while_the_database_is_locked(konomi: BotProcess, seconds: int) -> None:
    discord = konomi.discord
    await imagine(discord.person("alice"), "a red star", count=2)
    message = await painted(discord, "a red star")
    with closing(sqlite3.connect(konomi.folder / "data" / "konomi.db")) as shell:
        shell.execute("BEGIN IMMEDIATE")
        for person in discord.people[:6]:
            await person.react(message, "1️⃣")
        await asyncio.sleep(seconds)
    freed = time.monotonic()
    await discord.until(lambda: like_counts(message) == ["👍1 (6)", "👍2"], 100)
    print(f"counted {time.monotonic() - freed:.1f} s after the lock of {seconds} s")
    assert await ratings(discord.person("alice"), message, 1) == (6, 0)
    assert time.monotonic() - freed < 60
    await imagine(discord.person("bob"), "a blue moon", count=1)
    await painted(discord, "a blue moon")
