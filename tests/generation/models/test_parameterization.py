"""Adding noise, what is to be predicted, and reading it back agree with diffusers."""

from typing import Any

import pytest
import torch
from diffusers import (
    DDPMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
)
from torch import Tensor

from generation.models.parameterization import Parameterization, scheduler_factors
from generation.models.schedulers import make_scheduler
from generation.protocol.samplers import SCHEDULERS
from tests.tiny import build_scheduler

EPSILON, VELOCITY, FLOW = Parameterization
ROWS, SHAPE = 5, (5, 4, 6, 6)


def latents(seed: int) -> Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


CLEAN, NOISE = latents(1), latents(2)
TIMESTEPS = torch.tensor([0, 10, 500, 900, 999])


def variance_preserving(prediction_type: str) -> DDPMScheduler:
    return DDPMScheduler.from_config(build_scheduler(prediction_type).config)


@pytest.mark.parametrize("prediction", [EPSILON, VELOCITY])
def test_noise_is_added_as_diffusers_adds_it(prediction: Parameterization) -> None:
    theirs = variance_preserving(prediction.value)
    levels = prediction.training_levels(theirs.config)[TIMESTEPS]

    noisy = prediction.add_noise(CLEAN, NOISE, levels)

    assert torch.equal(noisy, theirs.add_noise(CLEAN, NOISE, TIMESTEPS))


def test_velocity_is_what_diffusers_trains_for() -> None:
    theirs = variance_preserving("v_prediction")
    levels = VELOCITY.training_levels(theirs.config)[TIMESTEPS]

    velocity = VELOCITY.target(CLEAN, NOISE, levels)

    assert torch.equal(velocity, theirs.get_velocity(CLEAN, NOISE, TIMESTEPS))


def test_epsilon_is_the_noise() -> None:
    assert torch.equal(EPSILON.target(CLEAN, NOISE, torch.full((ROWS,), 0.5)), NOISE)


def test_a_flow_goes_straight_from_noise_to_clean_latents() -> None:
    theirs = FlowMatchEulerDiscreteScheduler(shift=3.0)
    theirs.set_timesteps(7)
    levels = FLOW.sampling_levels(theirs)[:ROWS]

    noisy = FLOW.add_noise(CLEAN, NOISE, levels)

    assert torch.equal(noisy, theirs.scale_noise(CLEAN, theirs.timesteps[:ROWS], NOISE))
    sigma = levels.view(-1, 1, 1, 1)
    assert torch.equal(noisy, (1 - sigma) * CLEAN + sigma * NOISE)
    assert torch.equal(FLOW.target(CLEAN, NOISE, levels), NOISE - CLEAN)


def test_a_flow_is_followed_to_its_end_by_its_target() -> None:
    theirs = FlowMatchEulerDiscreteScheduler(shift=3.0)
    theirs.set_timesteps(6)
    sample = NOISE
    for timestep, level in zip(theirs.timesteps, FLOW.sampling_levels(theirs), strict=True):
        target = FLOW.target(CLEAN, NOISE, level)
        assert torch.allclose(sample, FLOW.add_noise(CLEAN, NOISE, level), atol=1e-5)
        assert torch.allclose(FLOW.clean_estimate(sample, target, level), CLEAN, atol=1e-5)
        sample = theirs.step(target, timestep, sample).prev_sample

    assert torch.allclose(sample, CLEAN, atol=1e-5)


def test_a_flow_is_told_its_level_in_thousandths() -> None:
    theirs = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000)
    levels = FLOW.training_levels(theirs.config)

    timesteps = theirs.timesteps[1:].round().long()

    assert torch.allclose(levels[timesteps], theirs.sigmas[1:])


@pytest.mark.parametrize("prediction", list(Parameterization))
def test_the_target_says_where_the_clean_latents_are(prediction: Parameterization) -> None:
    for level in (torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9]), torch.tensor(0.4)):
        noisy = prediction.add_noise(CLEAN, NOISE, level)
        target = prediction.target(CLEAN, NOISE, level)

        assert torch.allclose(prediction.clean_estimate(noisy, target, level), CLEAN, atol=1e-5)


@pytest.mark.parametrize("prediction", list(Parameterization))
def test_rows_have_levels_of_their_own(prediction: Parameterization) -> None:
    levels = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9])

    together = prediction.add_noise(CLEAN, NOISE, levels)

    rows = zip(CLEAN, NOISE, levels, strict=True)
    alone = [prediction.add_noise(*row) for row in rows]
    assert torch.equal(together, torch.stack(alone))


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_sampler_is_where_its_level_says(name: str) -> None:
    """Its own noisy latents, as it scales them for the UNet, are those of that level."""
    scheduler = make_scheduler(name, build_scheduler().config, steps=5)
    levels = EPSILON.sampling_levels(scheduler)
    for call in (0, len(levels) - 1):
        scheduler = make_scheduler(name, build_scheduler().config, steps=5)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(call)
        timestep = scheduler.timesteps[call : call + 1]
        keep, lose = scheduler_factors(scheduler, timestep)
        scaled = scheduler.scale_model_input(keep * CLEAN + lose * NOISE, timestep[0])

        expected = EPSILON.add_noise(CLEAN, NOISE, levels[call])
        assert torch.allclose(scaled, expected, atol=2e-3)


def test_a_flow_sampler_keeps_latents_as_they_are_shown() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(6)
    for call, level in enumerate(FLOW.sampling_levels(scheduler)):
        scheduler.set_begin_index(call)

        found = scheduler_factors(scheduler, scheduler.timesteps[call : call + 1])

        assert torch.allclose(torch.stack(found), torch.stack(FLOW.factors(level)))


@pytest.mark.parametrize(
    ("config", "prediction"),
    [
        ({}, EPSILON),
        ({"prediction_type": "epsilon"}, EPSILON),
        (EulerDiscreteScheduler(prediction_type="v_prediction").config, VELOCITY),
        ({"prediction_type": "flow_prediction"}, FLOW),
    ],
)
def test_it_is_read_from_a_schedulers_configuration(
    config: dict[str, Any], prediction: Parameterization
) -> None:
    assert Parameterization.of(config) is prediction
