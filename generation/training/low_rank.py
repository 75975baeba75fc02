"""Low-rank updates of a model's twins, by peft (LoRA; Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import nn
from torch.nn import Parameter

from generation.adapter_files.metadata import AdapterMetadata
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import (
    PARTS,
    AdapterWeights,
    LayerUpdate,
)
from generation.models.adapters.writing import write_kohya, write_lora
from generation.models.denoiser_size import ATTENTION
from generation.models.model import Model
from generation.protocol.training import Lora
from generation.training.low_rank_layer import fold
from generation.training.twin import encoder_with, model_with, twin_of

MLP = ("ff.net.0.proj", "ff.net.2")
"""The feed-forward layers of a UNet's transformer blocks."""
CONV = ("conv1", "conv2", "conv", "conv_shortcut", "proj_in", "proj_out")
"""The convolutions of a UNet's blocks, and the projections around its transformers."""
TEXT_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
"""The attention of CLIP's text encoders."""

NAME = "trained"

KOHYA = "-kohya"
"""End of the name of the file in the layout of kohya's scripts, which most other programs read."""


def with_lora(model: Model, method: Lora, seed: int) -> tuple[Model, dict[str, Parameter]]:
    """Return a model of twins with a LoRA that changes nothing yet, and its parameters by name."""
    unet = twin_of(model.unet)
    targets = [*ATTENTION, *(MLP if method.mlp else ()), *(CONV if method.conv else ())]
    parameters = add_lora("unet", unet, targets, method.rank, seed)
    encoders = None
    if method.text_encoder:
        encoders = []
        for encoder, part in zip(model.text_encoders.encoders, PARTS[1:], strict=False):
            encoders.append(encoder_with(encoder, twin_of(encoder.network)))
            network = encoders[-1].network
            parameters |= add_lora(part, network, TEXT_ATTENTION, method.rank, seed)
    return model_with(model, unet=unet, encoders=encoders), parameters


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
    fold(network, NAME)
    found = {}
    for name, parameter in network.named_parameters():
        trained = ".lora_" in name
        parameter.requires_grad_(trained)
        if trained:
            parameter.data = parameter.data.float()
            found[f"{part}.{name.replace(f'.{NAME}.', '.')}"] = parameter
    return found


def save_lora(file: Path, model: Model, trained: Model, rank: int, about: AdapterMetadata) -> Path:
    """Write the LoRA of a model of twins, for diffusers, and beside it for A1111 and ComfyUI.

    model: the untouched model, which tells how kohya's scripts name the layers.
    """
    parts = {part: _lora_of(network, rank) for part, network in _parts_of(trained).items()}
    weights = AdapterWeights(parts={part: each for part, each in parts.items() if each})
    write_lora(file, weights, about)
    write_kohya(file.with_stem(file.stem + KOHYA), weights, about, Targets.of(_parts_of(model)))
    return file


def _parts_of(model: Model) -> dict[str, nn.Module]:
    texts = [encoder.network for encoder in model.text_encoders.encoders]
    return dict(zip(PARTS, [model.unet, *texts], strict=False))


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
