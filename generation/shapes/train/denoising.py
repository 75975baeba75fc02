"""The training loop that teaches a UNet to denoise latents, in one or more processes."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import PNDMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel
from torch import Tensor

from generation.models.parameterization import Parameterization
from generation.shapes.train.loop import Log, Share, load_checkpoint, save_checkpoint, warm_cosine


class NoiseSchedule(enum.StrEnum):
    """Noise schedules to train with, and what is predicted with each."""

    LINEAR_VELOCITY = "linear-velocity"
    """DDPM's linear schedule (Ho et al. 2020) and velocities (Salimans and Ho 2022).

    Stable Diffusion's own schedule leaves a trace of the image's mean in its last step; in flat
    images that trace gives away the colour, and sampling, which starts without it, gets colours
    wrong.  The linear one leaves a tenth of that.  Velocities weight the noisy steps, where colours
    are decided, as much as the clean ones.
    """
    SCALED_LINEAR_EPSILON = "scaled-linear-epsilon"
    """The schedule of Stable Diffusion 1 and XL, and the noise, as they predict it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rows:
    """The batch of one training step.

    clean: (B, 4, h, w) scaled latents; words: (B, tokens, width) hidden states of the text; beside:
    (B, 4, h, w) unscaled latents of the image to be edited, or None.
    """

    clean: Tensor
    words: Tensor
    beside: Tensor | None = None


Draw = Callable[[int, torch.Generator], Rows]
"""Function that draws a batch of the given size."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """Hyperparameters of a UNet's training: steps, batch size, learning rate and so on."""

    steps: int
    stop_after: int | None = None
    """The step at which to stop early; the learning rate still follows the schedule of `steps`."""
    batch: int = 32
    rate: float = 1e-3
    seed: int = 0
    noise: NoiseSchedule = NoiseSchedule.LINEAR_VELOCITY
    save_every: int = 500


SCHEDULES = {
    NoiseSchedule.LINEAR_VELOCITY: ("linear", 0.0001, 0.02, Parameterization.VELOCITY),
    NoiseSchedule.SCALED_LINEAR_EPSILON: (
        "scaled_linear",
        0.00085,
        0.012,
        Parameterization.EPSILON,
    ),
}
"""Form of β, its first and last value, and the prediction."""


def scheduler_of(noise: NoiseSchedule) -> PNDMScheduler:
    """Return a noise schedule as a scheduler that diffusers can load."""
    form, first, last, predicted = SCHEDULES[noise]
    return PNDMScheduler(
        beta_start=first,
        beta_end=last,
        beta_schedule=form,
        prediction_type=predicted.value,
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def draw_timesteps(count: int, draw: torch.Generator) -> Tensor:
    """Draw (count,) timesteps, six in ten of them from the range in which the content is decided.

    Above 800 this schedule leaves so little of an image that only its colours can be made out, and
    those are learned first; below 450 the shape can be seen in the noisy image itself, and nothing
    is learned from the text.  In between, shape and place follow from the prompt alone.
    """
    whole, first, second, part = torch.rand((4, count), generator=draw)
    middle = 0.2 + 0.7 * (first + second) / 2
    return (1000 * torch.where(part < 0.4, whole, middle)).long()


def train(
    unet: UNet2DConditionModel,
    draw: Draw,
    run: Path,
    name: str,
    *,
    plan: TrainingPlan,
    share: Share,
) -> UNet2DConditionModel:
    """Train the UNet to denoise; return the exponential moving average of its weights.

    Every process takes its share of each batch; gradients are averaged between them. Resumes from
    `name`.pt in `run` and appends to `name`.jsonl.  The randomness of a step depends only on seed,
    step and rank.
    """
    device = torch.device(share.device)
    unet.to(device, memory_format=torch.channels_last).train()
    average = EMAModel(unet.parameters(), decay=0.999, use_ema_warmup=True, power=0.75)
    average.to(device)
    optimizer = torch.optim.AdamW(
        unet.parameters(), lr=plan.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    log, checkpoint, first = Log(run / f"{name}.jsonl"), run / f"{name}.pt", 0
    if state := load_checkpoint(checkpoint):
        unet.load_state_dict(state["unet"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    network = share.together(unet)
    schedule, smooth = scheduler_of(plan.noise), None
    levels, prediction = schedule.alphas_cumprod, Parameterization.of(schedule.config)
    for step in range(first, plan.stop_after or plan.steps):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * warm_cosine(step, plan.steps, warmup=300)
        chance = share.chance(plan.seed, plan.steps, step)
        rows = draw(plan.batch // share.processes, chance)
        noise = torch.randn(rows.clean.shape, generator=chance)
        timesteps = draw_timesteps(len(noise), chance)
        noisy = prediction.add_noise(rows.clean, noise, levels[timesteps])
        target = prediction.target(rows.clean, noise, levels[timesteps])
        seen = noisy if rows.beside is None else torch.cat([noisy, rows.beside], dim=1)
        predicted = network(
            seen.to(device, memory_format=torch.channels_last),
            timesteps.to(device),
            rows.words.to(device),
        ).sample
        loss = F.mse_loss(predicted, target.to(device))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        if share.first:
            average.step(unet.parameters())
        smooth = loss.item() if smooth is None else 0.99 * smooth + 0.01 * loss.item()
        if share.first and (step + 1) % 100 == 0:
            log.write(step=step + 1, loss=smooth)
        if share.first and (step + 1) % plan.save_every == 0:
            save_checkpoint(
                checkpoint,
                unet=unet.state_dict(),
                average=average.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    average.copy_to(unet.parameters())  # only process 0 keeps the average
    return unet.cpu().eval()
