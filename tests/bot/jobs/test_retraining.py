"""Consent taken back while a training runs, and after it: nothing stays, and it is trained anew."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

from bot.settings import Settings
from storage.records import Job, JobState
from storage.style_records import StyleState
from tests.bot.painter import png
from tests.bot.trained import card, job_of, reached, requests, started, style_of, trained
from tests.bot.world import World, created_bot
from tests.storage.learning import existing, places_of


def pictures_of(member: Any) -> list[bytes]:
    """The pictures that `started` has a member hand over."""
    return [png((number, member.id % 256, 7)) for number in range(2)]


def without_scratches(world: World) -> None:
    """Clear what the pictures were handed over in, as forms do."""
    for folder in world.store.files.work.glob("scratch-*"):
        shutil.rmtree(folder)


def folders(world: World) -> list[Path]:
    """The folders of jobs."""
    return list(world.store.files.work.iterdir())


async def take_back(world: World, member: Any, job: Job) -> None:
    """Press the button on a training's card, and confirm."""
    message = await card(world, job)
    (custom_id,) = (each for each in world.buttons(message) if each.startswith("revoke:"))
    asked = await member.click(message, custom_id=custom_id)
    await member.click(asked.response, custom_id=custom_id.replace("revoke", "revoke-now"))


async def trained_anew(world: World, job: Job) -> Job:
    """Have the next sweep begin the training that makes it anew, and wait for its end."""
    await world.bot.services.recovery.sweep()
    world.release()
    await world.done()
    (again,) = [
        each
        for each, _ in await world.store.trainings.recent(world.guild.id, 9)
        if each.id > job.id
    ]
    return again


async def test_a_training_under_way_stops_and_begins_anew_without_them(
    world: World, settings: Settings
) -> None:
    job = await started(world, world.alice, "hold", by=[world.alice, world.bob])
    await reached(world, job, 3)
    without_scratches(world)
    assert places_of(world.store.files.workspace(job.id), *pictures_of(world.bob))

    await take_back(world, world.bob, job)
    again = await trained_anew(world, job)

    assert (await job_of(world, job)).state is JobState.CANCELLED
    assert places_of(settings.data_dir, *pictures_of(world.bob)) == []
    assert len(requests(world)) == 2
    style = await style_of(world, again)
    assert (style.contributors, style.state) == ((world.alice.id,), StyleState.READY)
    assert "Cancelled." in world.words(await card(world, job))
    told = [
        message
        for message in map(world.words, world.ours())
        if "took back their consent" in message
    ]
    assert len(told) == 1


async def test_a_finished_style_is_made_anew_and_its_card_shows_nothing_more(
    world: World, settings: Settings
) -> None:
    job = await trained(world, world.alice, by=[world.alice, world.bob])
    without_scratches(world)
    style = await style_of(world, job)
    learned = world.store.files.path(style.digest).read_bytes()
    assert "samples" in (await card(world, job)).attachments[-1].filename

    await take_back(world, world.bob, job)
    await world.until(lambda: _over(world))
    assert (await existing(world.store, style.id)).state is StyleState.WITHDRAWN
    shown = await card(world, job)
    assert [each.filename for each in shown.attachments if "samples" in each.filename] == []
    assert "Someone took back their consent" in world.words(shown)
    assert not any(custom_id.startswith("train-") for custom_id in world.buttons(shown))
    again = await trained_anew(world, job)

    renewed = await existing(world.store, style.id)
    assert (renewed.state, renewed.job_id, renewed.contributors) == (
        StyleState.READY,
        again.id,
        (world.alice.id,),
    )
    assert "has been retrained and can be used again" in world.words(await card(world, again))
    first = world.words(await card(world, job))
    assert "what this training had learned was deleted, along with its samples" in first
    assert "can't be used" not in first, "it can again"
    assert renewed.digest != style.digest
    assert places_of(settings.data_dir, learned) == []
    assert places_of(settings.data_dir, *pictures_of(world.bob)) == []


async def test_a_card_that_cannot_be_edited_keeps_no_other_from_losing_its_samples(
    world: World, expected_faults: None
) -> None:
    first = await trained(world, world.alice)
    training = await world.store.trainings.of_job(first.id)
    assert training is not None
    again = await world.store.trainings.start(
        training.dataset_id,
        training.request,
        server_id=world.guild.id,
        channel_id=world.channel.id,
        member_id=world.alice.id,
        locale="en-US",
    )
    await world.bot.services.training_jobs.begin(again)
    await world.done()
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=400, times=1)
    await world.bot.services.consents.take_back(world.alice.id)
    await world.bot.services.revocations.take_up()
    await world.until(lambda: _over(world))

    shown = await card(world, again)
    assert [each.filename for each in shown.attachments if "samples" in each.filename] == []
    assert "what this training had learned was deleted, along with its samples" in world.words(
        shown
    )
    assert not world.buttons(shown)


async def test_what_is_painted_with_a_revoked_style_is_not_shown(world: World) -> None:
    job = await trained(world, world.alice, by=[world.alice, world.bob])
    style = await style_of(world, job)
    await world.imagine(world.alice, "hold a rocky shape", style=style.name)

    async def painting() -> bool:
        return len(world.requests()) == 1

    await world.until(painting)
    await take_back(world, world.bob, job)

    async def told() -> bool:
        return any(
            "withdrawn or deleted before the pictures were done" in world.words(message)
            for message in world.ours()
        )

    await world.until(told)
    await trained_anew(world, job)
    assert await world.store.rounds.recent(9) == []
    assert len(world.requests()) == 1
    assert (await existing(world.store, style.id)).state is StyleState.READY


async def test_a_card_in_a_closed_channel_loses_its_samples_once_that_is_open_again(
    world: World,
) -> None:
    job = await trained(world, world.alice, by=[world.alice, world.bob])
    asked = await world.bob.slash(world.channel, "privacy")
    custom_id = next(each for each in world.buttons(asked.response) if each.startswith("revoke:"))
    asked = await world.bob.click(asked.response, custom_id=custom_id)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50001, times=3)
    now = custom_id.replace("revoke", "revoke-now")
    await world.bob.click(asked.response, custom_id=now)
    await world.until(lambda: _over(world))
    shown = await card(world, job)
    assert [each.filename for each in shown.attachments if "samples" in each.filename] == []
    await trained_anew(world, job)


async def _over(world: World) -> bool:
    return not await world.store.revocations.open()


async def test_two_who_take_back_at_once_leave_nothing_and_no_card_of_what_never_began(
    world: World, settings: Settings
) -> None:
    job = await trained(world, world.alice, by=[world.alice, world.bob])
    without_scratches(world)
    consents = world.bot.services.consents
    await asyncio.gather(consents.take_back(world.alice.id), consents.take_back(world.bob.id))
    for _ in range(2):
        await world.bot.services.recovery.sweep()
        await world.done()
    assert await world.store.styles.of_server(world.guild.id) == []
    given = [*pictures_of(world.alice), *pictures_of(world.bob)]
    assert places_of(settings.data_dir, *given) == []
    assert (await job_of(world, job)).message_id == world.ours()[0].id
    assert not [each for each in world.ours() if "Cancelled." in world.words(each)]


async def test_discord_fails_and_the_bot_is_restarted(world: World, settings: Settings) -> None:
    job = await started(world, world.alice, by=[world.alice, world.bob], card=False)
    without_scratches(world)
    folder = world.store.files.workspace(job.id)
    (folder / "1.png").write_bytes(pictures_of(world.bob)[0])
    # As if the process had died right after the commit.
    await world.store.revocations.revoke(world.bob.id)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=6)

    async with created_bot(settings, world.parts) as bot:
        await world.env.restart_bot(bot)
        world.bot = bot
        await world.done()

    assert places_of(settings.data_dir, *pictures_of(world.bob)) == []
    told = [
        message
        for message in map(world.words, world.ours())
        if "took back their consent" in message
    ]
    assert ["The training of **rocky** is starting over" in message for message in told] == [True]
    assert [each.state for each, _ in await world.store.trainings.recent(world.guild.id, 9)] == [
        JobState.DONE,
        JobState.CANCELLED,
    ]


async def test_a_training_that_was_cancelled_before_it_is_taken_up_leaves_no_folder(
    world: World,
) -> None:
    job = await started(world, world.alice, by=[world.alice, world.bob], card=False)
    without_scratches(world)
    await world.store.revocations.revoke(world.bob.id)
    await world.bot.services.training_jobs.take_up(job)

    assert folders(world) == []


async def test_nor_if_its_pictures_go_while_its_folder_is_written(
    world: World, expected_faults: None
) -> None:
    await started(world, world.alice, by=[world.alice, world.bob], card=False)
    without_scratches(world)
    for picture in await world.store.datasets.pictures(1):
        world.store.files.path(picture.digest).unlink()
    await world.bot.services.recovery.sweep()
    await world.done()

    assert folders(world) == []
