"""Self-attention layers whose hidden states can be recorded, and read by other calls."""

from __future__ import annotations

import dataclasses

from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReadableLayer:
    """A self-attention layer: its input is (B, h·w / stride², width) for latents of h × w.

    name: path of its module in the denoiser; stride: latents per side that a token stands for.
    """

    name: str
    attention: Attention
    stride: int
    width: int


def readable_layers(unet: UNet2DConditionModel) -> list[ReadableLayer]:
    """List the self-attention layers of a UNet, `attn1` in diffusers, in order of its modules."""
    deepest = len(unet.config.block_out_channels) - 1
    layers: list[ReadableLayer] = []
    for name, part in unet.named_modules():
        if name.endswith(".attn1"):
            block, number, *_ = name.split(".")
            level = deepest
            if block == "down_blocks":
                level = int(number)
            elif block == "up_blocks":
                level = deepest - int(number)
            width = part.to_q.in_features
            layers.append(ReadableLayer(name=name, attention=part, stride=2**level, width=width))
    return layers
