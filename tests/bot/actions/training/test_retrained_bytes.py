"""A style made anew without somebody: the very file that would have come without them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw

from bot.actions.training.folders import write_folder
from bot.actions.training.plans import planned
from bot.actions.training.requests import new_request, read
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Trained
from generation.protocol.options import WorkerOptions
from generation.training.controls import Controls
from generation.training.run import run
from storage.store import Store, open_store
from storage.training_records import Training
from tests.storage.learning import put_together
from tests.storage.painting import ANN, BEN, CHANNEL, SERVER

PLAN = planned(method="lora", name="rocky", class_word="shape", steps=4)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load_model(WorkerOptions(model="shapes", device="cpu"))
    torch.set_num_threads(threads)


def drawing(colour: str, side: int) -> bytes:
    """A picture of 96 pixels that differs from others in colour and size."""
    image = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(image).polygon([(10, 80), (10 + side, 80), (10 + side, 80 - side)], colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


ANNS = (drawing("red", 60), drawing("blue", 40))
BENS = (drawing("green", 50), drawing("black", 30))


async def trained(store: Store, training: Training, model: Model) -> bytes:
    """Train as the bot does; returns the adapter's bytes."""
    workspace = store.files.workspace(training.job_id)
    (workspace / "out").mkdir()
    pictures = await store.datasets.pictures(training.dataset_id)
    write_folder(workspace / "data", PLAN, pictures, store.files.path)
    request = read(
        training.request,
        job=str(training.job_id),
        data=workspace / "data",
        out=workspace / "out",
    )
    with torch.inference_mode(mode=False), torch.enable_grad():
        *_, ended = run(model, request, Controls())
    assert isinstance(ended, Trained)
    return ended.result.read_bytes()


async def started(store: Store, pictures: dict[int, list[bytes]]) -> Training:
    dataset = await put_together(store, pictures)
    request: dict[str, Any] = new_request(PLAN, "shapes")
    request["checkpoints"] |= {"every": 4, "sample_steps": 2, "prompts": ["a rocky shape"]}
    job = await store.trainings.start(
        dataset.id, request, server_id=SERVER, channel_id=CHANNEL, member_id=ANN, locale="en"
    )
    return await existing(store, job.id)


async def existing(store: Store, job_id: int) -> Training:
    training = await store.trainings.of_job(job_id)
    assert training is not None
    return training


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_it_is_the_same_to_the_bit(tmp_path: Path, model: Model) -> None:
    async with open_store(tmp_path / "alone") as store:
        without = await trained(store, await started(store, {ANN: [*ANNS]}), model)

    async with open_store(tmp_path / "both") as store:
        # Other rows came before, so that no id is the same.
        await put_together(store, {BEN: [*BENS]})
        training = await started(store, {BEN: [BENS[0]], ANN: [*ANNS]})
        dataset = training.dataset_id
        both = await trained(store, training, model)
        await store.revocations.revoke(BEN, dataset_id=dataset)
        [job] = await store.jobs.pending()
        anew = await trained(store, await existing(store, job.id), model)

    assert both != without
    assert anew == without
