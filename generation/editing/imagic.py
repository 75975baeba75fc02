"""Imagic: fit a model to one image, then move from its embedding to that of a description.

Kawar et al., arXiv 2210.09276.  (A) The embedding of the target text is optimised until the frozen
model reconstructs the image; (B) the model is fine-tuned on the image at that embedding; (C) images
are generated at η·e(target) + (1 − η)·e(optimised).  Ours trains a LoRA in stage B, so that the
model itself is never changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.models.adapters.trained import TrainedAdapters
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.protocol.requests import Imagic

MOMENTS = (250, 400, 550, 700)
"""Timesteps at which the fit of an image to its text is measured: between those at which everything
can be seen and those at which nothing can."""
REACHED = 0.8
"""Least share of the best improvement in text fit on the strip at which an image counts as
following the description."""


class Tuning:
    """Stages A and B for one image, run a few steps at a time."""

    def __init__(
        self,
        model: Model,
        adapters: TrainedAdapters,
        name: str,
        *,
        picture: Tensor,
        target: Condition,
        settings: Imagic,
        seed: int,
    ) -> None:
        """picture: (1, c, h, w), its scaled latents; `name` is that of the adapter to create."""
        self.name = name
        self.done = 0
        self._model = model
        self._adapters = adapters
        self._settings = settings
        self._seed = seed
        with torch.inference_mode(mode=False):
            # Copies, because tensors made in inference mode cannot be trained on.
            added = {name: each.clone() for name, each in target.added.items()}
            self._target = dataclasses.replace(target, states=target.states.clone(), added=added)
            self._picture = picture.clone()
            self._levels = model.training_levels
            self._embedding = target.states.float().clone().requires_grad_()
        self._optimizer = self._of_stage([self._embedding], settings.embedding_rate)

    @property
    def total(self) -> int:
        """Number of steps of both stages."""
        return self._settings.embedding_steps + self._settings.tuning_steps

    def work(self, steps: int) -> None:
        """Run up to so many more steps."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            for _ in range(min(steps, self.total - self.done)):
                if self.done == self._settings.embedding_steps:
                    self._begin_tuning()
                self._step()
                self.done += 1

    def between(self, eta: float) -> Condition:
        """Interpolate between the optimised embedding (η = 0) and the target's (η = 1)."""
        optimised = self._embedding.detach().to(self._target.states)
        states = torch.lerp(optimised, self._target.states, eta)
        return dataclasses.replace(self._target, states=states)

    def end(self) -> None:
        """Remove the adapter from the model."""
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
        timesteps = torch.randint(0, len(self._levels), (rows,), generator=chance)
        noise = torch.randn((rows, *self._picture.shape[1:]), generator=chance)
        condition = dataclasses.replace(
            self._target, states=self._embedding.to(self._target.states.dtype)
        )
        tuning = self.done >= self._settings.embedding_steps
        # An adapter that is switched off receives no gradients.
        with self._adapters.using(self.name if tuning else None):
            with self._precision():
                error = denoising_error(
                    self._model,
                    self._picture,
                    condition,
                    self._levels,
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


def denoising_error(
    model: Model,
    picture: Tensor,
    condition: Condition,
    levels: Tensor,
    timesteps: Tensor,
    noise: Tensor,
) -> Tensor:
    """Return (B,) squared errors of the predictions at `timesteps` (B,), `noise` (B, c, h, w).

    picture: (1, c, h, w); levels: `Model.training_levels`.
    """
    parameterization, level = model.parameterization, levels[timesteps]
    noisy = parameterization.add_noise(picture, noise, level)
    target = parameterization.target(picture, noise, level)
    rows = [condition] * len(timesteps)
    predicted = model.predict(noisy, timesteps.float(), rows, compiled=False)
    return F.mse_loss(predicted.float(), target.float(), reduction="none").mean((1, 2, 3))


def fit_to_words(
    model: Model, picture: Tensor, wanted: Condition, empty: Condition, levels: Tensor
) -> float:
    """Return how much better the frozen model predicts an image's noise with its text than without.

    Your Diffusion Model is Secretly a Zero-Shot Classifier (Li et al., arXiv 2303.16203): it needs
    no other network, so it works for every model.  As a share of the error without text.
    """
    timesteps = torch.tensor(MOMENTS, device=model.device)
    shape = (len(MOMENTS), *picture.shape[1:])
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(picture)
    errors = [
        denoising_error(model, picture, condition, levels, timesteps, noise).mean()
        for condition in (wanted, empty)
    ]
    return 1 - float(errors[0] / errors[1])


def choose(fits: Sequence[float], nearness: Sequence[float], before: float) -> int:
    """Return the index of the candidate closest to the source among those that fit the text.

    `before` is the fit of the source itself; a candidate fits if it gets `REACHED` of the way from
    there to the best one.  Along η the fit rises and the closeness falls (the paper's figure 9 puts
    the best compromise between 0.6 and 0.8).
    """
    most = max(fits)
    enough = most - (1 - REACHED) * max(0.0, most - before)
    reached = [place for place, fit in enumerate(fits) if fit >= enough]
    return max(reached, key=nearness.__getitem__)
