"""Attention processors that let a UNet's self-attention (attn1) read references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor

from generation.fabric.blending import Group, attend, blend, merge_heads, split_heads


class ReferenceAttention:
    """Attention processors for the self-attention of a model's UNets, installed once.

    Outside of `reading` and `record` a UNet computes what it did before.
    """

    def __init__(self, *unets: UNet2DConditionModel) -> None:
        self.groups: Sequence[Group] = ()
        self.recorded: dict[int, Tensor] | None = None
        self.layers = min(self._install(unet) for unet in unets)
        """Number of self-attention layers, of the UNet with the fewest."""

    def _install(self, unet: UNet2DConditionModel) -> int:
        names = [name for name in unet.attn_processors if name.endswith("attn1.processor")]
        layers = {name: _SelfAttention(self, n, len(names)) for n, name in enumerate(names)}
        unet.set_attn_processor(unet.attn_processors | layers)
        return len(names)

    @contextmanager
    def reading(self, groups: Sequence[Group]) -> Iterator[None]:
        """Let the UNet's rows attend to their groups' references within the context."""
        # A tuple, so that none of them is the same as outside: a compiled UNet looks at that.
        self.groups = tuple(groups)
        try:
            yield
        finally:
            self.groups = ()

    def record(self, call: Callable[[], object]) -> list[Tensor]:
        """Return the inputs of all self-attention layers in a UNet call, each (B, N, C), in order.

        The call is aborted where the last of them begins, because its prediction is not needed.
        """
        self.recorded = {}
        try:
            call()
        except _AllRecorded:
            return [states for _, states in sorted(self.recorded.items())]
        finally:
            self.recorded = None
        raise RuntimeError("the UNet ended before all its self-attentions had run")


class _AllRecorded(Exception):
    """Raised to end a recording pass once all layers have been recorded."""


class _SelfAttention:
    """Attention processor of one attn1 layer; its owner holds the hidden states that it needs."""

    def __init__(self, owner: ReferenceAttention, layer: int, layers: int) -> None:
        self.owner = owner
        self.layer = layer
        self.layers = layers

    def __call__(self, attn: Attention, hidden_states: Tensor, *_: None, **__: None) -> Tensor:
        """Return the output, (B, N, C).  hidden_states: (B, N, C), already normalised."""
        recorded = self.owner.recorded
        if recorded is not None:
            recorded[self.layer] = hidden_states
            if len(recorded) == self.layers:
                raise _AllRecorded
        if attn.fused_projections:
            queries, keys, values = attn.to_qkv(hidden_states).chunk(3, dim=-1)
        else:
            queries, keys, values = (
                project(hidden_states) for project in (attn.to_q, attn.to_k, attn.to_v)
            )
        query, key, value = (split_heads(part, attn.heads) for part in (queries, keys, values))
        if self.owner.groups:
            attended, mass = attend(query, key, value)
            for group in self.owner.groups:
                blend(attn, attended, mass, queries, group, self.layer)
        else:
            attended = F.scaled_dot_product_attention(query, key, value)
        output: Tensor = attn.to_out[0](merge_heads(attended))
        return attn.to_out[1](output)
