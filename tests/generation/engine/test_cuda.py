"""Tests that need a GPU; run with `-m gpu`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from generation.fabric.blending import attend
from generation.fabric.reference_cache import ReferenceCache, StateKey
from generation.fabric.steering import RatedImage, Steering
from generation.fabric.unet import ReferenceAttention
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Feedback
from generation.protocol.samplers import SCHEDULERS
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory, advance

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
    states = ReferenceCache(model, attention, budget=2**30)
    liked, disliked = RatedImage("liked", 12, 12), RatedImage("disliked", 12, 12)
    for picture in (liked, disliked):
        states.encode(picture, torch.rand(1, 3, 96, 96))
    positive, negative = model.encode_prompt("a star", "", 6.0, 96, 96)
    guidance = Guidance(
        positive=positive,
        negative=negative,
        scale=6.0,
        steering=Steering(
            liked=((liked, 3.0), (disliked, 1.0)), disliked=((disliked, 1.0),), feedback=Feedback()
        ),
    )
    trajectories = [
        Trajectory(
            model,
            guidance,
            model.scheduler(scheduler, 6, seed),
            seed=seed,
            like=model.empty_latents(96, 96),
        )
        for seed in range(2)
    ]
    first = trajectories[0]
    states.make(
        [
            StateKey(picture, first.noise_levels[call])
            for call in range(first.calls)
            for picture in first.guidance.steering.all_references(call, first.calls)
        ]
    )
    advance(model, trajectories, attention, states)  # the first call sets libraries up
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")

    while not first.done:
        advance(model, trajectories, attention, states)


def test_a_gpu_computes_in_bfloat16_if_it_has_it(model: Model) -> None:
    expected = torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float16
    assert model.dtype is model.unet.dtype is expected


def test_offloaded_parts_leave_the_gpu_and_compute_there(tiny_folder: Path, model: Model) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cuda", offload="on")
    offloaded = load_model(options)
    latents = torch.randn(1, 4, 12, 12, device="cuda")

    with torch.inference_mode():
        pictures = [one.decode(latents) for one in (model, offloaded)]
        (condition, _), (theirs, _) = (
            one.encode_prompt("(a star:1.2)", "", 6.0, 96, 96) for one in (model, offloaded)
        )
    offloaded.offloader.offload()

    assert torch.equal(*pictures)
    assert torch.equal(condition.states, theirs.states)
    assert {part.device.type for part in offloaded.vae.parameters()} == {"cpu"}


def test_a_limit_of_memory_holds(tiny_folder: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cuda", memory_limit_mb=200)
    try:
        memory = load_model(options).card.memory
        assert memory is not None
        assert memory.limit == 200 * 2**20
        assert 0 < memory.weights < memory.limit
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(300 * 2**20, dtype=torch.uint8, device="cuda")
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_what_a_call_takes_is_foretold(model: Model) -> None:
    memory = model.card.memory
    assert memory is not None
    sample = model.empty_latents(384, 384).zero_().repeat(4, 1, 1, 1)
    with torch.inference_mode():
        rows = [model.unconditional(384, 384)] * 4
        timesteps = torch.full((4,), 500.0, device="cuda")
        model.predict(sample, timesteps, rows)
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        model.predict(sample, timesteps, rows)
    peak = torch.cuda.max_memory_allocated() - before

    assert peak <= 4 * memory.row * 48 * 48
