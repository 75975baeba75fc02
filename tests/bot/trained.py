"""Trainings on the simulated Discord: a data set of members' pictures, started and carded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions.training.plans import Plan
from bot.actions.training.requests import new_request
from storage.records import Job
from storage.style_records import Style
from storage.training_records import NewDatasetPicture, Training
from tests.bot.painter import png
from tests.bot.world import World


async def started(
    world: World,
    member: Any,
    name: str = "rocky",
    *,
    method: str = "lora",
    by: Sequence[Any] = (),
    steps: int = 6,
    every: int = 2,
    scope: str = "private",
    card: bool = True,
    style_id: int | None = None,
    channel: Any = None,
    recipe: Mapping[str, Any] | None = None,
    sample_steps: int | None = None,
    locale: str = "en-US",
) -> Job:
    """Start a training on two pictures of each of `by`, and post its card."""
    store, where = world.store, (channel or world.channel).id
    await store.training_rights.grant(world.guild.id)
    plan = Plan(method=method, name=name, trigger="rocky shape", scope=scope, steps=steps)
    dataset = await store.datasets.create(world.guild.id, where, member.id, locale, plan.stored())
    for giver in by or [member]:
        await store.datasets.add_pictures(
            dataset.id, [given(world, giver, number) for number in range(2)]
        )
        await store.consents.give(dataset.id, giver.id, "I agree.", locale)
    request = new_request(plan, world.bot.services.settings.model)
    request["checkpoints"] |= {"every": every, "sample_steps": sample_steps}
    request["recipe"] |= recipe or {}
    job = await store.trainings.start(
        dataset.id,
        request,
        server_id=world.guild.id,
        channel_id=where,
        member_id=member.id,
        locale=locale,
        style_id=style_id,
    )
    return await world.bot.services.training_jobs.begin(job) if card else job


def given(world: World, member: Any, number: int) -> NewDatasetPicture:
    """A picture that a member hands over."""
    content = png((number, member.id % 256, 7))
    path = world.store.files.scratch() / "picture.png"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return NewDatasetPicture(digest=digest, path=path, member_id=member.id)


async def trained(world: World, member: Any, name: str = "rocky", **more: Any) -> Job:
    """A training that has ended."""
    job = await started(world, member, name, **more)
    await world.done()
    return await job_of(world, job)


async def job_of(world: World, job: Job) -> Job:
    """A job as it is now."""
    found = await world.store.jobs.get(job.id)
    assert found is not None
    return found


async def training_of(world: World, job: Job) -> Training:
    """A training as it is now."""
    found = await world.store.trainings.of_job(job.id)
    assert found is not None
    return found


async def style_of(world: World, job: Job) -> Style:
    """The style that a training has made."""
    found = await world.store.styles.of_job(job.id)
    assert found is not None
    return found


def requests(world: World) -> list[dict[str, Any]]:
    """The requests to train that the generator received, in order."""
    path = world.notes / "trainings.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def reached(world: World, job: Job, step: int) -> None:
    """Wait until a training is at a step, with its checkpoints in the store."""

    async def there() -> bool:
        standing = world.bot.services.training_jobs.standing(job.id)
        return standing is not None and standing.step >= step

    await world.until(there)


async def says(world: World, job: Job, words: str) -> Any:
    """Wait until a training's card says something; return the card."""

    async def said() -> bool:
        return words in world.words(await card(world, job))

    await world.until(said)
    return await card(world, job)


def cards(world: World) -> list[Any]:
    """The cards of trainings: what answers them tells whoever started one of its end."""
    return [each for each in world.ours() if each.reference is None]


def told(world: World) -> list[tuple[int | None, str, list[int]]]:
    """What tells of trainings' ends: which message each answers, its words, whom it notifies."""
    found = []
    for each in world.ours():
        if each.reference is not None:
            stored = world.env.backend.get_message(each.channel.id, each.id)
            allowed = stored.allowed_mentions
            assert allowed.roles == frozenset()
            assert (allowed.everyone, allowed.replied_user) == (False, False)
            notified = sorted(allowed.users or ())
            found.append((each.reference.message_id, world.words(each), notified))
    return found


async def card(world: World, job: Job) -> Any:
    """The message that is a training's card."""
    now = await job_of(world, job)
    assert now.message_id is not None
    return world.message(now.message_id)
