"""What the gateway delivers twice is done once."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from .konomi import imagine, painted, press, ratings, rounds
from .ordinary_bot import png
from .people import buttons
from .process import BotProcess
from .server import LoopbackDiscord


def deliver_everything_twice(discord: LoopbackDiscord) -> None:
    """Have the gateway send every interaction and message two times, one right after the other."""
    once = discord.gateway.dispatch

    async def twice(event: str, data: Any) -> None:
        await once(event, data)
        if event in ("INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD"):
            await once(event, copy.deepcopy(data))

    discord.gateway.dispatch = twice  # type: ignore[method-assign]


async def test_commands_presses_forms_and_messages(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    deliver_everything_twice(discord)
    await imagine(alice, "a red star", count=1)
    first = await painted(discord, "a red star")
    await press(alice, first, "like")
    assert await ratings(alice, first, 1) == (1, 0)
    await press(alice, first, "next")
    await painted(discord, "a red star", count=2)

    panel = discord.privately(await press(alice, first, "more"))[0]
    form = await press(alice, panel, "restyle")
    values = {"prompt": "a purple hill", "strength": "0.7"}
    await alice.submit(form, values, message=panel)
    await painted(discord, "a purple hill")

    upload = {"picture": ("holiday.png", png(120), "image/png")}
    await alice.slash("restyle", files=upload, prompt="a blue moon")
    await painted(discord, "a blue moon")
    await alice.mention("a green hill")
    await painted(discord, "a green hill")
    await alice.react(first, "🎲")
    await painted(discord, "a red star", count=3)
    await alice.slash("queue")

    await asyncio.sleep(1)
    assert len(rounds(discord)) == 6
    assert [m for m in discord.by_bot() if buttons(m, "cancel")] == []
    refused = [call for call in discord.calls("POST", "/callback") if call.status != 200]
    assert refused == []
    assert "Traceback" not in konomi.said()
