"""Presses on a training's card: who may, what they do, and the choice of a checkpoint."""

from __future__ import annotations

from typing import Any

from bot.text import refusals
from bot.text.styles import keeping
from bot.text.training import progress as text
from bot.views.press import Verb
from storage.records import JobState
from storage.style_records import StyleState
from tests.bot.sight import Scene
from tests.bot.trained import card, job_of, says, started, style_of, trained, training_of
from tests.bot.world import World


async def held(world: World, member: Any = None) -> tuple[Any, Any]:
    """A training that stays at step 3 of 6, and its card."""
    job = await started(world, world.alice if member is None else member, "hold")
    return job, await says(world, job, "step 3 of 6")


async def test_cancel_asks_first_and_takes_everything_with_it(world: World) -> None:
    job, message = await held(world)
    asked = await world.alice.click(message, custom_id=f"train-cancel:{job.id}")
    assert "Its checkpoints are deleted" in world.words(asked.response)
    assert (await job_of(world, job)).state is JobState.RUNNING
    await world.alice.click(asked.response, custom_id=f"train-cancel-now:{job.id}")
    await world.done()

    assert (await job_of(world, job)).state is JobState.CANCELLED
    assert await world.store.trainings.checkpoints(job.id) == []
    assert not (world.store.files.work / str(job.id)).exists()
    (message,) = world.ours()
    assert "Cancelled. Nothing was kept." in world.words(message)
    assert not world.buttons(message)


async def test_others_may_look_and_not_touch(world: World) -> None:
    job, message = await held(world)
    for verb in ("train-pause", "train-stop", "train-cancel"):
        result = await world.bob.click(message, custom_id=f"{verb}:{job.id}")
        assert "Only the person who started this training" in world.words(result.response)
    looked = await world.bob.select(message, ["2"], custom_id=f"train-pick:{job.id}")
    assert "Samples at step 2" in world.words(looked.response)
    used = await world.bob.click(looked.response, custom_id=f"train-use:{job.id}:2")
    assert "Only the person who started this training" in world.words(used.response)
    training = await training_of(world, job)
    assert (training.paused, training.stopped, training.chosen) == (False, False, None)
    world.release()
    await world.done()


async def test_admins_may_as_long_as_training_is_granted(world: World) -> None:
    job, message = await held(world)
    await world.admin.click(message, custom_id=f"train-pause:{job.id}")
    message = await says(world, job, "⏸️ Paused")
    await world.store.training_rights.grant(world.guild.id, granted=False)
    refused = await world.admin.click(message, custom_id=f"train-resume:{job.id}")
    assert "Only the person who started this training" in world.words(refused.response)
    refused = await world.alice.click(message, custom_id=f"train-resume:{job.id}")
    assert "Training is no longer allowed" in world.words(refused.response)
    assert (await training_of(world, job)).paused
    await world.alice.click(message, custom_id=f"train-stop:{job.id}")
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE


async def test_a_choice_is_remembered_and_wins(world: World) -> None:
    job, message = await held(world)
    looked = await world.alice.select(message, ["2"], custom_id=f"train-pick:{job.id}")
    assert [each.filename for each in looked.response.attachments] == [
        f"konomi-samples-{job.id}-2.png"
    ]
    used = await world.alice.click(looked.response, custom_id=f"train-use:{job.id}:2")
    assert "the checkpoint from step 2 will become the style" in world.words(used.response)
    await says(world, job, "The checkpoint from step 2 will become the style")
    world.release()
    await world.done()

    style = await style_of(world, job)
    assert style.evaluation["step"] == 2
    message = await card(world, job)
    assert "The style uses the checkpoint from step 2." in world.words(message)
    assert message.attachments[-1].filename == f"konomi-samples-{job.id}-2.png"


def marked(world: World, message: Any) -> list[str]:
    """The checkpoints in a card's menu of which more is said than their step."""
    [menu] = [each for each in world.raw(message) if each["type"] == 3]
    return [each["label"] for each in menu["options"] if "," in each["label"]]


async def test_after_the_end_another_checkpoint_can_be_chosen(world: World) -> None:
    job = await trained(world, world.alice)
    message, before = await card(world, job), await style_of(world, job)
    assert marked(world, message) == ["Step 6, suggested"]
    looked = await world.alice.select(message, ["4"], custom_id=f"train-pick:{job.id}")
    used = await world.alice.click(looked.response, custom_id=f"train-use:{job.id}:4")
    assert "now uses the checkpoint from step 4" in world.words(used.response)
    await world.done()
    style = await style_of(world, job)
    assert (style.id, style.evaluation["step"]) == (before.id, 4)
    assert style.digest != before.digest
    assert "The style uses the checkpoint from step 4." in world.words(await card(world, job))
    assert marked(world, await card(world, job)) == ["Step 4, chosen"]

    looked = await world.alice.select(message, ["4"], custom_id=f"train-pick:{job.id}")
    await world.store.trainings.forget_checkpoints(job.id)
    gone = await world.alice.click(looked.response, custom_id=f"train-use:{job.id}:4")
    assert "This checkpoint was deleted" in world.words(gone.response)


async def test_a_reaction_on_the_card_chooses_the_newest(world: World) -> None:
    job, message = await held(world)
    await world.bob.react(message, "👍")
    await world.env.settle()
    assert (await training_of(world, job)).chosen is None
    await world.alice.react(message, "👍")
    await says(world, job, "The checkpoint from step 2 will become the style")
    world.release()
    await world.done()
    assert (await style_of(world, job)).evaluation["step"] == 2


async def test_only_those_who_may_use_the_style_paint_with_it(world: World) -> None:
    job = await trained(world, world.alice)
    message = await card(world, job)
    refused = await world.bob.click(message, custom_id=f"train-paint:{job.id}")
    assert "You can't paint with the style of this training" in world.words(refused.response)

    opened = await world.alice.click(message, custom_id=f"train-paint:{job.id}")
    assert opened.modal is not None
    style = await style_of(world, job)
    await world.alice.submit_modal(opened, {"prompt": "a rocky shape on a table"})
    await world.done()
    round_ = await world.newest()
    assert [each["digest"] for each in round_.parameters["styles"]] == [style.digest]
    assert world.requests()[-1]["prompt"].startswith("a rocky shape on a table")
    await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
    refused = await world.alice.click(message, custom_id=f"train-paint:{job.id}")
    assert "withdrawn" in world.words(refused.response)


async def test_the_finished_card_shows_its_style_to_those_who_may_see_it(world: World) -> None:
    job = await trained(world, world.alice)
    message, style = await card(world, job), await style_of(world, job)
    assert world.buttons(message)[f"style:{style.id}"] == "Show the style"
    shown = await world.alice.click(message, custom_id=f"style:{style.id}")
    assert shown.ephemeral
    assert "### rocky" in world.words(shown.response)
    refused = await world.bob.click(message, custom_id=f"style:{style.id}")
    assert keeping.NO_SUCH_STYLE("en-US") in world.words(refused.response)

    await world.alice.click(shown.response, custom_id=f"style-delete:{style.id}")
    await world.alice.click(shown.response, custom_id=f"style-delete-now:{style.id}")
    message = await says(world, job, "The style was deleted.")
    assert [each.filename for each in message.attachments if "samples" in each.filename] == []
    assert not world.buttons(message)


async def test_trainings_that_a_member_does_not_see_are_as_good_as_gone(scene: Scene) -> None:
    world = scene.world
    hidden = await started(
        world, world.alice, "secret", card=False, channel=scene.channels["#private"]
    )
    painting = await scene.put("#pictures", world.alice.id)
    askers = [
        scene.asker(world.bob, "#pictures"),
        scene.asker(scene.bob_there, "the other server"),
        scene.asker(world.bob.user, "bob's direct messages"),
        scene.asker(world.admin, "#pictures"),
    ]
    ids = [hidden.id, painting.round.id, 0, 987_654_321, "x", "9" * 30]
    before = await scene.state()
    for asker in askers:
        for verb in Verb:
            if not verb.startswith("train-"):
                continue
            for about in ids:
                step = ":2" if verb is Verb.TRAIN_USE else ""
                result = await scene.press(asker, f"{verb}:{about}{step}")
                assert scene.answer(result) == text.GONE("en-US"), (verb, about)
        fields = [{"type": 18, "component": {"type": 4, "custom_id": "prompt", "value": "a star"}}]
        result = await scene.submit(asker, f"train-paint-form:{hidden.id}", fields)
        assert scene.answer(result) == text.GONE("en-US")
    assert await scene.state() == before
    assert (await job_of(world, hidden)).state is JobState.QUEUED
    assert not (await training_of(world, hidden)).paused

    # A training is not cancelled by the button of those that paint.
    result = await scene.press(scene.asker(world.alice, "#pictures"), f"cancel:{hidden.id}")
    assert scene.answer(result) == refusals.JOB_GONE("en-US")
    named = await world.bob.slash(world.channel, "train status", training=str(hidden.id))
    assert "no such training" in world.words(named.response)
    suggested = await world.bob.autocomplete(world.channel, "train status", "training", "")
    assert suggested == []
    await world.store.jobs.cancel(hidden.id)
    await world.store.jobs.delivered(hidden.id)


async def test_samples_whose_file_is_gone_are_left_out(world: World) -> None:
    job = await trained(world, world.alice)
    for checkpoint in await world.store.trainings.checkpoints(job.id):
        world.store.files.path(checkpoint.sheet_digest or "").unlink(missing_ok=True)
    message = await card(world, job)
    looked = await world.alice.select(message, ["2"], custom_id=f"train-pick:{job.id}")
    assert looked.response.attachments == []
    await world.alice.click(looked.response, custom_id=f"train-use:{job.id}:2")
    await world.done()
    shown = await card(world, job)
    assert "The style uses the checkpoint from step 2." in world.words(shown)
    assert [each.filename for each in shown.attachments] == [f"konomi-curve-{job.id}-6.png"]
