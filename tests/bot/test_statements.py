"""The SQL statements that a press of 👍 costs, counted on the store's own connection.

Counted is every statement that SQLite begins on behalf of the press, reads and writes alike, from
Discord's interaction to the edited message, as `set_trace_callback` reports them.  BEGIN, COMMIT
and ROLLBACK are not counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from storage.gestures import SHEET
from tests.bot.begun import begin, press
from tests.bot.world import World

MOST = 4


@asynccontextmanager
async def statements(world: World) -> AsyncIterator[list[str]]:
    """The statements that the bot's connection runs meanwhile, but for BEGIN and COMMIT."""
    connection, traced = world.store._database._connection, list[str]()
    await connection.set_trace_callback(traced.append)
    counted: list[str] = []
    try:
        yield counted
    finally:
        await connection.set_trace_callback(None)
        aside = ("BEGIN", "COMMIT", "ROLLBACK")
        counted += [sql for sql in traced if not sql.lstrip().upper().startswith(aside)]


async def like(world: World, member: Any, message: Any, image_id: int, said: str) -> list[str]:
    """Press 👍 and return what it cost, once the button says what it should."""
    async with statements(world) as counted:
        await member.click(message, custom_id=f"like:{image_id}")
    assert world.buttons(message)[f"like:{image_id}"] == said
    return counted


async def test_a_round_from_words(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    await world.alice.react(message, "👍")
    await world.done()

    pressed = await like(world, world.bob, message, image.id, "👍1 (2)")
    withdrawn = await like(world, world.bob, message, image.id, "👍1 (1)")

    assert len(pressed) <= MOST, pressed
    assert len(withdrawn) <= MOST, withdrawn


async def test_a_steered_round_from_anothers_picture(world: World) -> None:
    first = await world.painted(world.alice, count=8)
    message = await world.message_of(first)
    for image in (await world.store.images.of_round(first.id))[:4]:
        await world.alice.click(message, custom_id=f"like:{image.id}")
    await press(world, world.bob, "vary-subtle", first)
    await world.done()
    varied = await world.newest()
    assert varied.source_image_id is not None
    await world.bob.react(await world.message_of(varied), "👍")
    await world.bob.click(await world.message_of(varied), custom_id=f"next:{varied.id}")
    await world.done()
    steered = await world.newest()
    assert await world.store.rounds.steers(steered.id)
    message = await world.message_of(steered)
    assert "Follows " in world.words(message)
    image = (await world.store.images.of_round(steered.id))[0]

    pressed = await like(world, world.alice, message, image.id, "👍1 (1)")

    assert len(pressed) <= MOST, pressed


async def test_a_round_from_an_upload(world: World) -> None:
    await begin(world)
    await world.done()
    round_ = await world.newest()
    image = (await world.store.images.of_round(round_.id))[0]

    message = await world.message_of(round_)
    pressed = await like(world, world.bob, message, image.id, "👍1 (1)")

    assert len(pressed) <= MOST, pressed


async def test_a_single_picture_of_a_comparison(world: World) -> None:
    options = {"across": "steps", "across_values": "10, 20, 30"}
    await world.alice.slash(world.channel, "compare", prompt="a red star", **options)
    await world.done()
    round_ = await world.newest()
    first, image, *_ = await world.store.images.of_round(round_.id)
    sheet = await world.message_of(round_, SHEET)
    page = await world.alice.click(sheet, custom_id=f"single:{first.id}")

    pressed = await like(world, world.alice, page.response, image.id, "👍2 (1)")

    assert len(pressed) <= MOST, pressed


async def test_what_is_not_there_is_refused_after_one_look(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    await world.store.rounds.delete(round_.id)

    async with statements(world) as counted:
        refused = await world.bob.click(message, custom_id=f"like:{image.id}")

    assert (
        world.words(refused.response)
        == "This picture was deleted, or it isn't available to you here."
    )
    assert len(counted) == 1, counted
