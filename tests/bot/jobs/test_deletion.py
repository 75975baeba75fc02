"""What was deleted goes from the channel as well, also when Discord or the bot fails meanwhile."""

from __future__ import annotations

import pytest

from tests.bot.world import World, created_bot

MESSAGE = "/channels/*/messages/*"


async def test_a_message_is_deleted_once_discord_is_well_again(world: World) -> None:
    round_ = await world.painted(world.alice)
    world.env.inject_error("DELETE", MESSAGE, status=503, times=7)
    await world.delete(world.alice, round_)
    await world.done()
    assert world.ours() == []
    assert await world.store.rounds.get(round_.id) is None
    assert await world.store.removals.open() == []


async def test_a_reaction_deletes_as_surely_as_the_button(world: World) -> None:
    round_ = await world.painted(world.alice, count=8)
    world.env.inject_error("DELETE", MESSAGE, status=500, times=6)
    await world.alice.react(await world.message_of(round_), "❌")
    await world.done()
    assert world.ours() == []


async def test_a_message_in_a_closed_channel_is_deleted_when_it_is_open_again(
    world: World,
) -> None:
    round_ = await world.painted(world.alice)
    world.env.inject_error("DELETE", MESSAGE, status=403, code=50001, times=2)
    await world.delete(world.alice, round_)
    await world.done()
    assert world.ours() == []


async def test_a_deletion_that_a_restart_came_between_is_done(world: World) -> None:
    round_ = await world.painted(world.alice)
    # As if the process had died between the commit and Discord.
    await world.store.rounds.delete(round_.id)
    assert len(world.ours()) == 1
    async with created_bot(world.bot.services.settings, world.parts) as bot:
        await world.env.restart_bot(bot)
        world.bot = bot
        await world.done()
    assert world.ours() == []


async def test_a_message_that_is_gone_already_is_forgotten(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.mod.delete(message)
    await world.store.rounds.delete(round_.id)
    await world.bot.services.recovery.sweep()
    await world.done()
    assert await world.store.removals.open() == []


async def test_deleting_a_round_that_is_being_painted_leaves_no_message(world: World) -> None:
    await world.imagine(world.alice, "hold a star")
    (job,) = await world.store.jobs.pending()
    assert job.round_id is not None
    await world.store.rounds.delete(job.round_id)
    await world.bot.services.recovery.sweep()
    world.release()
    await world.done()
    assert world.ours() == []


@pytest.mark.usefixtures("expected_faults")
async def test_what_discord_refuses_to_delete_for_good_is_left(world: World) -> None:
    round_ = await world.painted(world.alice)
    world.env.inject_error("DELETE", MESSAGE, status=400, code=50021, times=1)
    await world.delete(world.alice, round_)
    await world.done()
    assert await world.store.removals.open() == []
