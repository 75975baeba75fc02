"""Full fine-tuning: every weight of a copy of the UNet, with an average of the weights."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from generation.models.model import Model
from generation.protocol.events import TrainProgress
from generation.protocol.training import Finetune, Train
from generation.training.data.dataset import CachedTexts
from generation.training.data.folders import Example
from generation.training.data.preparation import prepare, validated
from generation.training.loop import TrainingTask
from generation.training.objectives import denoising_losses, fixed_losses
from generation.training.results import write_model
from generation.training.twin import copy_of, model_with


def begin(
    model: Model, request: Train, method: Finetune, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train the whole UNet on captioned pictures."""
    dataset = yield from prepare(model, request, examples)
    trained = model_with(model, unet=copy_of(model.unet))
    texts = CachedTexts(model, [each.caption for each in examples])
    levels, gamma = model.training_levels, request.recipe.snr_gamma

    def loss(number: int, chance: torch.Generator) -> Tensor:
        rows = dataset.rows(number, chance, texts)
        return denoising_losses(trained, rows, levels, chance, gamma).mean()

    fixed = validated(dataset, texts)

    def save(folder: Path) -> Path:
        return write_model(folder / request.name, trained)

    return TrainingTask(
        model=trained,
        parameters={f"unet.{name}": each for name, each in trained.unet.named_parameters()},
        loss=loss,
        validation=lambda: fixed_losses(trained, fixed(), levels),
        save=save,
        prompts=[each.caption for each in examples],
        ema_decay=method.ema_decay,
        networks=[trained.unet],
    )
