"""LoRA files as diffusers and peft write them, with weights by chance."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from generation.images.tensors import digest_of
from generation.protocol.requests import Adapter

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
