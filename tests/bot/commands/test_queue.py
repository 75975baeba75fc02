"""/queue and Cancel; /about."""

from __future__ import annotations

from tests.bot.world import World


async def test_the_queue_shows_ones_own_requests_with_a_button_each(world: World) -> None:
    await world.imagine(world.alice, "hold 1", count=8)
    await world.imagine(world.bob, "hold 2", count=8)
    await world.imagine(world.alice, "hold 3", count=8)
    result = await world.alice.slash(world.channel, "queue")
    assert result.ephemeral
    words = world.words(result.response)
    assert "`1` painting now: hold 1" in words
    assert "`3` place 2: hold 3" in words
    assert "hold 2" not in words
    assert world.buttons(result.response) == {"cancel:1": "Cancel 1", "cancel:3": "Cancel 3"}

    await world.alice.click(result.response, custom_id="cancel:3")
    assert "hold 3" not in world.words(result.response)
    assert list(world.buttons(result.response)) == ["cancel:1"]
    world.release()
    await world.done()
    assert [asked["prompt"] for asked in world.requests()] == ["hold 1", "hold 2"]
    job = await world.store.jobs.get(3)
    assert job is not None
    assert "Cancelled." in world.words(world.message(job.message_id or 0))


async def test_an_empty_queue_says_so(world: World) -> None:
    result = await world.alice.slash(world.channel, "queue")
    assert world.words(result.response) == "You have no requests waiting, and nobody else does."


async def test_a_training_is_no_line_of_the_queue(world: World) -> None:
    await world.store.jobs.create_training(
        server_id=world.guild.id,
        channel_id=world.channel.id,
        member_id=world.alice.id,
        locale="en-US",
    )
    result = await world.alice.slash(world.channel, "queue")
    assert world.words(result.response) == "You have no requests waiting, and nobody else does."


async def test_cancelling_what_is_being_painted_stops_it(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    await world.alice.click(result.response, custom_id="cancel:1")
    await world.done()
    assert "Cancelled." in world.words(result.response)
    assert world.buttons(result.response) == {}
    assert await world.store.rounds.recent(5) == []


async def test_a_stranger_cannot_cancel_and_a_moderator_can(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    refused = await world.bob.click(result.response, custom_id="cancel:1")
    assert "Only the person who asked for this, or a moderator" in world.words(refused.response)
    await world.mod.click(result.response, custom_id="cancel:1")
    await world.done()
    assert "Cancelled." in world.words(result.response)


async def test_cancelling_too_late_says_so(world: World) -> None:
    await world.imagine(world.alice, "hold a star")
    panel = await world.alice.slash(world.channel, "queue")
    world.release()
    await world.done()
    result = await world.alice.click(panel.response, custom_id="cancel:1")
    assert world.words(result.response) == "That has already finished."


async def test_about_names_the_model_and_its_licence(world: World) -> None:
    words = world.words((await world.alice.slash(world.channel, "about")).response)
    assert "Model: **shapes**, 96 × 96 pixels, on cpu" in words
    assert "Model licence: MIT" in words
    assert "**Konomi " in words
