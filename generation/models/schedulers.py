"""The samplers by name, made from a model's own noise schedule."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSDEScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    SchedulerMixin,
    UniPCMultistepScheduler,
)
from diffusers.schedulers.scheduling_dpmsolver_sde import BrownianTreeNoiseSampler
from torch import Tensor

from generation.models.noise import draw, moved
from generation.requests.validation import check_lcm

Config = Mapping[str, Any]

UNAWARE_OF_ZERO_SNR = {"dpmpp_sde", "heun", "lms", "pndm"}
"""Samplers whose classes would ignore the option `rescale_betas_zero_snr`."""
NEARLY_ZERO_SNR = 2**-24


def make_scheduler(name: str, config: Config, steps: int, seed: int = 0) -> SchedulerMixin:
    """Return a scheduler for one trajectory, its timesteps set and kept on the CPU.

    `config` is the model's scheduler_config.json, whose betas, offset and prediction type are
    respected whatever class it was written for.  `seed` is for the sampler that draws its own
    noise.
    """
    if name in UNAWARE_OF_ZERO_SNR and config.get("rescale_betas_zero_snr"):
        config = {**config, "trained_betas": zero_snr_betas(config)}
    scheduler = _MAKERS[name](config)
    if isinstance(scheduler, LCMScheduler):
        check_lcm(steps, 1.0, scheduler.config.original_inference_steps)
    scheduler.set_timesteps(steps)
    if isinstance(scheduler, StochasticDPM):
        scheduler.noise_sampler_seed = seed
    return scheduler


def start_at(scheduler: SchedulerMixin, strength: float) -> int:
    """Prepare a scheduler for a picture to begin from; return its first UNet call.

    `strength` is the share of the schedule that is run, and most samplers take that share of their
    steps.  LCM fits all its steps into it, as diffusers' latent consistency pipeline does: of four
    steps there is nothing to leave out.
    """
    steps = scheduler.num_inference_steps
    if isinstance(scheduler, LCMScheduler):
        check_lcm(steps, strength, scheduler.config.original_inference_steps)
        scheduler.set_timesteps(steps, strength=strength)
        return 0
    first = int((steps - min(int(steps * strength), steps)) * scheduler.order)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    return first


def draws_noise(scheduler: SchedulerMixin) -> bool:
    """Return True if its steps take a generator to draw noise from."""
    return "generator" in inspect.signature(scheduler.step).parameters


def call_sigmas(scheduler: SchedulerMixin) -> Tensor:
    """Return σ at each UNet call of a sampler that has sigmas: (calls,) float32, on the CPU."""
    sigmas = scheduler.sigmas[: len(scheduler.timesteps)].float()
    if isinstance(scheduler, StochasticDPM):
        sigmas = sigmas.clone()
        sigmas[1::2] = (sigmas[:-1:2] * sigmas[1::2]).sqrt()  # midpoints on a log scale
    return sigmas


def zero_snr_betas(config: Config) -> list[float]:
    """Return the betas of a noise schedule rescaled to end in pure noise.

    Lin et al., arXiv 2305.08891, algorithm 1.  The last level is 2⁻²⁴ instead of 0, as in those
    schedulers of diffusers that know the option, so that no sigma is infinite.
    """
    levels = DDPMScheduler.from_config(config, rescale_betas_zero_snr=True).alphas_cumprod
    levels[-1] = NEARLY_ZERO_SNR
    ratios = torch.cat([levels[:1], levels[1:] / levels[:-1]])
    betas: list[float] = (1 - ratios).tolist()
    return betas


class LinearMultistep(LMSDiscreteScheduler):
    """K-LMS that computes its coefficients once per schedule instead of once per image."""

    def get_lms_coefficient(self, order: int, t: int, current_order: int) -> float:
        """Return the weight of the derivative of `current_order` steps ago at step t."""
        sigmas = self.sigmas[t - order + 1 : t + 2].tolist()
        return lms_coefficient(tuple(reversed(sigmas[:-1])), sigmas[-1], current_order)


@functools.lru_cache(maxsize=8192)
def lms_coefficient(sigmas: tuple[float, ...], target: float, current: int) -> float:
    """Return ∫ from sigmas[0] to `target` of the Lagrange basis polynomial of sigmas[current].

    The weight of a derivative in a linear multistep step (Karras et al., arXiv 2206.00364, as
    K-LMS); `sigmas` are the latest first.
    """
    basis = np.polynomial.Polynomial([1.0])
    for k, sigma in enumerate(sigmas):
        if k != current:
            basis *= np.polynomial.Polynomial([-sigma, 1.0]) / (sigmas[current] - sigma)
    area = basis.integ()
    return float(area(target) - area(sigmas[0]))


class EulerAncestral(EulerAncestralDiscreteScheduler):
    """Euler ancestral (Karras et al., arXiv 2206.00364) whose noise never synchronises a GPU."""

    def step(
        self,
        model_output: Tensor,
        timestep: Tensor,
        sample: Tensor,
        generator: torch.Generator,
        return_dict: bool = False,  # noqa: ARG002 - as diffusers calls it
    ) -> tuple[Tensor]:
        """Step down from one sigma to the next, then up again with fresh noise."""
        if self.step_index is None:
            self._init_step_index(timestep)
        sigma, target = self.sigmas[self.step_index : self.step_index + 2].tolist()
        up = (target**2 * (sigma**2 - target**2) / sigma**2) ** 0.5
        down = (target**2 - up**2) ** 0.5
        latents, output = sample.float(), model_output.float()
        if self.config.prediction_type == "v_prediction":
            clean = latents / (sigma**2 + 1) - output * (sigma / (sigma**2 + 1) ** 0.5)
        else:
            clean = latents - sigma * output
        latents = latents + (latents - clean) * ((down - sigma) / sigma)
        noise = draw(sample.shape, generator, like=model_output)
        self._step_index += 1
        return ((latents + up * noise.float()).to(model_output.dtype),)


class StochasticDPM(DPMSolverSDEScheduler):
    """DPM++ SDE (Lu et al., arXiv 2211.01095) with its Brownian tree on the CPU.

    So a seed gives the same image on every device.
    """

    noise_sampler: Any

    def step(
        self,
        model_output: Tensor,
        timestep: Tensor,
        sample: Tensor,
        return_dict: bool = False,
        s_noise: float = 1.0,
    ) -> tuple[Tensor]:
        """Step to the midpoint, or from there over the whole step."""
        if self.noise_sampler is None:
            lowest, highest = self.sigmas[self.sigmas > 0].min().item(), self.sigmas.max().item()
            tree = BrownianTreeNoiseSampler(sample.cpu(), lowest, highest, self.noise_sampler_seed)
            # The tree is bounded to six decimals, and complains beyond its bounds.
            ends = round(lowest, 6), round(highest, 6)
            self.noise_sampler = lambda start, end: moved(
                tree(start.double().clamp(*ends), end.double().clamp(*ends)), sample.device
            )
        return super().step(model_output, timestep, sample, return_dict, s_noise)


_MAKERS: dict[str, Any] = {
    "euler_a": EulerAncestral.from_config,
    "euler": EulerDiscreteScheduler.from_config,
    "heun": HeunDiscreteScheduler.from_config,
    "dpmpp_2m": DPMSolverMultistepScheduler.from_config,
    "dpmpp_2m_karras": functools.partial(
        DPMSolverMultistepScheduler.from_config,
        use_karras_sigmas=True,
        use_exponential_sigmas=False,
        use_beta_sigmas=False,
    ),
    "dpmpp_sde": StochasticDPM.from_config,
    "unipc": UniPCMultistepScheduler.from_config,
    "lcm": LCMScheduler.from_config,
    "ddim": functools.partial(DDIMScheduler.from_config, clip_sample=False),
    "pndm": functools.partial(PNDMScheduler.from_config, skip_prk_steps=True),
    "lms": LinearMultistep.from_config,
}
