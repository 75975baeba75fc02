"""Only a part of the world fails for a while: nothing is lost, nothing half-done stays."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from . import permissions
from .faults import Moment
from .konomi import (
    PAINTED,
    finishes,
    imagine,
    opened,
    painted,
    pictures_of,
    press,
    rounds,
    unfinished,
)
from .objects import JSON
from .people import buttons, words
from .process import BotProcess
from .server import LoopbackDiscord

STEPS, COUNT = 100, 4
EDIT = "PATCH /channels/.*/messages/"


async def shown_once(discord: LoopbackDiscord, prompt: str) -> JSON:
    """The whole round of this prompt; nothing else of it is there."""
    message = await painted(discord, prompt)
    await discord.quiet("P", "/channels/")
    assert len(rounds(discord, prompt)) == 1
    assert len(set(pictures_of(discord, message))) == COUNT
    assert not unfinished(discord)
    return message


def database(bot: BotProcess) -> Path:
    """The bot's database file."""
    return bot.folder / "data" / "konomi.db"


async def test_an_acknowledgement_whose_connection_broke_off_is_made_good(
    konomi: BotProcess,
) -> None:
    konomi.discord.faults.lose_answer("POST /interactions/.*/callback")
    await konomi.discord.person("alice").slash("imagine", prompt="a red star", count=COUNT)
    await shown_once(konomi.discord, "a red star")


async def test_pictures_outlive_a_database_that_is_held_for_twelve_seconds(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    asked = await imagine(discord.person("alice"), "a red star", steps=STEPS, count=COUNT)
    message = discord.original(asked)
    await discord.until(lambda: "%" in words(message), PAINTED)
    with contextlib.closing(sqlite3.connect(database(konomi), timeout=20)) as held:
        held.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(12)
    done = await shown_once(discord, "a red star")
    assert done["id"] == message["id"]


async def test_four_restarts_in_good_order_cost_a_job_nothing(konomi: BotProcess) -> None:
    discord = konomi.discord
    asked = await imagine(discord.person("alice"), "a red star", steps=150, count=8)
    message = discord.original(asked)
    for _ in range(4):
        await discord.until(lambda: "%" in words(message), PAINTED)
        assert await konomi.stop() == 130
        await konomi.start()
        await discord.connected()
    done = await painted(discord, "a red star")
    assert done["id"] == message["id"]
    assert len(rounds(discord)) == 1
    assert len(set(pictures_of(discord, done))) == 8
    assert not unfinished(discord)
    with contextlib.closing(sqlite3.connect(database(konomi))) as shell:
        assert shell.execute("SELECT state, attempts FROM jobs").fetchall() == [("done", 1)]


@pytest.mark.parametrize("moment", [Moment.ARRIVED, Moment.PERFORMED])
async def test_a_deletion_outlives_an_outage_and_a_kill(konomi: BotProcess, moment: Moment) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    await imagine(alice, "a red star", count=COUNT)
    message = await shown_once(discord, "a red star")
    discord.faults.act("DELETE /channels/.*/messages/", {moment: konomi.kill})
    panel = await opened(alice, message)
    await press(alice, panel, "delete")
    await alice.press(panel, buttons(panel, "delete-now")[0])
    assert await konomi.ended() == -9
    discord.faults.answer("DELETE /channels/.*/messages/", 503, times=3)
    await konomi.start()
    await discord.until(lambda: not rounds(discord, "a red star"), 60)


async def test_a_round_that_discord_refuses_for_good_is_kept_and_can_be_shown_again(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    discord.faults.answer(EDIT, 413, 40005, "Request entity too large").where = finishes
    asked = await imagine(alice, "a red star", count=COUNT)
    message = discord.original(asked)
    await discord.until(lambda: buttons(message, "show"), PAINTED)
    assert "Discord didn't accept them" in words(message)
    await asyncio.sleep(1)  # until that is noted
    await konomi.stop()
    await konomi.start()
    await discord.connected()
    await asyncio.sleep(2)
    assert buttons(message, "show")  # It is not tried again by itself.
    await press(alice, message, "show")
    done = await shown_once(discord, "a red star")
    assert done["id"] == message["id"]


async def test_a_right_that_is_lost_for_a_while_delays_the_round(konomi: BotProcess) -> None:
    discord = konomi.discord
    asked = await imagine(discord.person("alice"), "a red star", steps=STEPS, count=COUNT)
    message = discord.original(asked)
    await discord.until(lambda: "%" in words(message), PAINTED)
    permissions.forbid(discord.general, discord.state.application_id, permissions.VIEW_CHANNEL)
    await discord.until(lambda: "cannot be delivered to a closed channel" in konomi.said(), PAINTED)
    permissions.allow(discord.general, discord.state.application_id)
    done = await shown_once(discord, "a red star")
    assert done["id"] == message["id"]
