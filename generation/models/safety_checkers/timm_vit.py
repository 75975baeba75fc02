"""Vision transformers in timm's format, read into transformers' ViT.

timm itself is not needed: its plain ViTs compute what transformers' does, under other names.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from generation.catalog.entries import ModelUnavailable

PLAIN = re.compile(r"vit_(tiny|small|base|large)_patch\d+_\d+")
"""Architectures that are read: a class token, no other parts, and heads of `HEAD_WIDTH`."""
HEAD_WIDTH = 64
EPSILON = 1e-6
"""timm's for layer norms, which no file states."""
SIZES = {"img_size", "patch_size", "embed_dim", "depth", "num_heads", "mlp_ratio", "num_classes"}
"""Arguments of an architecture that change its sizes alone."""

NAMES = (
    (r"^cls_token$", "vit.embeddings.cls_token"),
    (r"^pos_embed$", "vit.embeddings.position_embeddings"),
    (r"^patch_embed\.proj\.", "vit.embeddings.patch_embeddings.projection."),
    (r"^blocks\.(\d+)\.norm1\.", r"vit.encoder.layer.\1.layernorm_before."),
    (r"^blocks\.(\d+)\.norm2\.", r"vit.encoder.layer.\1.layernorm_after."),
    (r"^blocks\.(\d+)\.attn\.proj\.", r"vit.encoder.layer.\1.attention.output.dense."),
    (r"^blocks\.(\d+)\.mlp\.fc1\.", r"vit.encoder.layer.\1.intermediate.dense."),
    (r"^blocks\.(\d+)\.mlp\.fc2\.", r"vit.encoder.layer.\1.output.dense."),
    (r"^norm\.", "vit.layernorm."),
    (r"^head\.", "classifier."),
)
"""timm's names of weights, and those in the files of transformers' ViT."""
JOINT = re.compile(r"^blocks\.(\d+)\.attn\.qkv\.(weight|bias)$")
"""Names of a layer's projections to queries, keys and values, which timm keeps in one."""

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def load_timm_vit(folder: Path, config: Mapping[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    """Return the network in a folder, and what transformers says of its weights.

    Raises `ModelUnavailable` for another architecture.
    """
    # Imported here because it takes seconds, and most models have another checker.
    from transformers import ViTConfig, ViTForImageClassification

    arguments = config.get("model_args") or {}
    plain = PLAIN.fullmatch(config["architecture"]) and config.get("global_pool") == "token"
    if not plain or not SIZES.issuperset(arguments):
        raise _other(name, config)
    weights = load_file(folder / "model.safetensors")
    try:
        named = _renamed(weights)
        count, channels, patch, _ = weights["patch_embed.proj.weight"].shape
        tokens = weights["pos_embed"].shape[1] - 1
        layers = len({key.split(".")[1] for key in weights if key.startswith("blocks.")})
        sizes = ViTConfig(
            hidden_size=count,
            num_hidden_layers=layers,
            num_attention_heads=arguments.get("num_heads", count // HEAD_WIDTH),
            intermediate_size=weights["blocks.0.mlp.fc1.weight"].shape[0],
            layer_norm_eps=EPSILON,
            image_size=round(tokens**0.5) * patch,
            patch_size=patch,
            num_channels=channels,
            num_labels=weights["head.weight"].shape[0],
        )
    except (KeyError, ValueError) as error:
        raise _other(name, config) from error
    network, loaded = ViTForImageClassification.from_pretrained(
        None, config=sizes, state_dict=named, output_loading_info=True
    )
    if loaded["unexpected_keys"]:
        raise _other(name, config)
    return network, loaded


@dataclasses.dataclass(frozen=True, kw_only=True)
class TimmPreparation:
    """timm's image preprocessing for evaluation: resize, crop the middle, normalize."""

    side: int
    """Pixels per side of the network's input."""
    scaled: int
    """Pixels of the shorter side before the middle is cropped."""
    squash: bool
    """Resize both sides to `scaled`, whatever the aspect ratio."""
    filter: Image.Resampling
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, config: Mapping[str, Any], name: str) -> TimmPreparation:
        """Return what a config.json asks for; raises `ModelUnavailable` for what is not known."""
        wanted = config["pretrained_cfg"]
        try:
            _, side, across = wanted["input_size"]
            mode, resampling = wanted.get("crop_mode", "center"), FILTERS[wanted["interpolation"]]
            preparation = cls(
                side=int(side),
                scaled=int(side / wanted["crop_pct"]),
                squash=mode == "squash",
                filter=resampling,
                mean=tuple(map(float, wanted["mean"])),
                std=tuple(map(float, wanted["std"])),
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise _unknown_preparation(name) from error
        if side != across or mode not in ("center", "squash"):
            raise _unknown_preparation(name)
        return preparation

    def __call__(self, picture: Image.Image) -> Tensor:
        """Return an image as the network's input (1, 3, H, W)."""
        picture = picture.convert("RGB")
        width, height = picture.size
        short = min(width, height)
        size = (self.scaled * width // short, self.scaled * height // short)
        resized = picture.resize((self.scaled,) * 2 if self.squash else size, self.filter)
        left, top = (round((length - self.side) / 2) for length in resized.size)
        cropped = resized.crop((left, top, left + self.side, top + self.side))
        pixels = torch.from_numpy(np.array(cropped)).permute(2, 0, 1)[None].float() / 255
        mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (self.mean, self.std))
        return (pixels - mean) / std


def _renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights under the names in the files of transformers' ViT."""
    named: dict[str, Tensor] = {}
    for key, tensor in weights.items():
        if joint := JOINT.match(key):
            layer, kind = joint.groups()
            parts = zip(("query", "key", "value"), tensor.chunk(3), strict=True)
            for part, third in parts:
                place = f"vit.encoder.layer.{layer}.attention.attention.{part}.{kind}"
                named[place] = third.contiguous()
            continue
        for pattern, ours in NAMES:
            changed, found = re.subn(pattern, ours, key)
            if found:
                named[changed] = tensor
                break
        else:
            raise KeyError(key)
    return named


def _other(name: str, config: Mapping[str, Any]) -> ModelUnavailable:
    return ModelUnavailable(
        f"The safety checker {name} cannot be loaded: it is a model of timm, "
        f"{config['architecture']}, and Konomi reads timm's plain vision transformers alone, such "
        "as vit_tiny_patch16_384."
    )


def _unknown_preparation(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The safety checker {name} cannot be loaded: Konomi cannot prepare pictures as its "
        "config.json says."
    )
