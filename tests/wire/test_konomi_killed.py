"""Whoever dies in mid-job, the bot or its generator: what was promised is done, and once."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]
import pytest

from .call import Call
from .faults import Moment
from .konomi import (
    PAINTED,
    finishes,
    imagine,
    painted,
    pictures_of,
    press,
    ratings,
    recorded,
    reports,
    rounds,
    unfinished,
)
from .objects import JSON
from .people import buttons, words
from .process import BotProcess
from .server import LoopbackDiscord

STEPS, COUNT = 100, 4
"""Two seconds of work for the stand-in, about five for the embedded model."""


@dataclasses.dataclass(frozen=True)
class Death:
    """When the bot dies: at a moment of a request, or some seconds after it was asked."""

    name: str
    pattern: str = ""
    where: Callable[[Call], bool] = lambda _: True
    moment: Moment = Moment.PERFORMED
    delay: float = 0.0

    def arrange(self, bot: BotProcess, prompt: str = "") -> None:
        """Order the death, if a request is to bring it: one that shows `prompt`, if it shows any.

        The counts of a round before may be refreshed at any time, and are not meant.
        """
        if not self.pattern:
            return
        acts = {self.moment: bot.kill}
        if self.moment is Moment.ANSWERED:
            # Frozen before the answer leaves, the bot receives it and cannot act on it.
            acts[Moment.PERFORMED] = bot.freeze
        bot.discord.faults.act(
            self.pattern, acts, where=lambda call: self.where(call) and prompt in str(call.form)
        )


ANY_ANSWER = "POST /interactions/"
EDIT = "PATCH /(channels|webhooks)/.*/messages/"
WRITE = "(POST|PATCH) /(channels|webhooks)/"

EXACT = [
    Death(f"{moment.value}: {name}", pattern, where, moment)
    for moment in Moment
    for name, pattern, where in (
        ("the first answer to /imagine", ANY_ANSWER, lambda _: True),
        ("a progress edit", EDIT, reports),
        ("the finished round", WRITE, finishes),
    )
]
"""Deaths between an answered request and the next commit, and right before and after."""


def deaths(number: int, seed: int) -> list[Death]:
    """Every exact death, then ones at random seconds, in a random order: `number` in all."""
    chance = random.Random(seed)
    some = [Death(f"after {s:.2f} s", delay=s) for s in (chance.uniform(0, 2) for _ in range(99))]
    chosen = [*EXACT, *some][:number]
    chance.shuffle(chosen)
    return chosen


async def die(bot: BotProcess, death: Death, prompt: str) -> None:
    """Ask for a job and let the bot die in it as arranged; afterwards nothing of it runs."""
    discord = bot.discord
    children = bot.children()
    death.arrange(bot, prompt)
    asked = await discord.person("alice").slash("imagine", prompt=prompt, steps=STEPS, count=COUNT)
    if death.pattern:
        assert await bot.ended(PAINTED) == -9, f"nothing came that {death.name} waits for"
    else:
        await discord.answer(asked)
        await asyncio.sleep(death.delay)
        bot.kill()
        await bot.ended()
    discord.faults.clear()
    _, left = await asyncio.to_thread(psutil.wait_procs, children, 20)
    assert not left, "the generator outlived the bot"


async def once(discord: LoopbackDiscord, prompt: str) -> JSON:
    """The round of this prompt: it is there, whole, and nothing else of it is."""
    message = await painted(discord, prompt)
    await discord.quiet("P", "/channels/")  # whatever would come twice has come
    assert len(rounds(discord, prompt)) == 1
    assert len(set(pictures_of(discord, message))) == COUNT
    assert not unfinished(discord)
    return message


async def survive(bot: BotProcess, death: Death, number: int) -> JSON:
    """Let the bot die once, start it again, and see that nobody has lost anything."""
    discord, prompt = bot.discord, f"picture {number} of many"
    await die(bot, death, prompt)
    await bot.start()
    await discord.connected()
    return await once(discord, prompt)


async def outlive(bot: BotProcess, series: list[Death]) -> None:
    """Die again and again, with every round rated; at the end everything is still there."""
    discord = bot.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    messages = []
    for number, death in enumerate(series):
        message = await survive(bot, death, number)
        await press(alice, message, "like", 1)
        await press(bob, message, "dislike", 1)
        await bob.react(message, "2️⃣")
        await recorded(bot, message)
        messages.append(message)
    await bot.killed()
    await alice.react(messages[0], "3️⃣")
    await bot.start()
    await discord.connected()
    await discord.quiet("GET", "/reactions/", since=bot.started)
    for message in messages:
        assert [await ratings(alice, message, n) for n in (1, 2)] == [(1, 1), (1, 0)]
    assert await ratings(alice, messages[0], 3) == (1, 0)
    await press(alice, messages[0], "next")
    following = await painted(discord, "picture 0 of many", count=2)
    assert f"Follows <@{alice.id}>'s 2 likes" in words(following)
    assert "dislike" not in words(following)
    assert len(rounds(discord)) == len(series) + 1


async def test_a_bot_that_dies_keeps_its_promises(konomi: BotProcess) -> None:
    await outlive(konomi, [EXACT[2], Death("after a second", delay=1.0)])


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_bot_that_dies_twenty_times_keeps_its_promises(konomi: BotProcess) -> None:
    await outlive(konomi, deaths(20, seed=20))


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_bot_with_its_own_model_dies_twenty_times(embedded_konomi: BotProcess) -> None:
    await outlive(embedded_konomi, deaths(20, seed=40))


async def test_a_like_that_was_acknowledged_is_kept(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    await imagine(alice, "a red star", count=1)
    message = await painted(discord, "a red star")
    await recorded(konomi, message)
    Death("a like", ANY_ANSWER, moment=Moment.PERFORMED).arrange(konomi)
    await alice.press(message, buttons(message, "like")[0])
    assert await konomi.ended() == -9
    await konomi.start()
    await discord.connected()
    assert await ratings(alice, message, 1) == (1, 0)


async def orphaned(bot: BotProcess, number: int, delay: float) -> None:
    """Kill the generator in the middle of a job, and see the job done all the same."""
    discord, prompt = bot.discord, f"picture {number} of many"
    await discord.until(bot.generator, PAINTED)
    generator = bot.generator()
    assert generator is not None
    asked = await imagine(discord.person("alice"), prompt, steps=STEPS, count=COUNT)
    message = discord.original(asked)
    await discord.until(lambda: "%" in words(message), PAINTED)
    await asyncio.sleep(delay)
    assert buttons(message, "cancel"), "the job was over too soon to die in it"
    generator.kill()
    done = await once(discord, prompt)
    assert done["id"] == message["id"]


async def test_a_generator_that_dies_is_replaced(konomi: BotProcess) -> None:
    for number, delay in enumerate((0.0, 0.3)):
        await orphaned(konomi, number, delay)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_generator_that_dies_twenty_times_is_replaced(konomi: BotProcess) -> None:
    chance = random.Random(20)
    for number in range(20):
        await orphaned(konomi, number, chance.uniform(0, 1.2))


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_generator_with_its_own_model_dies_twenty_times(
    embedded_konomi: BotProcess,
) -> None:
    chance = random.Random(40)
    for number in range(20):
        await orphaned(embedded_konomi, number, chance.uniform(0, 1))
