"""Size of a UNet, by which a training's memory, disk and time are estimated."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from generation.protocol.options import DenoiserSize

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
"""Names of the layers that every adapter adapts: the projections of every attention."""


def size_of(unet: UNet2DConditionModel) -> DenoiserSize:
    """Return the size of a UNet, with or without a LoRA on it."""
    named = ((name.removesuffix(".base_layer"), each) for name, each in unet.named_modules())
    layers = (module for name, module in named if name.endswith(ATTENTION))
    linear = [layer for layer in layers if isinstance(layer, torch.nn.Linear)]
    return DenoiserSize(
        parameters=sum(parameter.numel() for parameter in unet.parameters()),
        features=sum(layer.in_features + layer.out_features for layer in linear),
    )
