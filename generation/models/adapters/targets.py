"""The layers of a model that adapters may change."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from torch import nn

from generation.adapter_files.names import CROSS_ATTENTION
from generation.catalog.bases import Base

Shape = tuple[int, ...]


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
        if "add_embedding.linear_1" in self.layers.get("unet", {}):
            return frozenset({Base.SDXL})
        known = Base.of_width(self.context_width)
        return frozenset({Base.SD1, Base.SD2} if known is None else {known})

    @property
    def context_width(self) -> int:
        """Width of the texts that the cross-attention reads; 0 if there is none."""
        unet = self.layers.get("unet", {})
        widths = (shape[1] for path, shape in unet.items() if path.endswith(CROSS_ATTENTION))
        return next(widths, 0)


def _layers(module: nn.Module) -> dict[str, Shape]:
    """Return the shapes of a part's linear and convolutional layers, without fused copies."""
    return {
        path.removesuffix(".base_layer"): tuple(layer.weight.shape)
        for path, layer in module.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
        and not path.endswith(".to_qkv")
        and ".lora_" not in path
    }
