"""DreamBooth: a subject under a rare word and its class (Ruiz et al., arXiv 2208.12242).

The prior loss keeps the class as it was: on pictures of it that the untouched model painted, or
that the host has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from generation.images.tensors import digest_of
from generation.models.model import Model
from generation.protocol.events import Stage, TrainProgress
from generation.protocol.problems import Code
from generation.protocol.training import DreamBooth, Lora, Train
from generation.requests.refused import Refused
from generation.training.data.dataset import Batch, CachedTexts, LiveTexts, Texts
from generation.training.data.folders import Example, read_folder
from generation.training.data.preparation import prepare, validated
from generation.training.loop import TrainingTask
from generation.training.low_rank import networks_of, save_lora, with_lora
from generation.training.objectives import denoising_losses, fixed_losses, prior_loss
from generation.training.results import metadata_of, write_model
from generation.training.samples import TOGETHER, paint, sampling_of, shown
from generation.training.twin import copy_of, encoder_with, model_with

CLASS_SEED = 1_000_000
"""Seed of the first picture of the class, away from those that people use."""


def begin(
    model: Model, request: Train, method: DreamBooth, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train a subject, with pictures of its class if there is a class prompt."""
    examples = [_named(each, method) for each in examples]
    others: list[Example] = []
    if method.class_prompt:
        others = yield from class_examples(model, request, method)
    subject = yield from prepare(model, request, examples)
    kin = (yield from prepare(model, request, others)) if others else None
    trained, parameters = _trained(model, method, request.recipe.seed)
    live = method.text_encoder or (method.lora is not None and method.lora.text_encoder)
    captions = [each.caption for each in (*examples, *others)]
    texts: Texts = LiveTexts(trained) if live else CachedTexts(model, captions)
    levels, gamma = model.training_levels, request.recipe.snr_gamma

    def loss(number: int, chance: torch.Generator) -> Tensor:
        rows = subject.rows(number, chance, texts)
        if kin is None:
            return denoising_losses(trained, rows, levels, chance, gamma).mean()
        beside = kin.rows(number, chance, texts)
        losses = torch.cat(
            [
                denoising_losses(trained, each, levels, chance, gamma)
                for each in together(rows, beside)
            ]
        )
        return prior_loss(losses, len(rows.clean), method.prior_weight)

    fixed = validated(subject, texts)

    def save(folder: Path) -> Path:
        if method.lora is None:
            return write_model(folder / request.name, trained)
        about = metadata_of(model, request)
        return save_lora(
            folder / f"{request.name}.safetensors", model, trained, method.lora.rank, about
        )

    return TrainingTask(
        model=trained,
        parameters=parameters,
        loss=loss,
        validation=lambda: fixed_losses(trained, fixed(), levels),
        save=save,
        prompts=[each.caption for each in examples],
        networks=networks_of(trained, Lora(text_encoder=live)),
    )


def class_examples(
    model: Model, request: Train, method: DreamBooth
) -> Generator[TrainProgress, None, list[Example]]:
    """Return pictures of the class: the host's own, or painted by the untouched model.

    Those that were painted before an interruption are kept.
    """
    if method.class_data is not None:
        examples, _ = read_folder(method.class_data)
        return [dataclasses.replace(each, caption=method.class_prompt) for each in examples]
    folder = request.out / "class"
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number:04}.png" for number in range(method.class_pictures)]
    for first in range(0, len(files), TOGETHER):
        group = files[first : first + TOGETHER]
        if all(file.is_file() for file in group):
            continue
        painting = paint(
            model,
            [method.class_prompt] * len(group),
            [CLASS_SEED + first + place for place in range(len(group))],
            sampling_of(request),
        )
        pictures = yield from shown(painting, request, Stage.CLASS_PICTURES, first, len(files))
        for file, picture in zip(group, pictures, strict=True):
            partial = file.with_suffix(".partial")
            picture.save(partial, "PNG")
            partial.replace(file)
    return [
        Example(path=file, digest=digest_of(file.read_bytes()), caption=method.class_prompt)
        for file in files
    ]


def together(some: Batch, others: Batch) -> list[Batch]:
    """Return two batches as one, if their sizes allow it, so that they share a call."""
    if some.clean.shape[1:] != others.clean.shape[1:]:
        return [some, others]
    clean = torch.cat([some.clean, others.clean])
    return [Batch(clean=clean, conditions=[*some.conditions, *others.conditions])]


def _named(example: Example, method: DreamBooth) -> Example:
    caption = method.instance_prompt or example.caption
    if not caption:
        raise Refused(Code.TRAIN_NO_CAPTION, name=example.name)
    return dataclasses.replace(example, caption=caption)


def _trained(model: Model, method: DreamBooth, seed: int) -> tuple[Model, dict[str, Parameter]]:
    """Return the model that is trained, and its parameters by name."""
    if method.lora is not None:
        return with_lora(model, method.lora, seed)
    unet = copy_of(model.unet)
    parts: dict[str, nn.Module] = {"unet": unet}
    encoders = None
    if method.text_encoder:
        encoders = [
            encoder_with(each, copy_of(each.network)) for each in model.text_encoders.encoders
        ]
        parts |= {f"text_encoder_{place}": each.network for place, each in enumerate(encoders)}
    parameters = {
        f"{part}.{name}": parameter
        for part, network in parts.items()
        for name, parameter in network.named_parameters()
    }
    return model_with(model, unet=unet, encoders=encoders), parameters
