"""The same request gives the same picture: alone, in company, and as diffusers paints it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSDEScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UniPCMultistepScheduler,
)
from torch import Tensor

from generation.fabric.reference_cache import ReferenceCache
from generation.fabric.steering import Steering
from generation.fabric.unet import ReferenceAttention
from generation.models.model import Model
from generation.protocol.requests import Feedback
from generation.protocol.samplers import SCHEDULERS
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory, advance
from tests.tiny import load_tiny

THEIRS: dict[str, Any] = {
    "euler_a": EulerAncestralDiscreteScheduler.from_config,
    "euler": EulerDiscreteScheduler.from_config,
    "heun": HeunDiscreteScheduler.from_config,
    "dpmpp_2m": DPMSolverMultistepScheduler.from_config,
    "dpmpp_2m_karras": lambda config: DPMSolverMultistepScheduler.from_config(
        config, use_karras_sigmas=True
    ),
    "dpmpp_sde": lambda config: DPMSolverSDEScheduler.from_config(
        config, noise_sampler_seed=[7, 8]
    ),
    "unipc": UniPCMultistepScheduler.from_config,
    "lcm": LCMScheduler.from_config,
    "ddim": lambda config: DDIMScheduler.from_config(config, clip_sample=False),
    "pndm": PNDMScheduler.from_config,
    "lms": LMSDiscreteScheduler.from_config,
}
UNSTEERED = Steering(liked=(), disliked=(), feedback=Feedback())


def set_out(
    model: Model,
    *,
    prompt: str = "a red circle",
    negative: str = "",
    scheduler: str = "euler_a",
    seed: int = 0,
    steps: int = 6,
    guidance: float = 6.0,
    size: tuple[int, int] = (96, 96),
) -> Trajectory:
    positive, negative = model.encode_prompt(prompt, negative, guidance, *size)
    conditions = Guidance(positive=positive, negative=negative, scale=guidance, steering=UNSTEERED)
    return Trajectory(
        model,
        conditions,
        model.scheduler(scheduler, steps, seed),
        seed=seed,
        like=model.empty_latents(*size),
    )


def denoise(model: Model, trajectories: Sequence[Trajectory]) -> list[Tensor]:
    attention = ReferenceAttention(model.unet)
    states = ReferenceCache(model, attention, budget=2**20)
    while waiting := [t for t in trajectories if not t.done]:
        advance(model, waiting, attention, states)
    return [model.decode(t.latents) * 255 for t in trajectories]


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # torchsde, of diffusers' own
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("prediction", ["tiny_folder", "velocity_folder"])
def test_pictures_equal_those_of_diffusers(
    scheduler: str, prediction: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(prediction)
    model = load_tiny(folder)
    ours = denoise(model, [set_out(model, scheduler=scheduler, seed=7 + k) for k in range(2)])

    pipeline = StableDiffusionPipeline.from_pretrained(folder, use_safetensors=True)
    pipeline.scheduler = THEIRS[scheduler](pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        "a red circle",
        num_images_per_prompt=2,
        num_inference_steps=6,
        guidance_scale=6.0,
        generator=[torch.Generator().manual_seed(7 + k) for k in range(2)],
        output_type="pt",
    ).images

    assert (torch.cat(ours) - theirs * 255).abs().mean() <= 1


def test_unguided_pictures_equal_those_of_diffusers(model: Model, tiny_folder: Path) -> None:
    ours = denoise(model, [set_out(model, scheduler="ddim", guidance=1.0)])

    pipeline = StableDiffusionPipeline.from_pretrained(tiny_folder, use_safetensors=True)
    pipeline.scheduler = THEIRS["ddim"](pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        "a red circle",
        num_inference_steps=6,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
        output_type="pt",
    ).images

    assert (ours[0] - theirs * 255).abs().mean() <= 1


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_company_changes_nothing(model: Model, scheduler: str) -> None:
    [alone] = denoise(model, [set_out(model, scheduler=scheduler)])

    together = [
        set_out(model, scheduler=scheduler),
        set_out(model, scheduler="pndm", prompt="a blue square", seed=3, steps=9, guidance=2.0),
        set_out(model, scheduler="lms", prompt="a star", seed=5, steps=4, guidance=1.0),
    ]
    in_batches, *_ = denoise(model, together)

    assert (alone - in_batches).abs().max() <= 2


def test_a_latecomer_joins_at_the_next_step(model: Model) -> None:
    [alone] = denoise(model, [set_out(model, seed=11)])
    attention = ReferenceAttention(model.unet)
    states = ReferenceCache(model, attention, budget=2**20)
    early, late = set_out(model, seed=1), set_out(model, seed=11)
    advance(model, [early], attention, states)
    advance(model, [early], attention, states)
    while not early.done:
        advance(model, [early, late], attention, states)
    while not late.done:
        advance(model, [late], attention, states)

    assert (model.decode(late.latents) * 255 - alone).abs().max() <= 2


def test_pndm_calls_the_unet_once_more(model: Model) -> None:
    assert set_out(model, scheduler="pndm", steps=10).calls == 11


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2])
def test_even_one_step_paints(model: Model, scheduler: str, steps: int) -> None:
    [picture] = denoise(model, [set_out(model, scheduler=scheduler, steps=steps)])

    assert picture.isfinite().all()


def test_the_last_estimate_is_the_picture_itself(model: Model) -> None:
    trajectory = set_out(model, scheduler="euler_a")
    denoise(model, [trajectory])

    assert torch.allclose(trajectory.estimate(), trajectory.latents, atol=1e-3)
