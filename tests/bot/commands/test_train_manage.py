"""/train status, pause, resume, stop and list."""

from __future__ import annotations

from typing import Any

from storage.records import JobState
from tests.bot.trained import job_of, says, started, trained, training_of
from tests.bot.world import World


async def said(world: World, member: Any, command: str, **options: Any) -> str:
    result = await member.slash(world.channel, f"train {command}", **options)
    assert result.response is not None
    assert result.response.flags.ephemeral
    return world.words(result.response)


async def test_the_list_names_what_trains_and_what_has_ended(world: World) -> None:
    assert "no trainings in this server yet" in await said(world, world.bob, "list")
    await trained(world, world.bob, "done")
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    words = await said(world, world.bob, "list")
    first, second = words.splitlines()[1:]
    assert first == f"▶️ **hold** · LoRA · training, 50% · <@{world.alice.id}>"
    assert second.startswith("✅ **done** · LoRA · finished")
    assert "step 3 of 6" in await said(world, world.bob, "status")
    assert "✅ **done**" in await said(world, world.bob, "status", training="done")
    assert "no such training" in await said(world, world.bob, "status", training="else")
    world.release()
    await world.done()


async def test_it_pauses_resumes_and_stops(world: World) -> None:
    assert "No training is under way" in await said(world, world.alice, "pause")
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    assert "Only the person who started" in await said(world, world.bob, "pause")
    assert "is paused" in await said(world, world.alice, "pause")
    assert (await training_of(world, job)).paused
    await says(world, job, "⏸️ Paused")
    assert "paused" in await said(world, world.bob, "list")
    assert "has resumed" in await said(world, world.admin, "resume", training=str(job.id))
    await says(world, job, "step 3 of 6")
    assert "will end after this step" in await said(world, world.alice, "stop")
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE


async def test_suggestions_are_of_this_server_and_by_any_part_of_the_name(world: World) -> None:
    job = await trained(world, world.alice, "red rocky")
    found = await world.bob.autocomplete(world.channel, "train status", "training", "ROCK")
    assert found == [{"name": "red rocky (finished)", "value": str(job.id)}]
    assert await world.bob.autocomplete(world.channel, "train status", "training", "blue") == []
