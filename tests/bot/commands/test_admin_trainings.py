"""/admin trainings: for the host alone, about all servers."""

from __future__ import annotations

from bot.app import trainings_under_way
from tests.bot.trained import says, started, trained
from tests.bot.world import World


async def test_the_host_sees_what_trains_and_nobody_else(world: World) -> None:
    world.bot.services.rules._hosts = frozenset({world.mod.id})
    refused = await world.admin.user.slash("admin trainings")
    assert "Only whoever runs me" in world.words(refused.response)
    empty = await world.mod.user.slash("admin trainings")
    assert "Nothing is training right now." in world.words(empty.response)

    await trained(world, world.bob, "whole", method="finetune")
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    told = await world.mod.user.slash("admin trainings")
    words = world.words(told.response)
    assert "▶️ **hold** · LoRA · training, 50% · step 3 of 6" in words
    assert f"<@{world.alice.id}> in Studio" in words
    assert "Whole model `whole-1`" in words

    (note,) = await trainings_under_way(world.bot.services)
    assert (note.name, note.member_id, note.step, note.state) == (
        "hold",
        world.alice.id,
        3,
        "running",
    )
    world.release()
    await world.done()
    assert await trainings_under_way(world.bot.services) == []
