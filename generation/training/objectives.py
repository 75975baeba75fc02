"""Losses of a denoiser, as pure functions: MSE weighted by min-SNR, and its fixed validation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.models.model import Model
from generation.models.noise import chance_of
from generation.models.parameterization import Parameterization
from generation.training.data.dataset import Batch

FIXED_LEVELS = 4
"""Timesteps at which each picture of the validation is denoised, spread over the schedule."""


def min_snr_weight(
    parameterization: Parameterization, level: Tensor, gamma: float | None
) -> Tensor:
    """Return the weight of each row's squared error: (B,), for levels (B,).

    Hang et al., Efficient Diffusion Training via Min-SNR Weighting Strategy (arXiv 2303.09556, eq.
    6): min(SNR, γ) weighs the error of x₀; an error of ε is SNR times smaller, one of v SNR + 1
    times, as is one of a flow SNR times (1 + √SNR)⁻².  1 everywhere with `gamma` None.
    """
    if gamma is None:
        return torch.ones_like(level)
    keep, lose = parameterization.factors(level)
    snr = (keep / lose).square()
    capped = snr.clamp(max=gamma)
    match parameterization:
        case Parameterization.EPSILON:
            # Without any signal, as at zero terminal SNR, the noise is the input itself.
            return torch.where(snr > 0, capped / snr.clamp(min=1e-20), torch.ones_like(snr))
        case Parameterization.VELOCITY:
            return capped / (snr + 1)
        case Parameterization.FLOW:
            return capped * lose.square()


def row_errors(
    model: Model, rows: Batch, timesteps: Tensor, noise: Tensor, levels: Tensor
) -> Tensor:
    """Return the mean squared error of each row's prediction: (B,).

    timesteps: (B,) on the CPU; noise: like `rows.clean`; levels: `Model.training_levels`.
    """
    return squared_error(*predicted(model, rows, timesteps, noise, levels))


def predicted(
    model: Model, rows: Batch, timesteps: Tensor, noise: Tensor, levels: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the denoiser's prediction for noisy rows, and its target: (B, c, h, w) each."""
    timesteps = timesteps.to(model.device)
    level, parameterization = levels[timesteps], model.parameterization
    noisy = parameterization.add_noise(rows.clean, noise, level)
    target = parameterization.target(rows.clean, noise, level)
    sample = noisy if rows.beside is None else torch.cat([noisy, rows.beside], dim=1)
    output = model.predict(sample, timesteps.float(), rows.conditions, compiled=False)
    return output.float(), target.float()


def squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared error of each row: (B,)."""
    return F.mse_loss(prediction, target, reduction="none").mean((1, 2, 3))


def drawn(rows: Batch, levels: Tensor, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw a timestep and noise for each row: (B,) on the CPU, and (B, c, h, w)."""
    timesteps = torch.randint(len(levels), (len(rows.clean),), generator=chance)
    noise = torch.randn(rows.clean.shape, generator=chance).to(rows.clean)
    return timesteps, noise


def denoising_losses(
    model: Model, rows: Batch, levels: Tensor, chance: torch.Generator, gamma: float | None
) -> Tensor:
    """Return the weighted denoising error of each row at random timesteps: (B,)."""
    timesteps, noise = drawn(rows, levels, chance)
    weight = min_snr_weight(model.parameterization, levels[timesteps.to(levels.device)], gamma)
    return weight * row_errors(model, rows, timesteps, noise, levels)


def prior_loss(losses: Tensor, instances: int, weight: float) -> Tensor:
    """Return DreamBooth's loss: of the subject's rows, which come first, and of its class's.

    Ruiz et al. (arXiv 2208.12242, eq. 2).  losses: (B,); instances: rows of the subject.
    """
    return losses[:instances].mean() + weight * losses[instances:].mean()


@torch.no_grad()
def fixed_losses(model: Model, examples: Iterable[Batch], levels: Tensor) -> Iterator[float]:
    """Yield the error on each of these batches, at fixed timesteps with fixed noise.

    Their mean is comparable from step to step, as the training's own loss never is; still, with few
    pictures it falls for as long as one trains.
    """
    places = torch.arange(FIXED_LEVELS)
    steps = (2 * places + 1) * len(levels) // (2 * FIXED_LEVELS)
    for number, rows in enumerate(examples):
        noise = torch.randn(rows.clean.shape, generator=chance_of(0, number)).to(rows.clean)
        timesteps = steps.repeat_interleave(len(rows.clean))
        noises = noise.repeat(FIXED_LEVELS, 1, 1, 1)
        yield float(
            row_errors(model, repeated(rows, FIXED_LEVELS), timesteps, noises, levels).mean()
        )


def repeated(rows: Batch, times: int) -> Batch:
    """Return a batch several times over, in one."""
    beside = None if rows.beside is None else rows.beside.repeat(times, 1, 1, 1)
    clean = rows.clean.repeat(times, 1, 1, 1)
    return Batch(clean=clean, conditions=[*rows.conditions] * times, beside=beside)
