"""Measures how soon a bot answers when many members act at once.

python -m tests.wire.bursts --out bursts.json
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from . import objects, redirect
from .interactions import DEFER
from .konomi import PAINTED, imagine, konomi_process, painted, unfinished
from .objects import JSON
from .people import Person, buttons
from .process import BotProcess
from .server import LoopbackDiscord
from .state import Interaction

SETTINGS = {"waiting": "1000", "waiting_per_member": "100", "progress_seconds": "2"}
MEMBERS, PRESSES, PRESSES_SECONDS = 50, 1000, 10.0
ANSWERED = 60.0
"""Seconds to wait for the last answer: what is late is measured, not given up."""


def crowd(discord: LoopbackDiscord, size: int = MEMBERS) -> list[Person]:
    """So many members of the server, beside those who are always there."""
    state = discord.state
    for number in range(size):
        user = objects.user(state.snowflakes.next(), f"member{number}")
        state.users[user["id"]] = user
        state.roles_of[user["id"]] = []
    return [discord.person(f"member{number}") for number in range(size)]


def photo(seed: int, width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG of about a megabyte, which takes a decoder a moment."""
    chance = random.Random(seed)
    noise = Image.frombytes(
        "RGB", (width // 2, height // 2), chance.randbytes(width * height * 3 // 4)
    )
    file = io.BytesIO()
    noise.resize((width, height)).save(file, "JPEG", quality=80)
    return file.getvalue()


async def uploads(discord: LoopbackDiscord, people: Sequence[Person]) -> list[Interaction]:
    """Everyone uploads a picture at the same moment; all the answers."""
    kinds = (("restyle", "prompt"), ("edit", "instruction"))
    files = [photo(number) for number in range(4)]

    async def one(number: int, person: Person) -> Interaction:
        name, option = kinds[number % 2]
        upload = {"picture": ("photo.jpg", files[number % 4], "image/jpeg")}
        asked = await person.slash(name, files=upload, **{option: f"blue {number}"})
        await discord.answer(asked, ANSWERED)
        return asked

    return await asyncio.gather(*(one(n, p) for n, p in enumerate(people)))


async def presses(
    discord: LoopbackDiscord,
    people: Sequence[Person],
    messages: Sequence[JSON],
    *,
    count: int = PRESSES,
    seconds: float = PRESSES_SECONDS,
    seed: int = 1,
) -> list[Interaction]:
    """Members press likes, panels and now and then Next on these rounds, evenly over time."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> Interaction:
        await asyncio.sleep(began + number * seconds / count - loop.time())
        (verb,) = chance.choices(["like", "round", "next"], [75, 22, 3])
        message = chance.choice(messages)
        pressed = await chance.choice(people).press(message, chance.choice(buttons(message, verb)))
        await discord.until(lambda: pressed.answer, ANSWERED)
        return pressed

    return await asyncio.gather(*(one(number) for number in range(count)))


def waits(interactions: Sequence[Interaction]) -> dict[str, float]:
    """The quantiles of the seconds from a member's act to the first answer."""
    every = sorted(i.answered_after or ANSWERED for i in interactions)

    def share(part: float) -> float:
        return round(every[min(len(every) - 1, int(part * len(every)))], 3)

    return {"p50": share(0.5), "p95": share(0.95), "p99": share(0.99), "max": round(every[-1], 3)}


async def measure(bot: BotProcess) -> dict[str, Any]:
    """Both bursts against one bot, one after the other."""
    discord = bot.discord
    people = crowd(discord)
    for number in range(5):
        await imagine(people[number], f"a red star {number}", count=4)
    messages = [await painted(discord, f"a red star {number}") for number in range(5)]
    uploaded = await uploads(discord, people)
    late = sum(i.answer is not None and i.answer["type"] == DEFER for i in uploaded)
    await discord.until(lambda: not any(map(discord.privately, uploaded)), PAINTED)
    await discord.until(lambda: not unfinished(discord), PAINTED)
    pressed = await presses(discord, people, messages)
    return {"uploads": {**waits(uploaded), "deferred": late}, "presses": waits(pressed)}


async def _run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        certificates = redirect.certificates(Path(folder))
        discord = LoopbackDiscord(deadline=ANSWERED)
        async with (
            discord.serving(tls=certificates.server, public=redirect.PUBLIC),
            konomi_process(discord, certificates, Path(folder), **SETTINGS) as bot,
        ):
            await bot.start()
            await discord.connected()
            return await measure(bot)


def main() -> None:
    """Measure once and print the seconds."""
    command = argparse.ArgumentParser(prog="python -m tests.wire.bursts", description=__doc__)
    command.add_argument("--out", type=Path, help="write the seconds to this file")
    options = command.parse_args()
    found = asyncio.run(_run())
    print(json.dumps(found))
    if options.out is not None:
        options.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
