"""A training from its rows to the card of its result, through restarts and deaths."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.client import Konomi
from bot.jobs.training import following
from bot.jobs.training.attempt_files import curve_in
from bot.settings import Settings
from storage.records import JobState
from storage.style_records import StyleKind, StyleScope
from tests.bot.trained import (
    card,
    cards,
    job_of,
    reached,
    requests,
    says,
    started,
    style_of,
    told,
    trained,
    training_of,
)
from tests.bot.world import World, created_bot

Restart = Callable[[], Awaitable[Konomi]]


@pytest.fixture
async def restart(world: World, settings: Settings) -> AsyncIterator[Restart]:
    """End the bot as it is and start another on the same store."""
    async with AsyncExitStack() as stack:

        async def again() -> Konomi:
            await world.bot.services.background.end()
            bot = await stack.enter_async_context(created_bot(settings, world.parts))
            await world.env.restart_bot(bot)
            world.bot = bot
            return bot

        yield again


async def test_a_training_makes_a_style_and_its_card_says_how(world: World) -> None:
    job = await trained(world, world.alice, by=[world.alice, world.bob])

    assert job.state is JobState.DONE
    style = await style_of(world, job)
    assert (style.name, style.kind, style.scope) == ("rocky", StyleKind.LORA, StyleScope.PRIVATE)
    assert (style.owner_id, style.trigger) == (world.alice.id, "rocky shape")
    assert style.contributors == tuple(sorted([world.alice.id, world.bob.id]))
    assert (style.base_model, style.licence) == ("shapes", "MIT")
    assert style.architecture == "stable-diffusion-v1"
    assert world.store.files.path(style.digest).is_file()

    (message,) = cards(world)
    words = world.words(message)
    assert "**rocky** · LoRA" in words
    assert "✅ Trained for 6 steps on 4 pictures in 2 minutes." in words
    assert "The style uses the checkpoint from step 6." in words
    assert "Similarity to the training pictures: **0.56** (0.40 before)" in words
    assert "Follows prompts as well as before" in words
    assert f"<@{world.bob.id}>" in words
    assert f"train-paint:{job.id}" in world.buttons(message)
    assert told(world) == [
        (message.id, f"<@{world.alice.id}> **rocky** is ready.", [world.alice.id])
    ]
    assert [each.filename for each in message.attachments] == [
        f"konomi-curve-{job.id}-6.png",
        f"konomi-samples-{job.id}-6.png",
    ]
    assert not (world.store.files.work / str(job.id)).exists()


async def test_each_attempt_trains_on_the_same_folder(world: World) -> None:
    await started(world, world.alice, "poison")
    await world.done()
    first, second = requests(world)
    assert (first["resumes"], second["resumes"]) == (0, 2)
    assert {**first, "resumes": None} == {**second, "resumes": None}
    assert first["files"] == ["0001.png", "0002.png", "metadata.jsonl"]
    assert first["captions"] == ["a rocky shape", "a rocky shape"]


async def test_the_card_shows_the_curve_and_the_newest_samples(world: World) -> None:
    job = await started(world, world.alice, "hold")
    message = await says(world, job, "step 3 of 6")
    assert len(message.attachments) == 2
    words, buttons = world.words(message), world.buttons(message)
    assert "Samples at step 2" in words
    assert {f"train-{verb}:{job.id}" for verb in ("pause", "stop", "cancel")} <= set(buttons)
    assert [checkpoint.step for checkpoint in await world.store.trainings.checkpoints(job.id)] == [
        2
    ]
    world.release()
    await world.done()
    assert len(cards(world)) == 1


async def test_the_losses_beside_a_curve_are_those_at_its_end(world: World) -> None:
    job = await started(world, world.alice, "hold")
    message = await says(world, job, "step 3 of 6")
    out = world.store.files.workspace(job.id) / "out"
    with (out / "curve.jsonl").open("a") as file:
        # As if the generator were further by now than what was heard of it.
        file.write(json.dumps({"step": 4, "loss": 9.0, "validation": 8.0}) + "\n")
    await world.alice.click(message, custom_id=f"train-pause:{job.id}")
    message = await says(world, job, "⏸️ Paused")
    [name] = [each.filename for each in message.attachments if "curve" in each.filename]
    drawn = curve_in(out, int(name.rpartition("-")[2].partition(".")[0]))
    (_, loss), (_, validation) = drawn.training[-1], drawn.validation[-1]
    assert f"🔵 Loss {loss:.3f} · 🟠 on fixed pictures {validation:.3f}" in world.words(message)
    await world.alice.click(message, custom_id=f"train-resume:{job.id}")
    world.release()
    await world.done()


async def test_after_a_restart_the_training_goes_on_and_its_card_is_alive(
    world: World, restart: Restart
) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    await restart()
    world.release()
    await world.done()
    assert requests(world)[-1]["resumes"] == 2

    assert (await job_of(world, job)).state is JobState.DONE
    (message,) = cards(world)
    assert "✅" in world.words(message)
    assert len(told(world)) == 1
    steps = [each.step for each in await world.store.trainings.checkpoints(job.id)]
    assert steps == [2, 4, 6]


async def test_a_pause_outlasts_a_restart(world: World, restart: Restart) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    message = await card(world, job)
    await world.alice.click(message, custom_id=f"train-pause:{job.id}")
    assert "⏸️ Paused" in world.words(await card(world, job))
    await restart()
    world.release()

    # One that is paused does not keep its place: another goes before it.
    other = await trained_meanwhile(world)
    assert (await job_of(world, job)).state in (JobState.QUEUED, JobState.RUNNING)
    assert other.state is JobState.DONE

    await world.bob.click(message, custom_id=f"train-resume:{job.id}")
    assert (await training_of(world, job)).paused, "not his to resume"
    await world.alice.click(message, custom_id=f"train-resume:{job.id}")
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE


async def trained_meanwhile(world: World) -> object:
    job = await started(world, world.bob, "other")

    async def over() -> bool:
        return (await job_of(world, job)).delivered

    await world.until(over)
    return await job_of(world, job)


async def test_a_training_without_a_follower_is_taken_up_with_a_card(world: World) -> None:
    job = await started(world, world.alice, card=False)
    await world.bot.services.recovery.sweep()
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE
    assert len(cards(world)) == 1


async def test_a_stop_keeps_what_there_is_also_after_a_restart(
    world: World, restart: Restart
) -> None:
    job = await started(world, world.alice, "hold")
    message = await says(world, job, "step 3 of 6")
    await world.alice.click(message, custom_id=f"train-stop:{job.id}")
    await restart()
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE
    style = await style_of(world, job)
    # Each of the two runs may end with a step that was under way.
    assert style.evaluation["step"] in (3, 4, 5)
    assert "Stopped early" in world.words(await card(world, job))


async def test_a_name_that_is_taken_gets_a_number(world: World) -> None:
    first, second = await trained(world, world.alice), await trained(world, world.alice)
    assert (await style_of(world, first)).name == "rocky"
    assert (await style_of(world, second)).name == "rocky 2"
    assert "this one is called **rocky 2**" in world.words(await card(world, second))


async def test_the_number_fits_into_the_longest_name(world: World) -> None:
    await trained(world, world.alice, "y" * 40)
    second = await trained(world, world.alice, "y" * 40)
    assert (await style_of(world, second)).name == "y" * 38 + " 2"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("fail invalid", "❌ The training failed: The loss kept growing until step 3"),
        ("fail crashed", "the generator crashed on"),
        ("fail internal", "because something went wrong on my side"),
    ],
)
async def test_a_failure_is_said_in_words(world: World, name: str, sentence: str) -> None:
    job = await trained(world, world.alice, name)
    assert job.state in (JobState.FAILED, JobState.DEAD)
    (message,) = cards(world)
    assert sentence in world.words(message)
    assert not world.buttons(message)
    sentence = f"<@{world.alice.id}> The training of **{name}** failed. Its card says why."
    assert told(world) == [(message.id, sentence, [world.alice.id])]
    assert await world.store.styles.of_server(world.guild.id) == []


async def test_a_member_is_told_once_whatever_fails(world: World, restart: Restart) -> None:
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    store, channels = world.store, world.bot.services.channels
    # The first words are lost on the way, and the process dies before it could note the next.
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=6)
    world.release()
    await world.done()
    assert len(told(world)) == 1
    async with store._database.transaction() as transaction:
        await transaction.rows("UPDATE trainings SET result = json_remove(result, '$.told')")
    await store.jobs.delivered(job.id, delivered=False)
    assert await channels.find_reply(world.channel.id, (await card(world, job)).id) is not None
    await restart()
    await world.done()
    assert (await job_of(world, job)).delivered
    assert len(told(world)) == 1
    assert (await training_of(world, job)).told


async def test_what_a_press_on_the_card_painted_tells_nobody_of_its_end(world: World) -> None:
    job = await trained(world, world.alice)
    message = await card(world, job)
    opened = await world.alice.click(message, custom_id=f"train-paint:{job.id}")
    await world.alice.submit_modal(opened, {"prompt": "a star"})
    await world.done()
    painted = await world.message_of(await world.newest())
    # As Discord can mark the answer to a press; SimCord does not.
    stored = world.env.backend.get_message(world.channel.id, painted.id)
    stored.reference = {"channel_id": str(world.channel.id), "message_id": str(message.id)}

    found = await world.bot.services.channels.find_reply(world.channel.id, message.id)
    assert found not in (None, painted.id)


async def test_nobody_is_told_of_a_training_that_was_cancelled(world: World) -> None:
    job = await started(world, world.alice, "hold")
    message = await says(world, job, "step 3 of 6")
    asked = await world.mod.click(message, custom_id=f"train-cancel:{job.id}")
    assert "Only the person who started" in world.words(asked.response)
    asked = await world.alice.click(message, custom_id=f"train-cancel:{job.id}")
    await world.alice.click(asked.response, custom_id=f"train-cancel-now:{job.id}")
    await world.done()
    assert told(world) == []


async def test_a_member_who_cannot_be_told_has_the_card_all_the_same(world: World) -> None:
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    world.env.inject_error("POST", "/channels/*/messages", status=403, times=1)
    world.release()
    await world.done()
    assert (await job_of(world, job)).delivered
    assert "✅" in world.words(await card(world, job))
    assert told(world) == []


async def test_remarks_are_said_once(world: World) -> None:
    job = await trained(world, world.alice, "remark poison")
    assert len((await training_of(world, job)).result["remarks"]) == 1
    assert "it counts only once" in world.words(await card(world, job))


async def test_a_whole_model_is_kept_for_the_host(world: World, settings: Settings) -> None:
    job = await trained(world, world.alice, method="finetune")
    assert await world.store.styles.of_server(world.guild.id) == []
    (kept,) = (settings.data_dir / "models").iterdir()
    assert kept.name == f"rocky-{job.id}"
    assert (kept / "unet" / "weights").read_text() == "weights 6"
    words = world.words(await card(world, job))
    assert f"as `rocky-{job.id}` under `models`" in words
    assert "sets `KONOMI_MODEL` to that folder" in words
    assert str(settings.data_dir) not in words
    [(_, sentence, _)] = told(world)
    assert sentence == f"<@{world.alice.id}> The model **rocky** is ready."
    assert f"train-paint:{job.id}" not in world.buttons(await card(world, job))


async def test_a_card_that_was_deleted_is_posted_again_at_the_end(world: World) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    await (await card(world, job)).delete()
    world.release()
    await world.done()
    (message,) = cards(world)
    assert "✅" in world.words(message)


async def test_checkpoints_that_nobody_heard_of_are_taken_in(
    world: World, restart: Restart
) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    await world.bot.services.background.end()
    out = world.store.files.workspace(job.id) / "out" / "checkpoints"
    shutil.copytree(out / "step-000002", out / "step-000003")
    await restart()
    world.release()
    await world.done()
    steps = [each.step for each in await world.store.trainings.checkpoints(job.id)]
    assert steps == [2, 3, 4, 6]


async def test_others_paint_while_it_trains(world: World) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    await world.imagine(world.bob, "a star")

    async def painted() -> bool:
        return len(await world.store.rounds.recent(1)) == 1

    await world.until(painted)
    assert (await job_of(world, job)).state is JobState.RUNNING
    world.release()
    await world.done()


async def test_a_training_whose_data_set_is_gone_ends(world: World) -> None:
    job = await started(world, world.alice, card=False)
    async with world.store._database.transaction() as transaction:
        await transaction.rows("DELETE FROM datasets")
    await world.bot.services.recovery.sweep()
    await world.done()
    assert (await job_of(world, job)).state is JobState.CANCELLED


def test_models_are_linked_whole_or_not_at_all(tmp_path: Path) -> None:
    from bot.jobs.training.attempt_files import keep_model

    result = tmp_path / "result"
    (result / "unet").mkdir(parents=True)
    (result / "unet" / "weights").write_bytes(b"one")
    place = keep_model(result, tmp_path / "models", "rocky-1")
    (result / "unet" / "weights").unlink()
    (result / "unet" / "weights").write_bytes(b"two")
    assert (place / "unet" / "weights").read_bytes() == b"one"
    assert keep_model(result, tmp_path / "models", "rocky-1") == place
    assert (place / "unet" / "weights").read_bytes() == b"two"
    assert [each.name for each in (tmp_path / "models").iterdir()] == ["rocky-1"]


async def test_a_card_that_discord_did_not_take_comes_while_the_training_runs(
    world: World,
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=12)
    job = await started(world, world.alice, "hold")
    assert not cards(world)

    async def posted() -> bool:
        return (await job_of(world, job)).message_id is not None

    await world.until(posted)
    message = await says(world, job, "step 3 of 6")
    assert f"train-pause:{job.id}" in world.buttons(message)
    world.release()
    await world.done()
    assert len(cards(world)) == 1
    assert "✅" in world.words(await card(world, job))


async def test_a_paused_training_says_so_once_discord_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AGAIN_SECONDS", 0.1)
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, times=12)
    await world.alice.slash(world.channel, "train pause")
    await says(world, job, "Paused")
    world.release()


async def test_a_card_goes_on_once_its_channel_is_open_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "OPENED_SECONDS", 0.1)
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50001, times=2)
    await world.alice.slash(world.channel, "train pause")
    await says(world, job, "Paused")
    world.release()


async def test_a_sweep_while_a_training_is_begun_does_not_begin_it_twice(world: World) -> None:
    job = await started(world, world.alice, "hold", card=False)
    services = world.bot.services
    for first, second in (
        (services.training_jobs.begin(job), services.recovery.sweep()),
        (services.recovery.sweep(), services.training_jobs.begin(job)),
    ):
        await asyncio.gather(first, second)
    await reached(world, job, 3)
    world.release()
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE
    assert len(requests(world)) == 1
    assert (len(cards(world)), len(told(world))) == (1, 1)


async def ask_of(world: World, model: str) -> None:
    """Have the trainings asked of a model, as if the host had changed theirs."""
    async with world.store._database.transaction() as transaction:
        await transaction.rows(
            "UPDATE trainings SET request = json_set(request, '$.model', ?)", [model]
        )


async def test_a_training_waits_while_another_model_than_its_own_is_loaded(
    world: World, restart: Restart
) -> None:
    job = await started(world, world.alice, "hold")
    await says(world, job, "step 3 of 6")
    await ask_of(world, "sd15")
    await restart()
    message = await says(world, job, "Waiting for the model sd15")
    assert "shapes is loaded now" in world.words(message)
    assert len(requests(world)) == 1
    assert (await job_of(world, job)).state in (JobState.QUEUED, JobState.RUNNING)

    await ask_of(world, "shapes")
    world.release()
    await restart()
    await world.done()
    assert requests(world)[-1]["resumes"] == 2
    assert (await job_of(world, job)).state is JobState.DONE
    assert (len(cards(world)), len(told(world))) == (1, 1)


async def test_one_that_waits_for_its_model_can_be_cancelled(world: World) -> None:
    job = await started(world, world.alice, card=False)
    await ask_of(world, "sd15")
    await world.bot.services.recovery.sweep()

    async def carded() -> bool:
        return (await job_of(world, job)).message_id is not None

    await world.until(carded)
    message = await says(world, job, "Waiting for the model sd15")
    world.store.files.workspace(job.id)
    asked = await world.alice.click(message, custom_id=f"train-cancel:{job.id}")
    await world.alice.click(asked.response, custom_id=f"train-cancel-now:{job.id}")
    await says(world, job, "Cancelled.")
    await world.bot.services.recovery.sweep()
    await world.done()
    assert not (world.store.files.work / str(job.id)).exists()
    assert len(world.ours()) == 1
