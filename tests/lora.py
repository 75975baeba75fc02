"""LoRA files as diffusers and peft write them, with weights by chance."""

from __future__ import annotations

import copy
import dataclasses
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import Tensor, nn

from generation.adapter_files.metadata import AdapterMetadata
from generation.images.tensors import digest_of
from generation.models.adapters import writing
from generation.models.adapters.weights import (
    PARTS,
    AdapterWeights,
    Embedding,
    LayerUpdate,
)
from generation.models.adapters.writing import write_embedding
from generation.protocol.requests import Adapter

Network = TypeVar("Network", bound=nn.Module)

LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "time_emb_proj")


def write_lora(
    path: Path,
    model: Path,
    *,
    seed: int = 0,
    rank: int = 4,
    alpha: float | None = None,
    layers: tuple[str, ...] = LAYERS,
    ranks: Mapping[str, int] | None = None,
    by_pipeline: bool = False,
) -> Adapter:
    """Write a LoRA for the UNet of a model's folder that changes its pictures a lot.

    ranks: of layers that have another one.  by_pipeline: as `save_lora_weights` writes it, with
    "unet." in front and without peft's settings.
    """
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet")
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha or rank,
        target_modules=list(layers),
        rank_pattern=dict(ranks or {}),
    )
    unet.add_adapter(config, adapter_name="made")
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=chance) * 0.2)
    folder = path.parent / f"{path.stem} saved"
    if by_pipeline:
        state = get_peft_model_state_dict(unet, adapter_name="made")
        StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=state)
    else:
        unet.save_lora_adapter(folder, adapter_name="made")
    shutil.move(folder / "pytorch_lora_weights.safetensors", path)
    folder.rmdir()
    return adapter_at(path)


def adapter_at(path: Path, strength: float = 1.0) -> Adapter:
    digest = digest_of(path.read_bytes())
    return Adapter(path=path, digest=digest, strength=strength, name=path.stem)


def random_updates(
    network: nn.Module, paths: Sequence[str], *, seed: int = 0, rank: int = 3, dora: bool = False
) -> dict[str, LayerUpdate]:
    """Return updates of the layers whose paths end so, with weights by chance."""
    chance = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=chance) * 0.2

    updates = {}
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and path.endswith(tuple(paths)):
            outputs, inputs, *kernel = layer.weight.shape
            updates[path] = LayerUpdate(
                down=drawn(rank, inputs, *kernel),
                up=drawn(outputs, rank, *(1 for _ in kernel)),
                alpha=rank / 2,
                magnitude=1 + drawn(outputs, 1, *(1 for _ in kernel)).abs() if dora else None,
            )
    return updates


def merged(network: Network, acting: Sequence[tuple[Mapping[str, LayerUpdate], float]]) -> Network:
    """Return a copy of a network whose own weights have the changes of these updates."""
    copied = copy.deepcopy(network)
    with torch.no_grad():
        for path in {path for updates, _ in acting for path in updates}:
            weight = copied.get_submodule(path).weight
            base = weight.double()
            change = torch.zeros_like(base)
            for updates, strength in acting:
                if path in updates:
                    change += strength * (_trained(updates[path], base) - base)
            weight.copy_(base + change)
    return copied


def _trained(update: LayerUpdate, base: Tensor) -> Tensor:
    """Return the weight that an update was trained to."""
    up, down = update.up.double().flatten(1), update.down.double()
    if update.mid is None:
        product = (up @ down.flatten(1)).reshape(base.shape)
    else:
        product = torch.einsum("or,rshw,si->oihw", up, update.mid.double(), down.flatten(1))
    weight = base + update.alpha / len(down) * product
    if update.magnitude is None:
        return weight
    axes = [axis for axis, size in enumerate(update.magnitude.shape) if size == 1]
    norms = torch.linalg.vector_norm(weight, dim=axes, keepdim=True)
    return weight / norms * update.magnitude.double()


def write_random(
    path: Path,
    parts: Mapping[str, nn.Module],
    layers: Sequence[str] = ("to_q", "to_v", "q_proj", "v_proj", "fc1"),
    *,
    seed: int = 0,
) -> Adapter:
    """Write a LoRA of these parts of a model, with weights by chance."""
    weights = AdapterWeights(
        parts={
            part: random_updates(network, layers, seed=seed + place)
            for place, (part, network) in enumerate(parts.items())
        }
    )
    writing.write_lora(path, weights, AdapterMetadata())
    return adapter_at(path)


def write_vectors(
    path: Path, *widths: int, count: int = 3, token: str = "", seed: int = 0
) -> Adapter:
    """Write an embedding of so many vectors for text encoders of these widths."""
    chance = torch.Generator().manual_seed(seed)
    vectors = {
        part: torch.randn((count, width), generator=chance)
        for part, width in zip(PARTS[1:], widths, strict=False)
    }
    write_embedding(path, Embedding(vectors=vectors, token=token), AdapterMetadata())
    return dataclasses.replace(adapter_at(path), embedding=True)
