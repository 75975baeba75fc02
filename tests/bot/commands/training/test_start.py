"""/train: from the form to the start of a training, as the members see it."""

from __future__ import annotations

from storage.records import DatasetState
from tests.bot.commands.training.studio import Studio, drawings, jpeg
from tests.bot.world import World


async def test_pictures_consent_and_a_card_come_of_one_form(world: World, studio: Studio) -> None:
    result = await studio.begin(world.admin, trigger="rocky")

    dataset = await studio.newest()
    pictures = await world.store.datasets.pictures(dataset.id)
    [consent] = await world.store.consents.of_dataset(dataset.id)
    assert (dataset.member_id, dataset.channel_id) == (world.admin.id, world.channel.id)
    assert [each.dropped for each in pictures] == [None] * 4
    assert {each.member_id for each in pictures} == {world.admin.id}
    assert all(world.store.files.path(each.digest).is_file() for each in pictures)
    assert consent.words == (
        "These pictures are mine to give. I agree that this training uses them. I can take that "
        "back at any time."
    )
    said = await studio.said(dataset.id)
    assert "**Rocky** · LoRA" in said
    assert "Called for by **rocky shape**" in said
    assert "4 pictures to train on, out of 4 · 96 × 96 pixels each" in said
    assert f"Consent given by <@{world.admin.id}>" in said
    assert "200 steps" in said
    assert world.pictures(await studio.card(dataset.id)) == 0, "nobody else sees them"
    assert result.ephemeral
    assert "I have your 4 pictures" in world.words(result.response)
    assert world.pictures(result.response) == 1


async def test_start_queues_the_training_once(world: World, studio: Studio) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()

    await studio.press(world.admin, "start", dataset.id)

    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert training.request["method"]["kind"] == "lora"
    assert training.request["model"] == "shapes"
    used = await world.store.datasets.get(dataset.id)
    assert used is not None
    assert used.state is DatasetState.USED


async def test_copies_and_small_pictures_are_left_out_and_named(
    world: World, studio: Studio
) -> None:
    [one, two] = drawings(2)
    files = [one, ("again.png", one[1]), ("again.jpg", jpeg(one[1])), two]
    await studio.begin(world.admin, files=files)
    dataset = await studio.newest()
    said = await studio.said(dataset.id)
    assert "2 pictures to train on, out of 4" in said
    assert "nearly the same as another: 2, 3" in said
    assert "Four or more different pictures" in said
