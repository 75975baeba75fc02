"""Parameterizations of a denoiser: it predicts the noise, a velocity, or a flow.

All code that adds noise to clean latents, or computes them from a prediction, is here: sampling,
references, previews and training differ only in their noise levels.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import torch
from diffusers import DDPMScheduler, FlowMatchEulerDiscreteScheduler, SchedulerMixin
from torch import Tensor

from generation.models.schedulers import call_sigmas


class Parameterization(enum.Enum):
    """A denoiser's prediction, by diffusers' names, and the noise levels that it goes with.

    Noisy latents are a·x + s·n, of clean latents x and noise n.  EPSILON and VELOCITY preserve
    variance: their level is ᾱ, a = √ᾱ and s = √(1−ᾱ).  FLOW goes in a straight line: its level is
    σ, a = 1−σ and s = σ.

    A level is a scalar, or (B,) with one for each row of latents (B, …).
    """

    EPSILON = "epsilon"
    """n (Ho et al., arXiv 2006.11239)."""
    VELOCITY = "v_prediction"
    """√ᾱ·n − √(1−ᾱ)·x (Salimans & Ho, arXiv 2202.00512)."""
    FLOW = "flow_prediction"
    """n − x (Lipman et al., arXiv 2210.02747; Esser et al., arXiv 2403.03206)."""

    @classmethod
    def of(cls, scheduler_config: Mapping[str, Any]) -> Parameterization:
        """Read it from a scheduler_config.json; ValueError for one that Konomi does not know."""
        name = scheduler_config.get("prediction_type", cls.EPSILON.value)
        try:
            return cls(name)
        except ValueError:
            raise ValueError(f"it predicts {name}, which Konomi does not know") from None

    def factors(self, level: Tensor) -> tuple[Tensor, Tensor]:
        """Return a and s, the factors of clean latents and of noise; (a / s)² is the SNR."""
        if self is Parameterization.FLOW:
            return 1 - level, level
        return level.sqrt(), (1 - level).sqrt()

    def add_noise(self, clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
        """Return the noisy latents at a level; all shapes equal."""
        keep, lose = self.factors(_for_rows(level, clean))
        return keep * clean + lose * noise

    def target(self, clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
        """Return what the denoiser is trained to predict from `add_noise`; all shapes equal."""
        match self:
            case Parameterization.EPSILON:
                return noise
            case Parameterization.VELOCITY:
                keep, lose = self.factors(_for_rows(level, clean))
                return keep * noise - lose * clean
            case Parameterization.FLOW:
                return noise - clean

    def clean_estimate(self, noisy: Tensor, output: Tensor, level: Tensor) -> Tensor:
        """Return the clean latents (x₀) that a prediction implies; all shapes equal."""
        keep, lose = self.factors(_for_rows(level, noisy))
        match self:
            case Parameterization.EPSILON:
                return (noisy - lose * output) / keep
            case Parameterization.VELOCITY:
                return keep * noisy - lose * output
            case Parameterization.FLOW:
                return noisy - lose * output

    def sampling_levels(self, scheduler: SchedulerMixin) -> Tensor:
        """Return the level at each of a sampler's calls of the denoiser: (calls,) float32, CPU."""
        if self is Parameterization.FLOW:
            return call_sigmas(scheduler)
        if hasattr(scheduler, "sigmas"):
            return 1 / (call_sigmas(scheduler) ** 2 + 1)
        return scheduler.alphas_cumprod[scheduler.timesteps.long()].float()

    def training_levels(self, scheduler_config: Mapping[str, Any]) -> Tensor:
        """Return the level at every training timestep: (timesteps,) float32, on the CPU."""
        if self is Parameterization.FLOW:
            count = scheduler_config.get("num_train_timesteps", 1000)
            return torch.arange(count) / count
        return DDPMScheduler.from_config(scheduler_config).alphas_cumprod.float()


def scheduler_factors(scheduler: SchedulerMixin, timestep: Tensor) -> tuple[Tensor, Tensor]:
    """Return the factors of clean latents and noise in a sampler's own latents, at its state.

    Samplers that count in σ keep latents at another scale than the denoiser sees them at, so
    these are not `Parameterization.factors`.  `timestep` (1,) is the denoiser's next; both factors
    are scalars on the CPU, which no GPU has to be synchronised for.
    """
    one, none = torch.ones(1), torch.zeros(1)
    if isinstance(scheduler, FlowMatchEulerDiscreteScheduler):
        keep = scheduler.scale_noise(one, timestep, none)
        lose = scheduler.scale_noise(none, timestep, one)
    else:
        keep = scheduler.add_noise(one, none, timestep)
        lose = scheduler.add_noise(none, one, timestep)
    return keep[0], lose[0]


def _for_rows(level: Tensor, latents: Tensor) -> Tensor:
    """Reshape levels of rows (B,) to (B, 1, …), to be multiplied with latents (B, …)."""
    if level.ndim == 0:
        return level
    return level.view(-1, *[1] * (latents.ndim - 1)).to(latents)
