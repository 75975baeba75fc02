"""When Discord, or a moderator, gets in the way of a message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.world import World


async def test_a_progress_message_that_was_deleted_comes_back_as_the_result(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    deleted = result.response.id
    await world.mod.delete(result.response.message)
    world.release()
    await world.done()
    (message,) = world.ours()
    assert message.id != deleted
    assert world.pictures(message) == 4
    posted = [
        each.json
        for each in world.env.http_requests
        if each.method == "POST" and each.path.endswith("/messages")
    ]
    assert len(posted) == 1


async def test_a_result_is_tried_again_while_discord_is_down(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, times=12)
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.ours()) == 1


async def test_progress_that_cannot_be_shown_does_not_stop_the_painting(world: World) -> None:
    result = await world.imagine(world.alice, "hold slow star")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=1)
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4


async def test_an_acknowledgement_that_got_lost_leaves_one_message(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await world.imagine(world.alice, "a star")
    await world.done()
    (message,) = world.ours()
    assert world.pictures(message) == 4
    assert (await world.store.jobs.undelivered()) == []


async def test_a_round_is_shown_when_the_channel_is_open_to_us_again(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    world.env.inject_error("*", "/channels/*/messages*", status=403, code=50001, times=7)
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.ours()) == 1


async def test_a_right_that_is_missing_is_told_until_the_round_can_be_shown(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    # The pictures may not be attached; the sentence, which has none, goes through.
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50013, times=1)
    said: list[str] = []
    explain = world.bot.services.results._explain

    async def noted(*arguments: Any, **options: Any) -> bool:
        told = await explain(*arguments, **options)
        said.append(world.words(result.response))
        return told

    world.bot.services.results._explain = noted  # type: ignore[method-assign]
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(said) == 1
    assert "missing a permission" in said[0]


@pytest.mark.usefixtures("expected_faults")
@pytest.mark.parametrize(("status", "code"), [(413, 40005), (400, 50035)])
async def test_what_discord_refuses_for_good_ends_in_a_sentence_and_can_be_shown_again(
    world: World, status: int, code: int
) -> None:
    result = await world.imagine(world.alice, "hold a star")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, times=1)
    world.release()
    await world.done()
    round_ = await world.newest()
    assert "Discord didn't accept them" in world.words(result.response)
    assert world.pictures(result.response) == 0
    assert list(world.buttons(result.response)) == [f"show:{round_.id}"]
    await world.bob.click(result.response, custom_id=f"show:{round_.id}")
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.ours()) == 1


@pytest.mark.usefixtures("expected_faults")
async def test_the_second_half_of_an_earlier_versions_round_is_refused_and_shown_again(
    world: World,
) -> None:
    await world.imagine(world.alice, "hold a star", count=8)
    async with world.store._database.transaction() as transaction:
        await transaction.rows(
            "UPDATE rounds SET parameters = json_remove(parameters, '$.pictures_a_message')"
        )
    world.env.inject_error("POST", "/channels/*/messages", status=413, code=40005, times=1)
    world.release()
    await world.done()
    round_ = await world.newest()
    first, second = world.ours()
    assert world.pictures(first) == 4
    assert "Discord didn't accept them" in world.words(second)
    await world.alice.click(second, custom_id=f"show:{round_.id}")
    await world.done()
    assert [world.pictures(message) for message in world.ours()] == [4, 4]
    assert [message.id for message in world.ours()] == [first.id, second.id]


@pytest.mark.usefixtures("expected_faults")
async def test_a_message_that_takes_not_even_the_sentence_is_left_and_nothing_is_lost(
    world: World,
) -> None:
    await world.imagine(world.alice, "hold a star")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=50035, times=2)
    world.release()
    await world.done()
    assert await world.store.jobs.undelivered() == []
    assert len(await world.store.images.of_round((await world.newest()).id)) == 4


async def test_counts_are_refreshed_once_discord_is_well_again(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, times=8)
    await world.alice.react(message, "1️⃣")
    await world.bob.react(message, "1️⃣")
    await world.done()
    assert world.buttons(message)[f"like:{image.id}"] == "👍1 (2)"
    assert world.bot.services.results._stale == set()


async def test_reactions_that_may_not_be_added_are_left_out(world: World) -> None:
    world.env.inject_error("PUT", "/channels/*/messages/*/reactions/*", status=403, code=50013)
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    assert world.pictures(message) == 4
    assert world.reactions(message) == []


@pytest.mark.usefixtures("expected_faults")
async def test_a_fault_of_ours_is_told_without_its_details(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    caplog.clear()

    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    world.bot.services.actions.next_round = broken  # type: ignore[method-assign, assignment]
    result = await world.alice.click(message, custom_id=f"next:{round_.id}")
    assert result.ephemeral
    assert world.words(result.response).startswith("Something went wrong on my side")
    assert "secret detail" in caplog.text


async def test_a_long_way_to_the_rounds_message_does_not_exceed_the_budget(world: World) -> None:
    for n in range(3):
        await world.imagine(world.alice, f"hold slow {n}", count=1)
    world.release()
    await world.done()
    edits = [each for each in world.env.http_requests if each.method == "PATCH"]
    assert len(edits) <= 3 * 4
