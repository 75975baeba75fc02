"""Answers that members were promised, "thinking …", come whatever happens to the bot meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .faults import Moment
from .konomi import painted, press, rounds
from .objects import JSON, LOADING
from .ordinary_bot import png
from .people import buttons, words
from .process import BotProcess
from .server import LoopbackDiscord
from .state import Interaction

UPLOAD = {"picture": ("holiday.png", png(120), "image/png")}
DEFER = r"POST /interactions/.*/callback"
RESTARTED = "I was restarted while fetching your picture. Please send it again."


def thinking(discord: LoopbackDiscord, interaction: Interaction) -> bool:
    """True if whoever asked still sees that an answer is to come."""
    return any(message["flags"] & LOADING for message in discord.privately(interaction))


def said(discord: LoopbackDiscord, interaction: Interaction) -> str:
    return "\n".join(words(message) for message in discord.privately(interaction))


async def asked_with_a_slow_file(konomi: BotProcess, prompt: str, seconds: float) -> Interaction:
    discord = konomi.discord
    discord.rest.file_seconds = seconds
    return await discord.person("alice").slash("restyle", files=UPLOAD, prompt=prompt)


def deferred(call: Any) -> bool:
    return bool(call.form["type"] == 5)


async def killed(konomi: BotProcess) -> None:
    await konomi.killed()


async def told_to_stop(konomi: BotProcess) -> None:
    await konomi.stop()


@pytest.mark.parametrize("end", [killed, told_to_stop])
async def test_a_file_still_being_fetched_is_asked_for_again(
    konomi: BotProcess, end: Callable[[BotProcess], Any]
) -> None:
    discord = konomi.discord
    asked = await asked_with_a_slow_file(konomi, "a red star", 30)
    await discord.until(lambda: asked.original and thinking(discord, asked))
    await end(konomi)
    if end is killed or "not every answer could be given" in konomi.said():  # A busy machine.
        assert thinking(discord, asked)
    else:
        assert said(discord, asked) == RESTARTED
    discord.rest.file_seconds = 0
    await konomi.start()
    await discord.until(lambda: said(discord, asked) == RESTARTED, 20)
    assert not thinking(discord, asked)
    assert not rounds(discord)
    assert "Traceback" not in konomi.said()


async def test_killed_as_discord_hears_that_an_answer_will_follow(konomi: BotProcess) -> None:
    discord = konomi.discord
    discord.faults.act(DEFER, {Moment.PERFORMED: konomi.kill}, where=deferred)
    asked = await asked_with_a_slow_file(konomi, "a red star", 30)
    assert await konomi.ended() == -9
    assert thinking(discord, asked)
    await konomi.start()
    await discord.until(lambda: said(discord, asked) == RESTARTED, 20)


async def test_killed_once_the_job_is_there_the_job_is_done_and_nothing_asked_again(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    discord.faults.act("POST /channels/.*/messages", {Moment.ARRIVED: konomi.kill})
    asked = await asked_with_a_slow_file(konomi, "a red star", 2.5)
    assert await konomi.ended() == -9
    discord.rest.file_seconds = 0
    await konomi.start()
    await painted(discord, "a red star")
    await discord.until(lambda: not discord.privately(asked), 20)
    assert len(rounds(discord, "a red star")) == 1


async def test_an_answer_that_discord_takes_only_later_comes_later(konomi: BotProcess) -> None:
    discord = konomi.discord
    files, discord.state.files = discord.state.files, {}
    discord.faults.answer("POST /webhooks/", 503, times=1)
    asked = await asked_with_a_slow_file(konomi, "a red star", 2.5)
    discord.state.files.clear()
    await discord.until(lambda: "Please attach it again" in said(discord, asked), 20)
    discord.state.files = files
    assert not thinking(discord, asked)


async def test_a_word_of_discord_that_is_lost_keeps_nobody_waiting(konomi: BotProcess) -> None:
    discord = konomi.discord
    discord.faults.lose_answer(DEFER)
    asked = await asked_with_a_slow_file(konomi, "a red star", 2.5)
    await painted(discord, "a red star")
    await discord.until(lambda: not discord.privately(asked), 20)
    assert len(rounds(discord, "a red star")) == 1


async def test_killed_before_a_private_page_of_pictures_is_sent(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    across: JSON = {"across": "steps", "across_values": "10, 20"}
    await alice.slash("compare", prompt="a red star", **across)
    sheet = (
        await discord.until(lambda: [m for m in discord.by_bot() if buttons(m, "single")], 60)
    )[0]
    lost = discord.faults.answer("POST /webhooks/", 503)
    lost.acts[Moment.ARRIVED] = konomi.kill
    opened = await press(alice, sheet, "single")
    assert await konomi.ended() == -9
    await konomi.start()
    await discord.until(
        lambda: said(discord, opened) == "I was restarted before I could answer. Please try again.",
        20,
    )
