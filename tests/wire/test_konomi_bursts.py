"""Everyone is answered in time: when many act at once, and when the disk takes its time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from . import redirect
from .bursts import ANSWERED, SETTINGS, crowd, measure
from .interactions import DEFER, DEFER_UPDATE
from .konomi import imagine, konomi_process, painted, press, ratings, told, unfinished
from .objects import JSON
from .people import buttons, component
from .process import BotProcess
from .redirect import Certificates
from .server import LoopbackDiscord

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def patient_konomi(certificates: Certificates, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """Konomi where many may wait, on a Discord that waits longer, so that all can be measured."""
    discord = LoopbackDiscord(deadline=ANSWERED)
    async with (
        discord.serving(tls=certificates.server, public=redirect.PUBLIC),
        konomi_process(discord, certificates, tmp_path, **SETTINGS) as bot,
    ):
        await bot.start()
        await discord.connected()
        yield bot


def count_of_likes(message: JSON, number: int = 1) -> str | None:
    """The words on the button 👍 of a picture: its number, where it has one, and its likes."""
    shown = component(message, buttons(message, "like")[number - 1])
    return shown.get("label")


@contextmanager
def database_held(bot: BotProcess) -> Iterator[None]:
    """Keep the bot from writing to its database, as a slow disk or a backup does."""
    with closing(sqlite3.connect(bot.folder / "data" / "konomi.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_presses_are_answered_while_the_database_is_held(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    await imagine(alice, "a red star", count=2)
    message = await painted(discord, "a red star")
    with database_held(konomi):
        liked = await press(alice, message, "like")
        opened = await press(bob, message, "round")
        followed = await press(bob, message, "next")
        kinds = [each.answer["type"] for each in (liked, opened, followed) if each.answer]
        assert kinds == [DEFER_UPDATE, DEFER, DEFER]
    await discord.until(lambda: count_of_likes(message) == "1 (1)")
    await discord.until(lambda: discord.privately(opened))
    (panel,) = discord.privately(opened)
    await discord.until(lambda: buttons(panel, "more"))
    await painted(discord, "a red star", count=2)
    await discord.until(lambda: not discord.privately(followed))


async def test_many_who_like_at_once_are_all_counted(konomi: BotProcess) -> None:
    discord = konomi.discord
    await imagine(discord.person("alice"), "a red star", count=1)
    message = await painted(discord, "a red star")
    people = [*discord.people, *crowd(discord, 20)]
    await asyncio.gather(*(press(person, message, "like") for person in people))
    await discord.until(lambda: count_of_likes(message) == "30")
    assert await ratings(people[0], message, 1) == (30, 0)


async def test_a_refusal_is_told_though_others_press_at_once(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    await imagine(alice, "a red star", count=1)
    message = await painted(discord, "a red star")
    pressed = {person: buttons(message, "like")[0] for person in (alice, bob)}
    await press(alice, message, "delete")
    late = await asyncio.gather(*(p.press(message, c) for p, c in pressed.items()))
    assert all([await told(discord, each) for each in late])


async def test_a_form_is_answered_while_the_database_is_held(konomi: BotProcess) -> None:
    discord = konomi.discord
    alice = discord.person("alice")
    await imagine(alice, "a red star", count=1)
    message = await painted(discord, "a red star")
    opened = await press(alice, message, "more")
    (panel,) = discord.privately(opened)
    form = await press(alice, panel, "restyle")
    with database_held(konomi):
        sent = await alice.submit(form, {"prompt": "a blue star", "strength": "0.6"}, message=panel)
        assert (await discord.answer(sent))["type"] == DEFER
    await painted(discord, "a blue star")
    await discord.until(lambda: not discord.privately(sent))
    data = f"file:{konomi.folder / 'data' / 'konomi.db'}?mode=ro"
    await konomi.stop()
    with closing(sqlite3.connect(data, uri=True)) as database:
        assert not database.execute("SELECT * FROM open_answers").fetchall()


@pytest.mark.slow
async def test_fifty_uploads_and_a_thousand_presses_are_answered_within_a_second(
    patient_konomi: BotProcess,
) -> None:
    found = await measure(patient_konomi)
    print(found)
    assert found["uploads"]["p99"] <= 1.0
    assert found["presses"]["p99"] <= 1.0
    discord = patient_konomi.discord
    await discord.until(lambda: not unfinished(discord), 240)
    assert "Traceback" not in patient_konomi.said()
