"""A training with the real worker and the embedded model; the worker is killed on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.composition import Opened, opened
from bot.settings import Settings
from storage.records import Job, JobState
from tests.bot import trained
from tests.bot.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", model="shapes", device="cpu", threads=1, progress_seconds=0.1
    )


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Opened]:
    async with opened(settings) as parts:
        await parts.generator.ready()
        yield parts


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bot.world.PATIENCE", 240.0)


async def started(world: World, name: str) -> Job:
    """A training of four steps, each with small samples."""
    return await trained.started(
        world, world.alice, name, steps=4, every=2, recipe={"side": 96}, sample_steps=2
    )


async def test_a_killed_worker_goes_on_to_the_very_file(world: World) -> None:
    undisturbed = await started(world, "rocky")
    await world.done()
    assert (await trained.job_of(world, undisturbed)).state is JobState.DONE
    whole = await trained.style_of(world, undisturbed)

    job = await started(world, "rocky")

    async def saved() -> bool:
        return bool(await world.store.trainings.checkpoints(job.id))

    await world.until(saved)
    [worker] = multiprocessing.active_children()
    os.kill(worker.pid or 0, signal.SIGKILL)
    await world.done()

    assert (await trained.job_of(world, job)).state is JobState.DONE
    style = await trained.style_of(world, job)
    steps = [each.step for each in await world.store.trainings.checkpoints(job.id)]
    assert steps == [2, 4]
    assert style.digest == whole.digest, "not another file than without the death"
    assert (style.base_model, style.architecture) == ("shapes", whole.architecture)
    assert whole.architecture
    message = await trained.card(world, job)
    assert "✅ Trained for 4 steps" in world.words(message)
    curve, samples = [await each.read() for each in message.attachments]
    assert Image.open(BytesIO(curve)).size == (600, 300)
    assert Image.open(BytesIO(samples)).width > 100
