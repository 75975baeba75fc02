"""Uploads that are refused, and protection against harmful ones."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from PIL import Image

from bot import uploads
from bot.uploads import MOST_BYTES
from generation.images import sandbox
from tests.bot.begun import PICTURE, begin, clean, digest
from tests.bot.world import World
from tests.hostile.bombs import many_scans
from tests.hostile.raw import gif


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"picture": ("a.svg", b"<svg/>")}, "I can't read that as a picture."),
        ({"picture": ("a.exe", PICTURE)}, "I can't read that as a picture."),
        ({"picture": ("a.png", b"x" * (MOST_BYTES + 1))}, "can have up to 20 MiB"),
        ({"strength": 0.0}, "Strength must be more than 0"),
        ({"strength": 1.1}, "not 1.1"),
        ({"strength": 0.01}, "changes nothing. Use a strength of at least 0.05"),
        ({"count": 9}, "You can ask for 1 to 8 pictures at a time"),
        ({"prompt": " "}, "Say what to paint"),
    ],
)
async def test_what_can_be_seen_beforehand_is_refused_in_private_and_never_fetched(
    world: World,
    options: dict[str, Any],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(url: str) -> AsyncGenerator[bytes, None]:
        raise AssertionError(url)
        yield b""

    monkeypatch.setattr(world.bot.services.uploads, "_download", never)
    result = await begin(world, **options)
    assert result.ephemeral
    assert said in world.words(result.response)
    assert world.ours() == []
    assert list(world.store.files.work.iterdir()) == []


@pytest.mark.parametrize("limit", ["pictures", "waiting"])
async def test_quotas_count_before_anything_is_fetched(world: World, limit: str) -> None:
    if limit == "pictures":
        await world.admin.slash(world.channel, "konomi settings", pictures_per_day=2)
    else:
        for n in range(4):
            await world.imagine(world.alice, f"hold {n}", count=8)
    result = await begin(world)
    assert result.ephemeral
    assert "in 24 hours" in world.words(result.response) or "waiting" in world.words(
        result.response
    )
    world.release()
    await world.done()


async def test_more_than_was_said_is_never_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0

    async def endless(url: str) -> AsyncGenerator[bytes, None]:
        nonlocal taken
        while True:
            taken += 1 << 20
            yield bytes(1 << 20)

    monkeypatch.setattr(world.bot.services.uploads, "_download", endless)
    result = await begin(world)
    assert result.ephemeral
    assert "can have up to 20 MiB" in world.words(result.response)
    assert taken <= MOST_BYTES + (2 << 20)
    assert list(world.store.files.work.iterdir()) == []
    assert await world.store.jobs.pending() == []


@pytest.mark.parametrize("member", ["picture", "mask"])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<script>alert(1)</script>", "I can't read that as a picture."),
        (PICTURE[:-20], "because it is damaged or incomplete"),
        (gif(60_000, 60_000, [(0, 0, 1, 1)]), "That picture is too large to read"),
    ],
)
async def test_a_hostile_file_is_refused_before_anything_is_queued(
    world: World, data: bytes, said: str, member: str
) -> None:
    options: dict[str, Any] = {"area": "left"} | {member: ("holiday.png", data)}
    result = await begin(world, "inpaint", **options)
    assert result.ephemeral
    assert said in world.words(result.response)
    assert await world.store.jobs.pending() == []
    assert list(world.store.files.work.iterdir()) == []
    # And the place in the queue was given back.
    assert not (await world.imagine(world.alice)).ephemeral
    await world.done()
    assert len(world.requests()) == 1


async def test_while_a_file_takes_long_the_loop_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    busy = asyncio.create_task(others())
    result = await begin(world, data=many_scans())
    busy.cancel()
    assert result.ephemeral
    said = [world.words(each) for each in (result.response, *result.followups) if each]
    assert any("That picture takes too long to read" in words for words in said)
    assert turns > 20
    assert await world.store.jobs.pending() == []
    assert list(world.store.files.work.iterdir()) == []


async def test_a_wrong_name_does_no_harm(world: World) -> None:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(PICTURE)) as picture:
        picture.save(buffer, "GIF")
    await begin(world, picture=("a.jpg", buffer.getvalue()))
    await world.done()
    assert world.requests()[0]["source"]["picture"] == digest(clean(buffer.getvalue()))


async def test_a_file_that_is_not_there_is_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens there, whichever machine this is.
    async def gone(_: str) -> AsyncGenerator[bytes, None]:
        async for block in uploads.blocks_of("http://127.0.0.1:1/a.png"):
            yield block

    monkeypatch.setattr(world.bot.services.uploads, "_download", gone)
    result = await begin(world)
    assert result.ephemeral
    assert "Please attach it again" in world.words(result.response)
    # And the place in the queue was given back.
    assert not (await world.imagine(world.alice)).ephemeral
    await world.done()
