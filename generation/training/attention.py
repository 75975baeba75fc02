"""Attention of a UNet with as little Python between its kernels as can be.

With small pictures that Python is a good part of an optimizer step.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor


def set_attention(unet: UNet2DConditionModel) -> None:
    """Give each attention layer of a UNet the plainest processor that computes the same."""
    layers = {f"{name}.processor": layer for name, layer in unet.named_modules()}
    unet.set_attn_processor(
        {
            name: PlainAttention() if is_plain(layers[name]) else AttnProcessor2_0()
            for name in unet.attn_processors
        }
    )


class PlainAttention(AttnProcessor2_0):
    """Attention processor for layers that are projections and attention, and nothing else."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """Return the layer's output, like `hidden_states`: (B, n, width)."""
        if attention_mask is not None:
            return super().__call__(
                attn, hidden_states, encoder_hidden_states, attention_mask, temb
            )
        states = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = attn.to_q(hidden_states), attn.to_k(states), attn.to_v(states)
        batch, _, width = query.shape
        heads = (batch, -1, attn.heads, width // attn.heads)
        mixed = F.scaled_dot_product_attention(
            query.view(heads).transpose(1, 2),
            key.view(heads).transpose(1, 2),
            value.view(heads).transpose(1, 2),
        )
        return attn.to_out[0](mixed.transpose(1, 2).reshape(query.shape))


def is_plain(attn: Any) -> bool:
    """Return True if a layer has no norm, no residual connection and no dropout of its own."""
    norms = (attn.group_norm, attn.spatial_norm, attn.norm_q, attn.norm_k, attn.norm_cross)
    return (
        not any(norms)
        and not attn.residual_connection
        and attn.rescale_output_factor == 1
        and attn.to_out[1].p == 0
    )


# diffusers looks it up at every call, and finding it out anew costs as much as a projection.
PlainAttention.__call__.__signature__ = inspect.signature(  # type: ignore[attr-defined]
    PlainAttention.__call__
)
