"""Members' actions while the bot is offline are caught up on when it returns."""

from __future__ import annotations

import time

import pytest

from .gateway import IDENTIFY, RESUME
from .konomi import imagine, like_counts, painted, press, ratings, recorded
from .objects import JSON
from .people import Person
from .process import BotProcess


async def first_round(konomi: BotProcess, person: Person) -> JSON:
    """A round of two pictures."""
    await imagine(person, "a red star", count=2)
    message = await painted(konomi.discord, "a red star")
    await recorded(konomi, message)
    return message


async def test_reactions_of_a_lost_connection_are_replayed(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    message = await first_round(konomi, alice)
    await discord.gateway.drop(4000)
    await alice.react(message, "1️⃣")
    await discord.until(lambda: discord.gateway.count(RESUME) and discord.gateway.connected)
    await discord.until(lambda: discord.gateway.connected)
    assert await ratings(alice, message, 1) == (1, 0)


async def test_reactions_of_a_lost_session_are_fetched(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    message = await first_round(konomi, alice)
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
    message = await first_round(konomi, alice)
    await press(alice, message, "dislike", 2)
    await konomi.stop()
    for person in discord.people:
        await person.react(message, "1️⃣")
    await konomi.start()
    await discord.quiet("GET", "/reactions/", since=konomi.started)
    assert [await ratings(alice, message, n) for n in (1, 2)] == [(10, 0), (0, 1)]


@pytest.mark.parametrize("fault", ["refused", "cut off"])
async def test_a_fault_while_they_are_fetched_costs_none(konomi: BotProcess, fault: str) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    prompts = ("a red star", "a blue moon", "a green hill")
    for prompt in prompts:
        await imagine(alice, prompt, count=1)
    messages = [await painted(discord, prompt) for prompt in prompts]
    for message in messages:
        await recorded(konomi, message)
    await konomi.stop()
    for message in messages:
        await alice.react(message, "1️⃣")
        await discord.person("bob").react(message, "1️⃣")
    fetching = r"GET /channels/\d+/messages/\d+"
    if fault == "refused":
        discord.faults.answer(fetching, 503, times=2)
    else:
        discord.faults.lose_answer(fetching, times=2)
    await konomi.start()
    await discord.until(lambda: all(like_counts(m) == ["👍2"] for m in messages), 30)
    assert [await ratings(alice, message, 1) for message in messages] == [(2, 0)] * 3


async def test_a_message_that_is_gone_keeps_no_other_from_being_fetched(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    await imagine(alice, "a red star", count=1)
    there = await painted(discord, "a red star")
    await imagine(alice, "a blue moon", count=1)
    gone = await painted(discord, "a blue moon")
    await recorded(konomi, gone)
    await konomi.stop()
    await discord.person("moderator").delete(gone)
    await alice.react(there, "1️⃣")
    await konomi.start()
    await discord.until(lambda: like_counts(there) == ["👍1"], 30)
    fetched = [c for c in discord.calls("GET", gone["id"]) if c.at > konomi.started]
    assert [call.status for call in fetched] == [404]
