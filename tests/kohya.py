"""LoRA files as kohya's sd-scripts write them, by their own rules: `networks/lora.py`.

They walk the modules of certain classes, join "lora_unet" or "lora_te" and the path with "_", and
keep a factor down, a factor up and an alpha of each layer.  SDXL's UNet has the names that it had
before diffusers, as in `library/sdxl_original_unet.py`.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file
from torch import Tensor, nn

from generation.protocol.requests import Adapter
from tests.lora import adapter_at
from tests.single_file import unet_name

UNET_CLASSES = ("Transformer2DModel",)
CONV_CLASSES = ("ResnetBlock2D", "Downsample2D", "Upsample2D")
TEXT_CLASSES = ("CLIPAttention", "CLIPMLP")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kohya:
    """A file, and the change of each weight that it stands for, by part and path."""

    adapter: Adapter
    tensors: Mapping[str, Tensor]
    changes: Mapping[str, Mapping[str, Tensor]]


@functools.cache
def _loaded(folder: Path) -> Any:
    """Return a pipeline that nobody changes."""
    xl = (folder / "text_encoder_2").is_dir()
    pipeline = (StableDiffusionXLPipeline if xl else StableDiffusionPipeline).from_pretrained(
        folder
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def pipeline_of(folder: Path) -> Any:
    """Return a pipeline with weights of its own."""
    pipeline = copy.copy(_loaded(folder))
    for part, module in parts_of(pipeline).items():
        setattr(pipeline, part, copy.deepcopy(module))
    return pipeline


def parts_of(pipeline: Any) -> dict[str, nn.Module]:
    names = ("unet", "text_encoder", "text_encoder_2")
    return {name: getattr(pipeline, name) for name in names if hasattr(pipeline, name)}


def write_kohya(
    path: Path,
    folder: Path,
    *,
    rank: int = 4,
    alpha: float = 2.0,
    conv: bool = False,
    text: bool = True,
    metadata: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Kohya:
    """Write a LoRA for a model's folder; with `conv`, of the convolutions, too (LoCon)."""
    pipeline = pipeline_of(folder)
    xl = hasattr(pipeline, "text_encoder_2")
    chance = torch.Generator().manual_seed(seed)
    tensors: dict[str, Tensor] = {}
    changes: dict[str, dict[str, Tensor]] = {}
    for part, module in parts_of(pipeline).items():
        if part != "unet" and not text:
            continue
        classes = TEXT_CLASSES if part != "unet" else UNET_CLASSES + CONV_CLASSES * conv
        for layer, weight in layers_of(module, classes):
            name = name_of(pipeline.unet.config, part, layer, xl=xl)
            own = rank if weight.ndim == 2 or weight.shape[2] == 1 else rank // 2
            down = torch.randn((own, *weight.shape[1:]), generator=chance) * 0.2
            ones = (1,) * (weight.ndim - 2)
            up = torch.randn((weight.shape[0], own, *ones), generator=chance) * 0.2
            tensors[f"{name}.lora_down.weight"] = down
            tensors[f"{name}.lora_up.weight"] = up
            tensors[f"{name}.alpha"] = torch.tensor(alpha)
            change = (up.flatten(1) @ down.flatten(1)).reshape(weight.shape) * (alpha / own)
            changes.setdefault(part, {})[layer] = change
    save_file(tensors, path, dict(metadata or {"ss_network_dim": str(rank)}))
    return Kohya(adapter=adapter_at(path), tensors=tensors, changes=changes)


def layers_of(module: nn.Module, classes: tuple[str, ...]) -> Iterator[tuple[str, Tensor]]:
    for name, found in module.named_modules():
        if type(found).__name__ in classes:
            for child_name, child in found.named_modules():
                if isinstance(child, nn.Linear | nn.Conv2d):
                    yield f"{name}.{child_name}", child.weight


def name_of(unet_config: Any, part: str, layer: str, *, xl: bool) -> str:
    """Return the name that the scripts give to a layer."""
    if part == "unet":
        if xl:
            levels = len(unet_config.block_out_channels)
            layer = unet_name(f"{layer}.weight", unet_config.layers_per_block, levels)
            layer = layer.removesuffix(".weight")
        return f"lora_unet.{layer}".replace(".", "_")
    prefix = {"text_encoder": "lora_te1" if xl else "lora_te", "text_encoder_2": "lora_te2"}[part]
    return f"{prefix}.text_model.{layer.removeprefix('text_model.')}".replace(".", "_")


def merge(pipeline: Any, changes: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Change the weights themselves."""
    with torch.no_grad():
        for part, layers in changes.items():
            for path, change in layers.items():
                getattr(pipeline, part).get_submodule(path).weight += change


@torch.inference_mode()
def painted(pipeline: Any, prompt: str = "a fox", **more: Any) -> Tensor:
    """Return what a pipeline paints, as latents."""
    chance = torch.Generator().manual_seed(0)
    usual = {"num_inference_steps": 1, "output_type": "latent", "height": 64, "width": 64}
    latents: Tensor = pipeline(prompt, generator=chance, **(usual | more)).images
    return latents
