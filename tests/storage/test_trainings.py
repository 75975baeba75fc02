"""Trainings: started once, their checkpoints, the choice among them, and the style that comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage.errors import Missing, NameTaken, StaleAttempt, TrainingUnderWay
from storage.records import Job, JobState
from storage.store import Store, open_store
from storage.style_records import NewStyle, StyleKind, StyleOrigin, StyleState
from storage.training_records import Training, TrainingCheckpoint
from storage.trainings import CHECKPOINT_DAYS
from tests.storage.painting import ANN, BEN, CHANNEL, DAY, SERVER, Clock

REQUEST = {"method": "lora", "name": "rocky", "recipe": {"steps": 4}}


async def new_dataset(store: Store, state: str = "open") -> int:
    async with store._database.transaction() as transaction:
        row = await transaction.one(
            """
            INSERT INTO datasets (server_id, channel_id, member_id, locale, plan, state, created_at)
            VALUES (?, ?, ?, 'en', '{}', ?, 0) RETURNING id
            """,
            [SERVER, CHANNEL, ANN, state],
        )
    return int(row["id"])


async def started(store: Store, dataset: int | None = None, **more: Any) -> Job:
    return await store.trainings.start(
        await new_dataset(store) if dataset is None else dataset,
        REQUEST,
        server_id=SERVER,
        channel_id=CHANNEL,
        member_id=ANN,
        locale="en",
        **more,
    )


async def training_of(store: Store, job: Job) -> Training:
    found = await store.trainings.of_job(job.id)
    assert found is not None
    return found


async def saved(store: Store, job: Job, attempt: int, step: int) -> TrainingCheckpoint:
    """A checkpoint of a step, with files of its own."""
    folder = store.files.workspace(job.id)
    adapter, sheet = folder / f"{step}.safetensors", folder / f"{step}.png"
    adapter.write_bytes(f"adapter {job.id} {step}".encode())
    sheet.write_bytes(f"sheet {job.id} {step}".encode())
    return await store.trainings.checkpoint(
        job.id, attempt, step=step, adapter=adapter, sheet=sheet, scores={"validation": 1 / step}
    )


def style_of(checkpoint: TrainingCheckpoint, **more: Any) -> NewStyle:
    assert checkpoint.adapter_digest is not None
    fields: dict[str, Any] = {
        "server_id": SERVER,
        "owner_id": ANN,
        "name": "rocky",
        "kind": StyleKind.LORA,
        "digest": checkpoint.adapter_digest,
        "preview_digest": checkpoint.sheet_digest,
        "origin": StyleOrigin.TRAINED,
        "evaluation": {"step": checkpoint.step},
        "job_id": checkpoint.job_id,
        "contributors": (ANN, BEN),
    }
    return NewStyle(**(fields | more))


def there(store: Store, *digests: str | None) -> list[bool]:
    return [digest is not None and store.files.path(digest).exists() for digest in digests]


async def test_a_training_is_queued_with_its_request(store: Store) -> None:
    dataset = await new_dataset(store)
    job = await started(store, dataset)

    assert await training_of(store, job) == Training(
        job_id=job.id, dataset_id=dataset, request=REQUEST
    )
    assert await store.trainings.of_dataset(dataset) == [await training_of(store, job)]
    assert await store.trainings.under_way() == [(job, await training_of(store, job))]
    rows = await store._database.rows("SELECT state FROM datasets WHERE id = ?", [dataset])
    assert rows[0]["state"] == "used"


async def test_a_data_set_is_trained_on_once_at_a_time(store: Store) -> None:
    dataset = await new_dataset(store)
    job = await started(store, dataset)
    with pytest.raises(TrainingUnderWay):
        await started(store, dataset)
    await store.jobs.cancel(job.id)
    await started(store, dataset)
    with pytest.raises(Missing):
        await started(store, await new_dataset(store, "closed"))
    with pytest.raises(Missing):
        await started(store, style_id=99)
    assert len(await store.trainings.recent(SERVER, 9)) == 2, "nothing of what was refused is left"


async def test_checkpoints_own_their_files_and_are_written_by_the_latest_attempt(
    store: Store,
) -> None:
    job = await started(store)
    first = await store.jobs.begin(job.id)
    second = await store.jobs.begin(job.id)
    with pytest.raises(StaleAttempt):
        await saved(store, job, first, 2)
    with pytest.raises(StaleAttempt):
        await store.trainings.note(job.id, first, {"remarks": []})
    one = await saved(store, job, second, 2)
    other = await saved(store, job, second, 4)
    assert await store.trainings.checkpoints(job.id) == [one, other]
    assert there(store, one.adapter_digest, one.sheet_digest) == [True, True]

    again = await store.trainings.checkpoint(job.id, second, step=2, scores={})
    assert again.adapter_digest is None
    assert there(store, one.adapter_digest, one.sheet_digest) == [False, False]


async def test_the_style_comes_in_the_transaction_that_ends_the_training(store: Store) -> None:
    job = await started(store)
    first = await store.jobs.begin(job.id)
    attempt = await store.jobs.begin(job.id)
    checkpoint = await saved(store, job, attempt, 4)
    style = style_of(checkpoint)

    with pytest.raises(StaleAttempt):
        await store.jobs.complete(job.id, first, style)
    assert await store.styles.of_server(SERVER) == []

    style_id = await store.jobs.complete(job.id, attempt, style, result={"steps": 4})
    found = await store.styles.of_job(job.id)
    assert found is not None
    assert (found.id, found.digest, found.contributors) == (style_id, style.digest, (ANN, BEN))
    training = await training_of(store, job)
    assert training.result["steps"] == 4
    with pytest.raises(StaleAttempt):
        await store.jobs.complete(job.id, attempt, style)


async def test_a_name_that_is_taken_leaves_the_training_as_it_was(store: Store) -> None:
    other = await started(store)
    attempt = await store.jobs.begin(other.id)
    await store.jobs.complete(other.id, attempt, style_of(await saved(store, other, attempt, 4)))
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    checkpoint = await saved(store, job, attempt, 4)

    with pytest.raises(NameTaken):
        await store.jobs.complete(job.id, attempt, style_of(checkpoint, name="ROCKY"))
    found = await store.jobs.get(job.id)
    assert found is not None
    assert found.state is JobState.RUNNING
    assert await store.jobs.complete(job.id, attempt, style_of(checkpoint, name="rocky 2"))


async def test_a_checkpoint_that_was_chosen_before_the_end_becomes_the_style(store: Store) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    early, late = [await saved(store, job, attempt, step) for step in (2, 4)]
    with pytest.raises(Missing):
        await store.trainings.choose(job.id, 3)
    assert await store.trainings.choose(job.id, 2) is None
    assert (await training_of(store, job)).chosen == 2

    await store.jobs.complete(job.id, attempt, style_of(late))

    style = await store.styles.of_job(job.id)
    assert style is not None
    assert (style.digest, style.preview_digest) == (early.adapter_digest, early.sheet_digest)
    assert style.evaluation == {"step": 2, "validation": 0.5}
    assert there(store, late.adapter_digest) == [True], "another choice is still possible"


async def test_a_choice_after_the_end_changes_the_style(store: Store) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    early, late = [await saved(store, job, attempt, step) for step in (2, 4)]
    style_id = await store.jobs.complete(job.id, attempt, style_of(late))

    assert await store.trainings.choose(job.id, 2) == style_id

    style = await store.styles.of_job(job.id)
    assert style is not None
    assert (style.digest, style.evaluation["step"]) == (early.adapter_digest, 2)


async def test_checkpoints_that_nobody_chose_go_after_some_days(store: Store, clock: Clock) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    early, late = [await saved(store, job, attempt, step) for step in (2, 4)]
    clock.now += 100 * DAY
    await store.prune()
    assert len(await store.trainings.checkpoints(job.id)) == 2, "it is under way"

    await store.jobs.complete(job.id, attempt, style_of(late))
    clock.now += (CHECKPOINT_DAYS - 1) * DAY
    await store.prune()
    assert there(store, early.adapter_digest, late.adapter_digest) == [True, True]

    clock.now += 2 * DAY
    await store.prune()
    assert await store.trainings.checkpoints(job.id) == []
    assert there(store, early.adapter_digest, early.sheet_digest) == [False, False]
    assert there(store, late.adapter_digest, late.sheet_digest) == [True, True], "the style's"
    with pytest.raises(Missing):
        await store.trainings.choose(job.id, 2)


async def test_a_training_is_kept_as_long_as_its_style(store: Store, clock: Clock) -> None:
    kept, gone = await started(store), await started(store)
    for job in (kept, gone):
        attempt = await store.jobs.begin(job.id)
        checkpoint = await saved(store, job, attempt, 4)
        style = style_of(checkpoint) if job is kept else None
        await store.jobs.complete(job.id, attempt, style)
        await store.jobs.delivered(job.id)
    clock.now += 100 * DAY

    await store.prune(retention_days=90)
    assert await store.trainings.of_job(gone.id) is None
    assert await store.jobs.get(kept.id) is not None
    style_id = (await store.styles.of_server(SERVER))[0].id
    await store.styles.delete(style_id)
    await store.prune(retention_days=90)
    assert await store.trainings.of_job(kept.id) is None


async def test_the_checkpoints_of_a_cancelled_training_go_with_it(store: Store) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    checkpoint = await saved(store, job, attempt, 2)

    await store.jobs.cancel(job.id)

    assert await store.trainings.checkpoints(job.id) == []
    assert there(store, checkpoint.adapter_digest, checkpoint.sheet_digest) == [False, False]
    with pytest.raises(StaleAttempt):
        await store.jobs.complete(job.id, attempt, style_of(checkpoint))


async def test_a_retraining_gives_its_style_the_new_file(store: Store) -> None:
    dataset = await new_dataset(store)
    job = await started(store, dataset)
    attempt = await store.jobs.begin(job.id)
    before = await saved(store, job, attempt, 4)
    style_id = await store.jobs.complete(job.id, attempt, style_of(before))
    assert style_id is not None
    await store.styles.set_state(style_id, StyleState.WITHDRAWN)
    await store.trainings.forget_checkpoints(job.id)
    await store.styles.rename(style_id, "stone")

    anew = await started(store, dataset, style_id=style_id)
    attempt = await store.jobs.begin(anew.id)
    after = await saved(store, anew, attempt, 4)
    new = style_of(after, contributors=(ANN,))
    assert await store.jobs.complete(anew.id, attempt, new) == style_id

    style = await store.styles.get(style_id)
    assert style is not None
    assert (style.name, style.state, style.job_id) == ("stone", StyleState.READY, anew.id)
    assert (style.digest, style.contributors) == (after.adapter_digest, (ANN,))
    assert there(store, before.adapter_digest, after.adapter_digest) == [False, True]


async def test_a_retraining_makes_no_style_where_that_was_deleted(store: Store) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    style_id = await store.jobs.complete(
        job.id, attempt, style_of(await saved(store, job, attempt, 4))
    )
    assert style_id is not None
    anew = await started(store, style_id=style_id)
    attempt = await store.jobs.begin(anew.id)
    after = await saved(store, anew, attempt, 4)
    await store.styles.delete(style_id)

    assert await store.jobs.complete(anew.id, attempt, style_of(after)) is None

    assert (await training_of(store, anew)).retrains
    assert await store.styles.of_server(SERVER) == []


async def test_a_pause_outlasts_a_restart_and_a_stop_ends_it(data_dir: Path, clock: Clock) -> None:
    async with open_store(data_dir, clock=clock) as store:
        job = await started(store)
        assert await store.trainings.pause(job.id, True)
    async with open_store(data_dir, clock=clock) as store:
        assert (await training_of(store, job)).paused
        assert await store.trainings.stop(job.id)
        stopped = await training_of(store, job)
        assert (stopped.paused, stopped.stopped) == (False, True)
        await store.jobs.cancel(job.id)
        assert not await store.trainings.pause(job.id, True)
        assert not await store.trainings.stop(job.id)


async def test_open_trainings_are_listed_before_those_that_ended(store: Store) -> None:
    jobs = [await started(store) for _ in range(3)]
    await store.jobs.message(jobs[0].id, CHANNEL, 500)
    await store.jobs.cancel(jobs[1].id)

    listed = [job.id for job, _ in await store.trainings.recent(SERVER, 9)]
    assert listed == [jobs[2].id, jobs[0].id, jobs[1].id]
    assert await store.trainings.recent(SERVER + 1, 9) == []
    found = await store.trainings.of_message(500)
    assert found is not None
    assert found[0].id == jobs[0].id
    assert await store.trainings.of_message(501) is None


async def test_results_are_plain_json(store: Store) -> None:
    job = await started(store)
    attempt = await store.jobs.begin(job.id)
    await store.trainings.note(job.id, attempt, {"remarks": ["ein Bild"], "best": 4})
    await store.trainings.note(job.id, attempt, {"best": 2})
    assert (await training_of(store, job)).result == {"remarks": ["ein Bild"], "best": 2}
    rows = await store._database.rows("SELECT request FROM trainings")
    assert json.loads(rows[0]["request"]) == REQUEST
