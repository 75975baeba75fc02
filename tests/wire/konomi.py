"""Members' use of Konomi, and the messages that they see."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from . import redirect
from .call import Call
from .components import walk
from .objects import JSON
from .people import Person, buttons, component, pictures, words
from .process import BotProcess, bot_process
from .redirect import Certificates
from .server import LoopbackDiscord
from .state import Interaction

PAINTED = 120.0
"""Seconds within which a round has to stand, on a slow machine with others on it."""

RATE = ("picture-like", "picture-dislike")
"""The buttons of a picture's panel that rate it, and show how many did."""

PAINTER = Path(__file__).with_name("painter.py")


@asynccontextmanager
async def konomi_process(
    discord: LoopbackDiscord,
    certificates: Certificates,
    folder: Path,
    model: Path | None = None,
    **settings: str,
) -> AsyncIterator[BotProcess]:
    """`python -m bot` against the loopback, not started yet; `settings` are KONOMI_'s.

    Without a `model` the stand-in of `painter.py` paints.
    """
    chosen = {
        "discord_token": discord.token,
        "model": str(model or "shapes"),
        "device": "cpu",
        "threads": "1",
        "progress_seconds": "0.2",
        **settings,
    }
    environment = {f"KONOMI_{key.upper()}": value for key, value in chosen.items()}
    if model is None:
        environment["LOOPBACK_PAINTER"] = str(PAINTER)
    async with bot_process(
        discord,
        redirect.by_shim(certificates.authority, discord.port),
        folder,
        arguments=["-m", "bot"],
        settings=environment,
    ) as bot:
        yield bot


def rounds(discord: LoopbackDiscord, prompt: str = "", channel: JSON | None = None) -> list[JSON]:
    """The messages that show finished pictures of this prompt, oldest first."""
    return [
        message
        for message in discord.by_bot(channel)
        if buttons(message, "like") and prompt in words(message)
    ]


def unfinished(discord: LoopbackDiscord, channel: JSON | None = None) -> list[JSON]:
    """The bot's messages that promise something which does not stand there yet."""
    return [
        message
        for message in discord.by_bot(channel)
        if buttons(message, "cancel") or not (words(message) or list(pictures(message)))
    ]


async def recorded(bot: BotProcess, message: JSON) -> None:
    """Wait until the bot has stored that a message shows a round, and has nothing left to do."""
    file = f"file:{bot.folder / 'data' / 'konomi.db'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as shell:
        statement = """
            SELECT 1 FROM posts JOIN jobs USING (round_id)
            WHERE posts.message_id = ? AND delivered = 1
        """
        await bot.discord.until(lambda: shell.execute(statement, [message["id"]]).fetchone())


def finishes(call: Call) -> bool:
    """Return True if a request puts finished pictures into a channel."""
    return "'like:" in str(call.form)


def reports(call: Call) -> bool:
    """Return True if a request reports a job's progress."""
    return "cancel:" in str(call.form)


async def painted(
    discord: LoopbackDiscord, prompt: str, channel: JSON | None = None, *, count: int = 1
) -> JSON:
    """The newest round of this prompt, once `count` of them stand in the channel."""
    await discord.until(lambda: len(rounds(discord, prompt, channel)) >= count, PAINTED)
    return rounds(discord, prompt, channel)[-1]


async def imagine(person: Person, prompt: str, **options: Any) -> Interaction:
    """Ask for pictures with /imagine and wait until the bot has answered in any way."""
    interaction = await person.slash("imagine", prompt=prompt, **options)
    await person.discord.answer(interaction)
    return interaction


async def told(discord: LoopbackDiscord, interaction: Interaction) -> str:
    """Return the bot's private answer to a member's action."""
    await discord.answer(interaction)

    def said() -> str:
        return "\n".join(words(m) for m in discord.privately(interaction))

    return await discord.until(said)


def pictures_of(discord: LoopbackDiscord, message: JSON) -> list[bytes]:
    """The painted pictures of a round, in order; what steered them is not among them."""
    shown = [discord.state.file(p) for p in pictures(message) if "steering" not in p["url"]]
    return shown[: len(buttons(message, "like"))]


def steering_of(discord: LoopbackDiscord, message: JSON) -> list[bytes]:
    """The strip that shows what steered a round, if any did."""
    return [discord.state.file(p) for p in pictures(message) if "steering" in p["url"]]


async def ratings(person: Person, message: JSON, number: int) -> tuple[int, int]:
    """The likes and dislikes of a round's picture (1 is the first), as its panel tells them."""
    panel = await press(person, message, "more", number)
    shown = await person.discord.until(
        lambda: next((m for m in person.discord.privately(panel) if buttons(m, RATE[0])), None)
    )
    likes, dislikes = (component(shown, *buttons(shown, verb)) for verb in RATE)
    assert (likes["emoji"]["name"], dislikes["emoji"]["name"]) == ("👍", "👎")
    return int(likes.get("label") or 0), int(dislikes.get("label") or 0)


def like_counts(message: JSON) -> list[str]:
    """The words on the like buttons under a round's pictures, such as 👍2."""
    found = [c for c in walk(message["components"]) if c.get("custom_id", "").startswith("like:")]
    return [(c.get("emoji") or {}).get("name", "") + (c.get("label") or "") for c in found]


async def press(person: Person, message: JSON, verb: str, number: int = 1) -> Interaction:
    """Press a round's button by its verb ("like", "next", …) and wait for the bot's answer.

    One that is not on the message is looked for in the round's panel, behind ⋯: "more" opens a
    picture there, and "delete" says yes where the bot asks.
    """
    if buttons(message, verb):
        interaction = await person.press(message, buttons(message, verb)[number - 1])
        await person.discord.answer(interaction)
        return interaction
    panel = await opened(person, message)
    verb = {"dislike": "panel-dislike"}.get(verb, verb)
    interaction = await person.press(panel, buttons(panel, verb)[number - 1])
    await person.discord.answer(interaction)
    if verb == "delete" and (asked := buttons(panel, "delete-now")):
        interaction = await person.press(panel, asked[0])
        await person.discord.answer(interaction)
    return interaction


async def opened(person: Person, message: JSON) -> JSON:
    """The private panel behind ⋯ of a round's message."""
    ellipsis = await person.press(message, buttons(message, "round")[0])
    await person.discord.answer(ellipsis)
    return await person.discord.until(lambda: next(iter(person.discord.privately(ellipsis)), None))
