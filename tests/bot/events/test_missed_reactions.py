"""Reactions that were missed are read again, each message by itself, until it is done."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import discord
import pytest

from bot.events import missed_reactions
from bot.settings import Settings
from storage.database import DATABASE_NAME
from storage.records import Round
from tests.bot.world import World


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed_reactions, "LEISURELY_SECONDS", 0.01)


@pytest.fixture
def pause(world: World) -> None:
    """Pauses between tries that a test can wait for."""
    world.bot.reactions.missed._pauses = (0.05,)


@asynccontextmanager
async def broken(settings: Settings, table: str) -> AsyncIterator[None]:
    """A database that fails with every statement on this table."""

    def rename(before: str, after: str) -> None:
        with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell, shell:
            shell.execute(f"ALTER TABLE {before} RENAME TO {after}")

    # In a thread: the bot may be in the middle of a transaction, which it has to go on with.
    await asyncio.to_thread(rename, table, "elsewhere")
    try:
        yield
    finally:
        await asyncio.to_thread(rename, "elsewhere", table)


async def miss(world: World, round_: Round, *emoji: str) -> discord.Message:
    """Have Alice and Bob react to a round as if the bot had not been there to hear of it."""
    message = await world.message_of(round_)
    for each in emoji:
        await world.alice.react(message, each)
        await world.bob.react(message, each)
    await world.store.ratings.clear_reactions(message.id)
    assert await likes(world, round_) == 0
    return message


async def caught_up(world: World) -> None:
    world.bot.reactions.catch_up()
    await world.done()


async def likes(world: World, round_: Round) -> int:
    """How often someone likes one of a round's pictures."""
    found = 0
    for image in await world.store.images.of_round(round_.id):
        found += len(await world.store.ratings.of_image(image.id))
    return found


@pytest.mark.usefixtures("pause")
async def test_one_refusal_costs_no_other_message_and_not_its_own(world: World) -> None:
    rounds = [await world.painted(world.alice) for _ in range(3)]
    for round_ in rounds:
        await miss(world, round_, "1️⃣")
    world.env.inject_error("GET", "/channels/*/messages/*", status=503)
    await caught_up(world)
    assert [await likes(world, round_) for round_ in rounds] == [2, 2, 2]
    for round_ in rounds:
        image = (await world.store.images.of_round(round_.id))[0]
        message = await world.message_of(round_)
        assert world.buttons(message)[f"like:{image.id}"] == "👍1 (2)"


@pytest.mark.parametrize("status", [403, 404])
async def test_messages_that_are_gone_or_closed_are_passed_by(world: World, status: int) -> None:
    gone, there = [await world.painted(world.alice) for _ in range(2)]
    await miss(world, there, "1️⃣")
    message = await world.message_of(gone)
    path = f"/channels/*/messages/{message.id}"
    world.env.inject_error("GET", path, status=status, times=None)
    await caught_up(world)
    assert await likes(world, there) == 2


async def test_more_rounds_than_are_read_at_once_are_all_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed_reactions, "AT_ONCE", 2)
    rounds = [await world.painted(world.alice, count=1) for _ in range(5)]
    for round_ in rounds:
        await miss(world, round_, "1️⃣")
    await caught_up(world)
    assert [await likes(world, round_) for round_ in rounds] == [2] * 5


@pytest.mark.usefixtures("pause")
async def test_a_database_that_fails_for_a_while_costs_nothing(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    round_ = await world.painted(world.alice)
    await miss(world, round_, "1️⃣")
    async with broken(settings, "posts"):
        world.bot.reactions.catch_up()
        await asyncio.sleep(0.2)
        assert "could not be looked up yet" in caplog.text
    await world.done()
    assert await likes(world, round_) == 2


@pytest.mark.usefixtures("pause", "expected_faults")
@pytest.mark.parametrize("table", ["reactions", "ratings", "servers"])
async def test_reactions_that_cannot_be_recorded_as_they_come_are_read_later(
    world: World, settings: Settings, table: str
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.mod.react(message, "1️⃣")
    async with broken(settings, table):
        await world.alice.react(message, "1️⃣")
        await world.bob.react(message, "🍕")
        await world.mod.unreact(message, "1️⃣")
    await world.done()
    image = (await world.store.images.of_round(round_.id))[0]
    (rating,) = await world.store.ratings.of_image(image.id)
    assert (rating.member_id, rating.value) == (world.alice.id, 1)
    assert world.buttons(message)[f"like:{image.id}"] == "👍1 (1)"


async def test_a_second_session_while_they_are_read_reads_on_in_the_same_task(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = [await world.painted(world.alice, count=1) for _ in range(3)]
    for round_ in rounds:
        await miss(world, round_, "1️⃣")
    channels, reading, most = world.bot.services.channels, 0, 0
    read = channels.reactions

    async def counted(channel_id: int, message_id: int) -> dict[str, set[int]]:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0.05)
        try:
            return await read(channel_id, message_id)
        finally:
            reading -= 1

    monkeypatch.setattr(channels, "reactions", counted)
    for _ in range(4):
        world.bot.reactions.catch_up()
        await asyncio.sleep(0.03)
    await world.done()
    assert most == 1
    assert [await likes(world, round_) for round_ in rounds] == [2, 2, 2]


async def test_what_was_asked_for_while_away_is_not_done_now(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.alice.react(message, "🔁")
    await world.done()
    await world.store.ratings.clear_reactions(message.id)
    await caught_up(world)
    await caught_up(world)
    assert len(world.requests()) == 2


@pytest.mark.usefixtures("expected_faults")
async def test_a_next_round_that_fails_is_told_and_not_repeated(
    world: World, settings: Settings
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    async with broken(settings, "jobs"):
        await world.alice.react(message, "🔁")
    assert "Something went wrong on my side" in world.words(world.ours()[-1])
    assert len(world.requests()) == 1


async def test_reactions_on_a_progress_message_are_read_again_as_well(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    message = result.response.message
    await world.bob.react(message, "3️⃣")
    await world.store.ratings.clear_reactions(message.id)
    world.bot.reactions.catch_up()
    await asyncio.sleep(0.2)
    world.release()
    await world.done()
    assert await likes(world, await world.newest()) == 1
