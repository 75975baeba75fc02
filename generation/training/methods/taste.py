"""Taste LoRA: a LoRA that learns what a member likes from rated pictures.

The reference model of Diffusion-KTO and Diffusion-DPO is the base itself, by a twin that shares
every weight with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.events import TrainProgress
from generation.protocol.problems import Code
from generation.protocol.training import Lora, Objective, Taste, Train
from generation.requests.refused import Refused
from generation.training.data.dataset import Batch, CachedTexts, EncodedDataset
from generation.training.data.folders import Example
from generation.training.data.preparation import prepare
from generation.training.loop import TrainingTask
from generation.training.low_rank import save_lora, with_lora
from generation.training.objectives import drawn, min_snr_weight, row_errors
from generation.training.preference.batches import Batches, Size, VoteBatch, batches_of
from generation.training.preference.objectives import dpo_loss, kto_loss
from generation.training.preference.ratings import RatedExample, prior_noise, ratings_of
from generation.training.results import metadata_of
from generation.training.twin import model_with, twin_of

PAIRED = (Objective.PAIRS, Objective.PRIOR_PAIRS)
VALIDATED = 4
"""Batches that the fixed validation loss is measured on."""
FIXED_SEED = 1
"""Apart from the seeds of training batches by the number of its parts."""


def begin(
    model: Model, request: Train, method: Taste, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train a LoRA on rated pictures."""
    rated = ratings_of(examples)
    if method.objective is Objective.PRIOR_PAIRS:
        request = _unvaried(request)
    dataset = yield from prepare(model, request, [each.example for each in rated])
    lora = Lora(rank=method.rank)
    trained, parameters = with_lora(model, lora, request.recipe.seed)
    losses = PreferenceLoss(model, trained, request, method, rated, dataset)

    def save(folder: Path) -> Path:
        about = metadata_of(model, request)
        return save_lora(folder / f"{request.name}.safetensors", model, trained, method.rank, about)

    return TrainingTask(
        model=trained,
        parameters=parameters,
        loss=losses,
        validation=losses.fixed,
        save=save,
        prompts=[each.example.caption for each in rated if each.liked],
        networks=[trained.unet],
    )


def _unvaried(request: Train) -> Train:
    """Return a request whose pictures stay as they were painted, as does their noise."""
    recipe = dataclasses.replace(request.recipe, flip=False, crop=False, colour=False)
    return dataclasses.replace(request, recipe=recipe)


class PreferenceLoss:
    """The loss of a micro-batch of rated pictures, by its number and its random generator."""

    def __init__(
        self,
        model: Model,
        trained: Model,
        request: Train,
        method: Taste,
        rated: Sequence[RatedExample],
        dataset: EncodedDataset,
    ) -> None:
        self._base = model_with(model, unet=twin_of(model.unet))
        self._trained = trained
        self._method = method
        self._gamma = request.recipe.snr_gamma
        self._dataset = dataset
        self._texts = CachedTexts(model, [each.example.caption for each in rated])
        self._levels = model.training_levels
        sizes = [variants[0].size for variants in dataset.variants]
        recipe = request.recipe
        self._batches: Batches = batches_of(
            method.objective, rated, sizes, recipe.batch, recipe.seed
        )
        self._noises: Sequence[Tensor] = ()
        if method.objective is Objective.PRIOR_PAIRS:
            self._noises = _prior_noises(model, rated, sizes)

    def __call__(self, number: int, chance: torch.Generator) -> Tensor:
        """Return the mean loss of a batch."""
        batch = self._batches(number)
        rows = self._dataset.of(batch.indices, chance, self._texts)
        timesteps, noise = self._drawn(batch, rows, chance)
        errors = self._errors(self._trained, rows, timesteps, noise)
        if self._method.objective is Objective.LIKED:
            return errors.mean()
        with torch.no_grad():
            base = self._errors(self._base, rows, timesteps, noise)
        count, beta = len(batch.liked), self._method.beta
        if self._method.objective is Objective.KTO:
            liked = torch.arange(len(errors), device=errors.device) < count
            return kto_loss(errors, base, liked, beta).mean()
        return dpo_loss(errors[:count], errors[count:], base[:count], base[count:], beta).mean()

    @torch.no_grad()
    def fixed(self) -> Iterator[float]:
        """Yield the loss of the first batches, with noise that is always the same."""
        for number in range(VALIDATED):
            with torch.no_grad():
                loss = float(self(number, chance_of(FIXED_SEED, number, 0)))
            yield loss

    def _drawn(
        self, batch: VoteBatch, rows: Batch, chance: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return timesteps (B,) and noise (B, c, h, w); the two of a pair share what is drawn."""
        timesteps, noise = drawn(rows, self._levels, chance)
        if self._method.objective in PAIRED:
            count = len(batch.liked)
            timesteps, noise = timesteps[:count].repeat(2), noise[:count].repeat(2, 1, 1, 1)
        if self._noises:
            noise = torch.cat([self._noises[index] for index in batch.indices]).to(rows.clean)
        return timesteps, noise

    def _errors(self, model: Model, rows: Batch, timesteps: Tensor, noise: Tensor) -> Tensor:
        level = self._levels[timesteps.to(self._levels.device)]
        weight = min_snr_weight(model.parameterization, level, self._gamma)
        return weight * row_errors(model, rows, timesteps, noise, self._levels)


def _prior_noises(
    model: Model, rated: Sequence[RatedExample], sizes: Sequence[Size]
) -> list[Tensor]:
    """Return the noise that each picture began from; raises `Refused` if that of one is not known.

    PNAPO (Lu et al., arXiv 2605.09433) puts noisy latents on the way from there to the picture.
    For flows that way is nearly straight; ε- and v-models bend it, and samplers that add noise as
    they go lead away from it.
    """
    seeds = [
        each.seed if each.size == size else None for each, size in zip(rated, sizes, strict=True)
    ]
    if lacking := seeds.count(None):
        raise Refused(Code.TRAIN_NO_PRIOR_NOISE, count=lacking)
    return [
        prior_noise(seed, model.latent_format.shape(*size))
        for seed, size in zip(seeds, sizes, strict=True)
        if seed is not None
    ]
