"""Imagic: a model is fitted to one picture, then led from its words to the ones that are wanted.

Kawar et al., arXiv 2210.09276.  (A) The embedding of the target text is optimised until the
frozen model reconstructs the picture; (B) the model is tuned to the picture at that embedding;
(C) pictures are painted at η·e(target) + (1 − η)·e(optimised).  Ours tunes a LoRA in stage B, so
that the model itself is never touched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from torch import Tensor

from generation.models.adapters import Adapters
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.protocol.requests import Imagic

MOMENTS = (250, 400, 550, 700)
"""Timesteps at which it is asked how well a picture fits its words: between those at which
everything can be seen and those at which nothing can."""
REACHED = 0.8
"""Of what a strip's best gains in fit to the words: who has so much counts as having followed."""


class Tuning:
    """Stages A and B for one picture, a few steps at a time."""

    def __init__(
        self,
        model: Model,
        adapters: Adapters,
        name: str,
        *,
        picture: Tensor,
        target: Condition,
        settings: Imagic,
        seed: int,
    ) -> None:
        """picture: (1, 4, h, w), its scaled latents; `name` is that of the adapter to make."""
        self.name = name
        self.done = 0
        self._model = model
        self._adapters = adapters
        self._settings = settings
        self._seed = seed
        with torch.inference_mode(mode=False):
            # Copies: what was made in inference mode cannot be learned from.
            added = {name: each.clone() for name, each in target.added.items()}
            self._target = dataclasses.replace(target, states=target.states.clone(), added=added)
            self._picture = picture.clone()
            self._signal = noise_levels(model).to(model.device)
            self._embedding = target.states.float().clone().requires_grad_()
        self._optimizer = self._of_stage([self._embedding], settings.embedding_rate)

    @property
    def total(self) -> int:
        """Steps of both stages."""
        return self._settings.embedding_steps + self._settings.tuning_steps

    def work(self, steps: int) -> None:
        """Take so many steps more, as far as there are any."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            for _ in range(min(steps, self.total - self.done)):
                if self.done == self._settings.embedding_steps:
                    self._begin_tuning()
                self._step()
                self.done += 1

    def between(self, eta: float) -> Condition:
        """η of the way from the words that the picture stands for to the ones that are wanted."""
        optimised = self._embedding.detach().to(self._target.states)
        states = torch.lerp(optimised, self._target.states, eta)
        return dataclasses.replace(self._target, states=states)

    def end(self) -> None:
        """Leave the model as it was."""
        self._adapters.remove(self.name)

    def _begin_tuning(self) -> None:
        self._embedding.requires_grad_(False)
        parameters = self._adapters.add(self.name, self._settings.rank, self._seed)
        self._optimizer = self._of_stage(parameters, self._settings.tuning_rate)

    def _of_stage(self, parameters: Sequence[Tensor], rate: float) -> torch.optim.Optimizer:
        return torch.optim.Adam(list(parameters), lr=rate)

    def _step(self) -> None:
        chance = torch.Generator().manual_seed(self._seed * self.total + self.done)
        rows = self._settings.batch
        timesteps = torch.randint(0, len(self._signal), (rows,), generator=chance)
        noise = torch.randn((rows, *self._picture.shape[1:]), generator=chance)
        condition = dataclasses.replace(
            self._target, states=self._embedding.to(self._target.states.dtype)
        )
        tuning = self.done >= self._settings.embedding_steps
        # Switched off, an adapter takes no gradients either.
        with self._adapters.using(self.name if tuning else None):
            with self._precision():
                error = denoising_error(
                    self._model,
                    self._picture,
                    condition,
                    self._signal,
                    timesteps.to(self._model.device),
                    noise.to(self._picture),
                )
            self._optimizer.zero_grad()
            error.mean().backward()
            self._optimizer.step()

    @contextmanager
    def _precision(self) -> Iterator[None]:
        device = self._model.device.type
        with torch.autocast(device, self._model.dtype, enabled=device == "cuda"):
            yield


def noise_levels(model: Model) -> Tensor:
    """(timesteps,) ᾱ of the schedule that the model was trained with, float32."""
    return DDPMScheduler.from_config(model.scheduler_config).alphas_cumprod.float()


def denoising_error(
    model: Model,
    picture: Tensor,
    condition: Condition,
    signal: Tensor,
    timesteps: Tensor,
    noise: Tensor,
) -> Tensor:
    """(B,) squared error of the model's prediction at `timesteps` (B,) with `noise` (B, 4, h, w).

    picture: (1, 4, h, w).
    """
    kept = signal[timesteps].view(-1, 1, 1, 1).to(noise)
    noisy = kept.sqrt() * picture + (1 - kept).sqrt() * noise
    wanted = noise
    if model.predicts_velocity:
        wanted = kept.sqrt() * noise - (1 - kept).sqrt() * picture
    rows = [condition] * len(timesteps)
    predicted = model.predict(noisy, timesteps.float(), rows, compiled=False)
    return F.mse_loss(predicted.float(), wanted.float(), reduction="none").mean((1, 2, 3))


def fit_to_words(
    model: Model, picture: Tensor, wanted: Condition, empty: Condition, signal: Tensor
) -> float:
    """How much better the frozen model predicts a picture's noise for its words than for none.

    Your Diffusion Model is Secretly a Zero-Shot Classifier (Li et al., arXiv 2303.16203): it takes
    no other network, so it serves every model.  As a share of the error without words.
    """
    timesteps = torch.tensor(MOMENTS, device=model.device)
    shape = (len(MOMENTS), *picture.shape[1:])
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(picture)
    errors = [
        denoising_error(model, picture, condition, signal, timesteps, noise).mean()
        for condition in (wanted, empty)
    ]
    return 1 - float(errors[0] / errors[1])


def choose(fits: Sequence[float], nearness: Sequence[float], before: float) -> int:
    """The candidate nearest to the picture among those that say what is wanted.

    `before` is how well the picture itself fits; they say it who fit `REACHED` of the way from
    there to the best of them.  Along η fit rises and nearness falls (the paper's figure 9 puts
    the best of both between 0.6 and 0.8).
    """
    most = max(fits)
    enough = most - (1 - REACHED) * max(0.0, most - before)
    reached = [place for place, fit in enumerate(fits) if fit >= enough]
    return max(reached, key=nearness.__getitem__)
