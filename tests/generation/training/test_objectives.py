"""Losses against their formulas."""

import torch
from diffusers import DDPMScheduler
from diffusers.training_utils import compute_snr

from generation.models.parameterization import Parameterization
from generation.training.objectives import min_snr_weight, prior_loss


def test_min_snr_is_that_of_the_paper_and_of_diffusers() -> None:
    schedule = DDPMScheduler()
    timesteps = torch.tensor([0, 100, 500, 900, 999])
    level = schedule.alphas_cumprod[timesteps]
    snr = compute_snr(schedule, timesteps)
    capped = torch.minimum(snr, torch.full_like(snr, 5.0))

    epsilon = min_snr_weight(Parameterization.EPSILON, level, 5.0)
    velocity = min_snr_weight(Parameterization.VELOCITY, level, 5.0)

    torch.testing.assert_close(epsilon, capped / snr)
    torch.testing.assert_close(velocity, capped / (snr + 1))


def test_a_flow_is_weighed_like_its_clean_estimate() -> None:
    sigma = torch.tensor([0.1, 0.5, 0.9])
    snr = ((1 - sigma) / sigma) ** 2

    # x0 = x_t − σ·v, so an error of v counts σ² in x0.
    expected = torch.minimum(snr, torch.full_like(snr, 5.0)) * sigma**2
    torch.testing.assert_close(min_snr_weight(Parameterization.FLOW, sigma, 5.0), expected)


def test_nothing_is_infinite_at_zero_terminal_snr() -> None:
    level = torch.tensor([0.0, 1e-9, 0.5])

    for parameterization in (Parameterization.EPSILON, Parameterization.VELOCITY):
        assert min_snr_weight(parameterization, level, 5.0).isfinite().all()


def test_without_gamma_all_timesteps_weigh_alike() -> None:
    assert min_snr_weight(Parameterization.EPSILON, torch.rand(5), None).eq(1).all()


def test_the_prior_loss_weighs_the_class() -> None:
    losses = torch.tensor([1.0, 3.0, 10.0])

    assert prior_loss(losses, 2, 0.5) == 2.0 + 0.5 * 10.0
