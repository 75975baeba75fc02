"""Nothing dies on a restart: jobs, outcomes, buttons, and what was said meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from typing import Any

import pytest

from bot.client import Konomi
from bot.jobs.channel import Channels
from bot.settings import Settings
from generation.protocol.events import Reason
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Paint
from storage.database import DATABASE_NAME
from storage.records import JobState
from tests.bot.painter import png
from tests.bot.world import World, created_bot

Restart = Callable[..., Awaitable[Konomi]]


@pytest.fixture
async def restart(world: World, settings: Settings) -> AsyncIterator[Restart]:
    """End the bot as it is and start another on the same store."""
    async with AsyncExitStack() as stack:

        async def again(meanwhile: Callable[[], Awaitable[Any]] | None = None) -> Konomi:
            await world.bot.services.background.end()
            if meanwhile is not None:
                await meanwhile()
            bot = await stack.enter_async_context(created_bot(settings, world.parts))
            await world.env.restart_bot(bot)
            world.bot = bot
            return bot

        yield again


async def test_open_jobs_are_painted_in_the_old_order_into_their_old_messages(
    world: World, restart: Restart
) -> None:
    results = [
        await world.imagine(member, f"hold {n}", count=8)
        for n, member in enumerate([world.alice, world.alice, world.bob])
    ]
    await restart()
    late = await world.imagine(world.mod, "late", count=8)
    world.release()
    await world.done()
    # Bob and Alice take turns; whoever comes after the restart comes after them.
    order = [asked["prompt"] for asked in world.requests()]
    assert order == ["hold 0", "hold 0", "hold 2", "late", "hold 1"]
    for result in (*results, late):
        assert world.pictures(result.response) == 8
    assert len(world.ours()) == 4


@pytest.mark.usefixtures("expected_faults")
async def test_a_request_that_cannot_be_taken_up_stops_nobody(
    world: World, settings: Settings, restart: Restart
) -> None:
    broken = await world.imagine(world.alice, "hold broken", count=8)
    other = await world.imagine(world.bob, "hold other", count=8)
    first = (await world.store.jobs.pending())[0]

    async def damage() -> None:
        with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell, shell:
            shell.execute(
                "UPDATE rounds SET parameters = json_remove(parameters, '$.model') WHERE id = ?",
                [first.round_id],
            )

    await restart(damage)
    world.release()
    await world.done()
    assert "Something went wrong on my side." in world.words(broken.response)
    assert world.pictures(other.response) == 8


async def test_an_outcome_is_delivered_once_the_database_can_be_read_again(
    world: World, settings: Settings
) -> None:
    result = await world.imagine(world.alice, "hold it", count=8)
    (job,) = await world.store.jobs.pending()
    await world.store.jobs.fail(job.id, "internal:")

    def rename(before: str, after: str) -> None:
        with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell, shell:
            shell.execute(f"ALTER TABLE {before} RENAME TO {after}")

    rename("rounds", "elsewhere")
    world.bot.services.background.spawn(world.bot.services.results.deliver(job.id), "outcome")
    await asyncio.sleep(0.005)
    rename("elsewhere", "rounds")
    world.release()
    await world.done()
    assert "Something went wrong on my side." in world.words(result.response)


async def test_the_same_request_is_made_again(world: World, restart: Restart) -> None:
    round_ = await world.painted(world.alice)
    await world.alice.react(await world.message_of(round_), "1️⃣")
    await world.alice.react(await world.message_of(round_), "👎")
    world.hold()
    await world.imagine(world.bob, "hold it", count=8)
    await world.alice.react(await world.message_of(round_), "🔁")
    job = (await world.store.jobs.pending())[-1]
    found = await world.store.rounds.get(job.round_id)
    assert found is not None
    before: Paint = await world.bot.services.orders.request(job, found)
    bot = await restart()
    assert await bot.services.orders.request(job, found) == before
    world.release()
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 1
    assert len(world.requests()[-1]["disliked"]) == 3


async def test_a_request_from_an_upload_is_made_again_from_it(
    world: World, restart: Restart
) -> None:
    files = {"picture": ("a.png", png((1, 2, 3))), "mask": ("b.png", png((255, 255, 255)))}
    options = {"prompt": "hold a star", "area": "left", "strength": 0.9}
    await world.alice.slash(world.channel, "inpaint", **files, **options)
    (job,) = await world.store.jobs.pending()
    found = await world.store.rounds.get(job.round_id)
    assert found is not None
    before: Paint = await world.bot.services.orders.request(job, found)
    assert before.source is not None
    bot = await restart()
    assert await bot.services.orders.request(job, found) == before
    world.release()
    await world.done()
    first, second = [asked["source"] for asked in world.requests()]
    assert first == second
    assert first["mask"] != first["picture"]


async def test_a_panel_opened_before_still_goes_on_from_its_picture(
    world: World, restart: Restart
) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[0]
    panel = await world.panel(world.alice, image)
    await restart()
    await world.alice.click(panel.response, custom_id=f"zoom-out:{image.id}")
    await world.done()
    assert world.requests()[-1]["source"]["picture"] == image.digest


async def test_old_buttons_and_reactions_still_work(world: World, restart: Restart) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await restart()
    image = (await world.store.images.of_round(round_.id))[0]
    await world.alice.click(message, custom_id=f"like:{image.id}")
    assert world.buttons(message)[f"like:{image.id}"] == "👍1 (1)"
    await world.alice.react(message, "2️⃣")
    await world.alice.click(message, custom_id=f"next:{round_.id}")
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 2


async def test_reactions_given_and_taken_back_meanwhile_are_made_up_for(
    world: World, restart: Restart
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.alice.react(message, "1️⃣")
    await world.done()
    backend, place = world.env.backend, (message.channel.id, message.id)

    async def meanwhile() -> None:
        # Nobody is connected: what happens now is told to nobody.
        feeds, backend.subscribers[:] = list(backend.subscribers), []
        backend.set_reaction(*place, "1️⃣", world.alice.id, False)
        backend.set_reaction(*place, "3️⃣", world.alice.id, True)
        backend.set_reaction(*place, "👎", world.bob.id, True)
        backend.set_reaction(*place, "🔁", world.bob.id, True)
        backend.subscribers[:] = feeds

    await restart(meanwhile)
    await world.done()
    images = await world.store.images.of_round(round_.id)
    said = [
        {r.member_id: r.value for r in await world.store.ratings.of_image(image.id)}
        for image in images
    ]
    alice, bob = world.alice.id, world.bob.id
    assert said == [{bob: -1}, {bob: -1}, {alice: 1, bob: -1}, {bob: -1}]
    assert world.buttons(message)[f"like:{images[2].id}"] == "👍3 (1)"
    panel = (await world.ellipsis(world.alice, round_)).response
    assert world.buttons(panel)[f"panel-dislike:{images[2].id}"] == "👎3 (1)"
    # Nobody waits any more for the round that was wished for hours ago.
    assert len(world.requests()) == 1


async def test_an_outcome_that_was_not_shown_is_shown(world: World, restart: Restart) -> None:
    result = await world.imagine(world.alice, "hold a star")

    async def meanwhile() -> None:
        await world.store.jobs.begin(1)
        await world.store.jobs.fail(1, "memory")

    await restart(meanwhile)
    await world.done()
    assert "doesn't fit into this machine's memory" in world.words(result.response)


async def test_what_was_wrong_is_said_in_the_members_language_after_a_restart(
    world: World, restart: Restart
) -> None:
    await world.store.members.seen(world.guild.id, world.alice.id, "ja")
    await world.alice.send(world.channel, f"<@{world.bot.user.id}> hold a star")
    too_many = Problem(Code.STEPS, {"most": 150, "given": 900, "usual": 20})

    async def meanwhile() -> None:
        await world.store.jobs.begin(1)
        await world.store.jobs.fail(1, Reason.INVALID.value, too_many.dump())

    await restart(meanwhile)
    await world.done()
    words = world.words(world.ours()[-1])
    assert "それは描けません。" in words
    assert "1～150" in words


async def test_trainings_without_a_data_set_end_and_are_in_nobodys_way(
    world: World, restart: Restart
) -> None:
    result = await world.imagine(world.alice, "hold a star")
    place = {"server_id": world.guild.id, "channel_id": world.channel.id, "locale": "en-US"}

    async def meanwhile() -> None:
        jobs = world.store.jobs
        for _ in range(3):
            await jobs.create_training(member_id=world.alice.id, **place)
        _, running, failed, _ = await jobs.pending()
        await jobs.begin(running.id)
        await jobs.fail(failed.id, "memory")

    await restart(meanwhile)
    world.release()
    await world.until(lambda: painted(world, 1))
    assert world.pictures(result.response) == 4
    assert len(world.ours()) == 1
    _, *trainings = [await world.store.jobs.get(id_) for id_ in (1, 2, 3, 4)]
    states = [(job.state, job.delivered) for job in trainings if job is not None]
    assert states == [
        (JobState.CANCELLED, True),
        (JobState.FAILED, True),
        (JobState.CANCELLED, True),
    ]


async def painted(world: World, job_id: int) -> bool:
    job = await world.store.jobs.get(job_id)
    return job is not None and job.delivered


async def test_a_message_whose_id_was_never_noted_is_found_again(
    world: World, restart: Restart
) -> None:
    result = await world.imagine(world.alice, "hold a star")

    async def meanwhile() -> None:
        await world.store.forget_messages()

    await restart(meanwhile)
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.ours()) == 1


async def test_a_result_whose_post_was_never_noted_is_not_posted_twice(
    world: World, restart: Restart
) -> None:
    round_ = await world.painted(world.alice, count=6)
    before = [message.id for message in world.ours()]

    async def meanwhile() -> None:
        await world.store.forget_messages()
        # As if the process had died between the posting and the commit.
        async with world.store._database.transaction() as transaction:
            await transaction.rows("UPDATE jobs SET delivered = 0")

    await restart(meanwhile)
    await world.done()
    assert [message.id for message in world.ours()] == before
    assert [post.message_id for post in await world.store.rounds.posts(round_.id)] == before


async def test_a_job_whose_message_was_never_sent_gets_one(world: World, restart: Restart) -> None:
    async def meanwhile() -> None:
        round_ = await world.store.rounds.get(1)
        assert round_ is not None
        for message in world.ours():
            world.env.backend.delete_message(message.channel.id, message.id)
        await world.store.forget_messages()

    await world.imagine(world.alice, "hold a star")
    await restart(meanwhile)
    world.release()
    await world.done()
    (message,) = world.ours()
    assert world.pictures(message) == 4


async def test_a_reaction_that_comes_while_they_are_read_is_not_lost(
    world: World, restart: Restart, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.alice.react(message, "1️⃣")
    await world.done()
    read, readings = Channels.reactions, 0

    async def slowly(self: Channels, channel_id: int, message_id: int) -> dict[str, set[int]]:
        nonlocal readings
        readings += 1
        present = await read(self, channel_id, message_id)
        if readings == 1:
            world.env.backend.set_reaction(
                message.channel.id, message.id, "2️⃣", world.alice.id, True
            )
            await asyncio.sleep(0.1)
        return present

    monkeypatch.setattr(Channels, "reactions", slowly)
    await restart()
    await world.done()
    images = await world.store.images.of_round(round_.id)
    liked = [len(await world.store.ratings.of_image(image.id)) for image in images]
    assert liked == [1, 1, 0, 0]
    assert readings == 2
