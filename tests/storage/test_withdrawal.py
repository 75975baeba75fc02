"""Pictures with a style that goes: none is painted or shown that is not shown yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.errors import StaleAttempt
from storage.records import JobState
from storage.store import Store, open_store
from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin
from storage.withdrawal import STYLE_GONE
from tests.storage.painting import ANN, CHANNEL, SERVER, begin_board, begin_job, paint, picture


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def style(store: Store, tmp_path: Path) -> Style:
    return await added(store, tmp_path, "ink")


async def added(store: Store, folder: Path, name: str) -> Style:
    (folder / name).write_text(name)
    digest = store.files.settle(folder / name)
    store.files.adopt(folder / name, digest)
    return await store.styles.add(
        NewStyle(
            server_id=SERVER,
            owner_id=ANN,
            name=name,
            kind=StyleKind.LORA,
            digest=digest,
            origin=StyleOrigin.TRAINED,
        )
    )


async def state(store: Store, job_id: int) -> tuple[JobState, str | None, bool]:
    job = await store.jobs.get(job_id)
    assert job is not None
    return job.state, job.reason, job.delivered


GONE = (JobState.FAILED, STYLE_GONE, False)


async def test_what_waits_and_what_is_painted_ends(
    store: Store, style: Style, tmp_path: Path
) -> None:
    other, board = await added(store, tmp_path, "oil"), await begin_board(store)
    _, waits = await begin_job(store, board, styles=[other.id, style.id])
    _, runs = await begin_job(store, board, styles=[style.id])
    _, without = await begin_job(store, board)
    _, others = await begin_job(store, board, styles=[other.id])
    attempt = await store.jobs.begin(runs.id)
    assert await store.styles.delete(style.id)

    assert await state(store, waits.id) == await state(store, runs.id) == GONE
    assert [job.id for job in await store.jobs.pending()] == [without.id, others.id]
    assert [job.id for job in await store.jobs.undelivered()] == [waits.id, runs.id]
    with pytest.raises(StaleAttempt):
        await store.jobs.finish(
            runs.id, attempt, [picture(store.files.workspace(runs.id), "0.png", b"late")]
        )
    await store.jobs.give_back(runs.id, attempt)
    assert await state(store, runs.id) == GONE


async def test_pictures_that_nobody_has_seen_yet_are_deleted(store: Store, style: Style) -> None:
    board = await begin_board(store)
    unseen, images = await paint(store, board, delivered=False, strip=True, styles=[style.id])
    job = await store.jobs.of_round(unseen.id)
    assert job is not None
    strip = (await store.rounds.get(unseen.id)).steering_digest  # type: ignore[union-attr]
    await store.styles.delete(style.id)

    assert await state(store, job.id) == GONE
    assert await store.images.of_round(unseen.id) == []
    for digest in (*(image.digest for image in images), strip):
        assert digest is not None
        assert not store.files.path(digest).exists()
    # What showed them meanwhile has to look again.
    assert not await store.jobs.shown(job.id, JobState.DONE)
    assert await store.jobs.shown(job.id, JobState.FAILED)
    assert await store.jobs.undelivered() == []


async def test_pictures_that_were_shown_stay(store: Store, style: Style) -> None:
    board = await begin_board(store)
    shown, _ = await paint(store, board, message=500, styles=[style.id])
    partly, _ = await paint(store, board, delivered=False, styles=[style.id])
    await store.rounds.posted(partly.id, 0, CHANNEL, 600)
    await store.styles.delete(style.id)

    for round_ in (shown, partly):
        assert len(await store.images.of_round(round_.id)) == 4
        job = await store.jobs.of_round(round_.id)
        assert job is not None
        assert job.state is JobState.DONE
