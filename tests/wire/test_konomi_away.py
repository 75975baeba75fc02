"""Members' actions while the bot is offline are caught up on when it returns."""

from __future__ import annotations

import time

from .gateway import IDENTIFY, RESUME
from .konomi import imagine, painted, press, ratings
from .objects import JSON
from .people import Person
from .process import BotProcess
from .server import LoopbackDiscord


async def first_round(discord: LoopbackDiscord, person: Person) -> JSON:
    """A round of two pictures with the bot's own reactions under it."""
    await imagine(person, "a red star", count=2)
    message = await painted(discord, "a red star")
    await discord.until(lambda: len(message.get("reactions", [])) >= 3)
    return message


async def test_reactions_of_a_lost_connection_are_replayed(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    message = await first_round(discord, alice)
    await discord.gateway.drop(4000)
    await alice.react(message, "1️⃣")
    await discord.until(lambda: discord.gateway.count(RESUME) and discord.gateway.connected)
    await discord.until(lambda: discord.gateway.connected)
    assert await ratings(alice, message, 1) == (1, 0)


async def test_reactions_of_a_lost_session_are_fetched(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    message = await first_round(discord, alice)
    await bob.react(message, "1️⃣")
    await alice.react(message, "👎")
    await discord.until(lambda: discord.gateway.connected)
    assert await ratings(alice, message, 1) == (1, 1)

    identified, gone = discord.gateway.count(IDENTIFY), time.monotonic()
    await discord.gateway.invalidate()
    await alice.unreact(message, "👎")
    await alice.react(message, "2️⃣")
    await bob.react(message, "👍", burst=True)
    await discord.until(lambda: discord.gateway.count(IDENTIFY) > identified, 20)
    await discord.quiet("GET", "/reactions/", since=gone)
    assert [await ratings(alice, message, n) for n in (1, 2)] == [(1, 0), (2, 0)]


async def test_reactions_given_while_it_was_off_are_fetched_at_its_start(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    message = await first_round(discord, alice)
    await press(alice, message, "dislike", 2)
    await konomi.stop()
    for person in discord.people:
        await person.react(message, "1️⃣")
    await konomi.start()
    await discord.quiet("GET", "/reactions/", since=konomi.started)
    assert [await ratings(alice, message, n) for n in (1, 2)] == [(10, 0), (0, 1)]
