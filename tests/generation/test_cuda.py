"""What only a GPU can show; run with `-m gpu`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from generation.attention import ReferenceAttention, attend
from generation.feedback import Picture, Steering
from generation.loading import load_model
from generation.messages import SCHEDULERS, Feedback, WorkerOptions
from generation.models import Model
from generation.references import Need, ReferenceStates
from generation.sampling import Conditions, Trajectory, advance

pytestmark = pytest.mark.gpu


@pytest.fixture
def model(tiny_folder: Path) -> Model:
    return load_model(WorkerOptions(model=str(tiny_folder), device="cuda"))


@pytest.fixture
def _no_waiting() -> Iterator[None]:
    yield
    torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("width", [8, 40, 64, 160, 20])
def test_attention_and_its_mass_equal_the_formula(dtype: torch.dtype, width: int) -> None:
    torch.manual_seed(0)
    query, key, value = (
        torch.randn((2, 3, n, width), device="cuda", dtype=dtype) for n in (70, 50, 50)
    )

    output, mass = attend(query, key, value)

    logits = query.double() @ key.double().mT * width**-0.5
    tolerance = 1e-4 if dtype is torch.float32 else 2e-2
    assert (output - logits.softmax(-1) @ value.double()).abs().max() < tolerance
    assert (mass - logits.logsumexp(-1)).abs().max() < tolerance


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@torch.inference_mode()
def test_a_step_never_waits_for_the_gpu(model: Model, scheduler: str) -> None:
    attention = ReferenceAttention(model.unet)
    states = ReferenceStates(model, attention, budget=2**30)
    liked, disliked = Picture("liked", 12, 12), Picture("disliked", 12, 12)
    for picture in (liked, disliked):
        states.encode(picture, torch.rand(1, 3, 96, 96))
    positive, negative = model.conditions("a star", "", 6.0, 96, 96)
    conditions = Conditions(
        positive=positive,
        negative=negative,
        guidance=6.0,
        steering=Steering(
            liked=((liked, 3.0), (disliked, 1.0)), disliked=((disliked, 1.0),), feedback=Feedback()
        ),
    )
    trajectories = [
        Trajectory(
            model,
            conditions,
            model.scheduler(scheduler, 6, seed),
            seed=seed,
            like=model.empty_latents(96, 96),
        )
        for seed in range(2)
    ]
    first = trajectories[0]
    states.make(
        [
            Need(picture, first.moments[call])
            for call in range(first.calls)
            for picture in first.conditions.steering.pictures(call, first.calls)
        ]
    )
    advance(model, trajectories, attention, states)  # the first call sets libraries up
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")

    while not first.done:
        advance(model, trajectories, attention, states)
