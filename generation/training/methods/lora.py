"""LoRA: low-rank updates of a twin's attention, by peft (Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from generation.models.model import Model
from generation.protocol.events import TrainProgress
from generation.protocol.training import Lora, Train
from generation.training.data.dataset import CachedTexts, LiveTexts, Texts
from generation.training.data.folders import Example
from generation.training.data.preparation import prepare, validated
from generation.training.loop import TrainingTask
from generation.training.low_rank import networks_of, save_lora, with_lora
from generation.training.objectives import denoising_losses, fixed_losses
from generation.training.results import metadata_of

TEXT_RATE = 0.5
"""Learning rate of text encoders as a share of the UNet's; they overfit sooner."""


def begin(
    model: Model, request: Train, method: Lora, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train a LoRA on captioned pictures."""
    dataset = yield from prepare(model, request, examples)
    trained, parameters = with_lora(model, method, request.recipe.seed)
    texts: Texts = (
        LiveTexts(trained)
        if method.text_encoder
        else CachedTexts(model, [each.caption for each in examples])
    )
    levels, gamma = model.training_levels, request.recipe.snr_gamma

    def loss(number: int, chance: torch.Generator) -> Tensor:
        rows = dataset.rows(number, chance, texts)
        return denoising_losses(trained, rows, levels, chance, gamma).mean()

    fixed = validated(dataset, texts)

    def save(folder: Path) -> Path:
        about = metadata_of(model, request)
        return save_lora(folder / f"{request.name}.safetensors", model, trained, method.rank, about)

    return TrainingTask(
        model=trained,
        parameters=parameters,
        rates={"text_encoder": TEXT_RATE},
        loss=loss,
        validation=lambda: fixed_losses(trained, fixed(), levels),
        save=save,
        prompts=[each.caption for each in examples],
        networks=networks_of(trained, method),
    )
