"""The layers of a model that adapters may change, and the base models that they are made for."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from torch import nn

from generation.catalog.file_kinds import (
    STABLE_DIFFUSION_1,
    STABLE_DIFFUSION_2,
    STABLE_DIFFUSION_XL,
)

Shape = tuple[int, ...]

CROSS_ATTENTION = ".attn2.to_k"


class Base(enum.Enum):
    """Kinds of base models, by the names that modelspec gives to their architectures."""

    SD1 = "stable-diffusion-v1"
    SD2 = "stable-diffusion-v2-512"
    SDXL = "stable-diffusion-xl-v1-base"

    @property
    def title(self) -> str:
        """Its usual name."""
        return TITLES[self]

    @classmethod
    def named(cls, text: str) -> Base | None:
        """Return the base that a file's metadata names in kohya's words or modelspec's."""
        plain = text.lower().replace("stable-diffusion", "sd").replace("-", "_")
        if plain.startswith("sd") and "xl" in plain:
            return cls.SDXL
        if plain.startswith(("sd_v2", "sd_2")):
            return cls.SD2
        return cls.SD1 if plain.startswith(("sd_v1", "sd_1")) else None

    @classmethod
    def of_width(cls, width: int) -> Base | None:
        """Return the base whose cross-attention reads texts of this width."""
        return {768: cls.SD1, 1024: cls.SD2, 2048: cls.SDXL}.get(width)


TITLES = {
    Base.SD1: STABLE_DIFFUSION_1.title,
    Base.SD2: STABLE_DIFFUSION_2.title,
    Base.SDXL: STABLE_DIFFUSION_XL.title,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Targets:
    """Layers that adapters may change: shapes of their weights by part of `PARTS` and by path."""

    layers: Mapping[str, Mapping[str, Shape]]
    widths: Mapping[str, int]
    """Widths of the embeddings, by text encoder."""

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> Targets:
        """Return the targets in a model's networks, which peft may have adapted already."""
        return cls(
            layers={part: _layers(module) for part, module in parts.items()},
            widths={
                part: module.get_input_embeddings().weight.shape[1]
                for part, module in parts.items()
                if part != "unet"
            },
        )

    @property
    def base(self) -> Base:
        """The kind of model; Stable Diffusion 1.x for a small one that may be either."""
        return min(self.bases, key=list(Base).index)

    @property
    def bases(self) -> frozenset[Base]:
        """The kinds of models that it may be, by its shapes."""
        unet = self.layers.get("unet", {})
        if "add_embedding.linear_1" in unet:
            return frozenset({Base.SDXL})
        widths = {shape[1] for path, shape in unet.items() if path.endswith(CROSS_ATTENTION)}
        known = {base for width in widths if (base := Base.of_width(width)) is not None}
        return frozenset(known or {Base.SD1, Base.SD2})


def _layers(module: nn.Module) -> dict[str, Shape]:
    """Return the shapes of a part's linear and convolutional layers, without fused copies."""
    return {
        path.removesuffix(".base_layer"): tuple(layer.weight.shape)
        for path, layer in module.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
        and not path.endswith(".to_qkv")
        and ".lora_" not in path
    }
