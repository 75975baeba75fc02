"""Many members at once: everyone is answered in time, and everyone has their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .konomi import PAINTED, finishes, imagine, konomi_process, painted, rounds, told
from .people import words
from .process import BotProcess
from .redirect import Certificates
from .server import LoopbackDiscord

pytestmark = pytest.mark.timeout(300)

ANSWERED = 3.0
"""Seconds after which Discord gives a bot up; the slow test asks for one, on an idle machine."""


@pytest.fixture
async def konomi(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """Konomi painting one request at a time, so that order can be seen."""
    async with konomi_process(discord, certificates, tmp_path, pictures_together="1") as bot:
        await bot.start()
        await discord.connected()
        yield bot


async def busy(discord: LoopbackDiscord, steps: int = 80) -> None:
    """Keep the painter at work for a while."""
    for name in ("owner", "moderator"):
        await imagine(discord.person(name), f"a long work of the {name}", steps=steps, count=1)


def finished(discord: LoopbackDiscord) -> list[str]:
    """Return the texts of the finished rounds, in the order in which they were posted."""
    written = [c.answer for c in discord.calls() if finishes(c) and c.status == 200]
    in_order = dict.fromkeys(answer["id"] for answer in written)
    return [words(discord.state.messages[message_id]) for message_id in in_order]


async def slowest_of_ten(bot: BotProcess) -> float:
    """Ten members ask at once while it paints: the longest anyone waited for an answer."""
    discord = bot.discord
    await busy(discord)
    asked = await asyncio.gather(
        *(imagine(person, f"the wish of {person.name}", count=1) for person in discord.people)
    )
    assert all(words(discord.original(interaction)) for interaction in asked)
    for person in discord.people:
        await painted(discord, f"the wish of {person.name}")
    waited = max(interaction.answered_after or PAINTED for interaction in asked)
    print(f"the slowest of ten answers came after {waited:.2f} s")
    return waited


async def test_ten_members_at_once_are_answered_while_it_paints(konomi: BotProcess) -> None:
    assert await slowest_of_ten(konomi) <= ANSWERED


@pytest.mark.slow
async def test_ten_members_at_once_are_answered_within_a_second(konomi: BotProcess) -> None:
    assert await slowest_of_ten(konomi) <= 1.0


async def test_members_take_turns(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    await busy(discord)
    for number in range(3):
        await imagine(alice, f"alice {number}", count=1, steps=2)
    await imagine(bob, "bob 0", count=1, steps=2)
    await painted(discord, "alice 2")
    await painted(discord, "bob 0")
    order = [line for line in finished(discord) if "long work" not in line]
    asked = [next(p for p in ("alice 0", "alice 1", "alice 2", "bob 0") if p in w) for w in order]
    assert asked == ["alice 0", "bob 0", "alice 1", "alice 2"]


async def test_a_member_with_fifty_requests_waits_while_others_are_served(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    await busy(discord, steps=150)  # for as long as fifty requests take on a machine at work
    asked = await asyncio.gather(
        *(imagine(alice, f"greedy {n}.", count=1, steps=2) for n in range(50))
    )
    patient = await imagine(bob, "patient", count=1, steps=2)
    refused = [interaction for interaction in asked if discord.privately(interaction)]
    assert len(refused) == 47
    for interaction in refused:
        assert "You already have 3 requests waiting" in await told(discord, interaction)
    assert not discord.privately(patient)
    await painted(discord, "patient")
    await discord.until(lambda: len(rounds(discord, "greedy")) == 3, PAINTED)
    served = finished(discord)
    place = next(n for n, line in enumerate(served) if "patient" in line)
    assert sum("greedy" in line for line in served[:place]) <= 1
