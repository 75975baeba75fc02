"""LoRA: low-rank updates of a twin's attention, by peft (Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn
from torch.nn import Parameter

from generation.models.adapters.runtime import ATTENTION
from generation.models.adapters.weights import (
    PARTS,
    AdapterMetadata,
    AdapterWeights,
    LayerUpdate,
)
from generation.models.adapters.writing import write_lora
from generation.models.model import Model
from generation.models.text_encoders import Encoder
from generation.protocol.events import TrainProgress
from generation.protocol.training import Lora, Train
from generation.training.data import CachedTexts, LiveTexts, Texts
from generation.training.folders import Example
from generation.training.loop import Task
from generation.training.objectives import denoising_losses, fixed_loss
from generation.training.preparation import prepare, validated
from generation.training.results import metadata_of
from generation.training.twin import model_with, twin_of

MLP = ("ff.net.0.proj", "ff.net.2")
"""The feed-forward layers of a UNet's transformer blocks."""
TEXT_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
"""The attention of CLIP's text encoders."""
TEXT_RATE = 0.5
"""Learning rate of text encoders as a share of the UNet's; they overfit sooner."""

NAME = "trained"


def begin(
    model: Model, request: Train, method: Lora, examples: Sequence[Example]
) -> Generator[TrainProgress, None, Task]:
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
        return save_lora(folder / f"{request.name}.safetensors", trained, method.rank, about)

    return Task(
        model=trained,
        parameters=parameters,
        rates={"text_encoder": TEXT_RATE},
        loss=loss,
        validation=lambda: fixed_loss(trained, fixed(), levels),
        save=save,
        prompts=[each.caption for each in examples],
        networks=networks_of(trained, method),
    )


def with_lora(model: Model, method: Lora, seed: int) -> tuple[Model, dict[str, Parameter]]:
    """Return a model of twins with a LoRA that changes nothing yet, and its parameters by name."""
    unet = twin_of(model.unet)
    targets = [*ATTENTION, *(MLP if method.mlp else ())]
    parameters = add_lora("unet", unet, targets, method.rank, seed)
    encoders = None
    if method.text_encoder:
        encoders = []
        for encoder, part in zip(model.text_encoders.encoders, PARTS[1:], strict=False):
            encoders.append(encoder_with(encoder, twin_of(encoder.network)))
            network = encoders[-1].network
            parameters |= add_lora(part, network, TEXT_ATTENTION, method.rank, seed)
    return model_with(model, unet=unet, encoders=encoders), parameters


def encoder_with(encoder: Encoder, network: nn.Module) -> Encoder:
    """Return a text encoder that reads with another network of the same kind."""
    other = copy.copy(encoder)
    other.__dict__.pop("_provider", None)  # which holds the network that it had
    other.network = network
    return other


def add_lora(
    part: str, network: nn.Module, targets: Sequence[str], rank: int, seed: int
) -> dict[str, Parameter]:
    """Add a LoRA to a network; return its trainable parameters in float32 by their usual names."""
    config = LoraConfig(
        r=rank,
        lora_alpha=rank,  # any other value is lost by half of the programs that read the file
        target_modules=list(targets),
        init_lora_weights="gaussian",
    )
    with torch.random.fork_rng(devices=()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        inject_adapter_in_model(config, network, adapter_name=NAME)
    found = {}
    for name, parameter in network.named_parameters():
        trained = ".lora_" in name
        parameter.requires_grad_(trained)
        if trained:
            parameter.data = parameter.data.float()
            found[f"{part}.{name.replace(f'.{NAME}.', '.')}"] = parameter
    return found


def save_lora(file: Path, trained: Model, rank: int, about: AdapterMetadata) -> Path:
    """Write the LoRA of a model of twins."""
    networks: dict[str, nn.Module] = {"unet": trained.unet}
    for encoder, part in zip(trained.text_encoders.encoders, PARTS[1:], strict=False):
        networks[part] = encoder.network
    parts = {part: _lora_of(network, rank) for part, network in networks.items()}
    weights = AdapterWeights(parts={part: each for part, each in parts.items() if each})
    write_lora(file, weights, about)
    return file


def networks_of(trained: Model, method: Lora) -> list[nn.Module]:
    """Return the networks that gradients flow through."""
    texts = [encoder.network for encoder in trained.text_encoders.encoders]
    return [trained.unet, *(texts if method.text_encoder else [])]


def _lora_of(network: nn.Module, rank: int) -> dict[str, LayerUpdate]:
    """Return the updates of a network's layers, on the CPU."""
    return {
        path: LayerUpdate(
            down=module.lora_A[NAME].weight.detach().cpu(),
            up=module.lora_B[NAME].weight.detach().cpu(),
            alpha=float(rank),
        )
        for path, module in network.named_modules()
        if isinstance(module, BaseTunerLayer)
    }
