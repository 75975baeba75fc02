"""Attention processors that let a UNet's self-attention (attn1) read references.

They project hidden states, a row's own and those of references, to queries, keys and values, and
leave the attention to `blending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor

from generation.fabric.blending import (
    Group,
    attend,
    attend_shared,
    blend,
    merge_heads,
    split_heads,
)
from generation.models.adapters.adapted_layers import AdaptedLayers
from generation.models.readable_layers import readable_layers


class ReferenceAttention:
    """Attention processors for the self-attention of a model's UNets, installed once.

    Outside of `reading` and `record` a UNet computes what it did before.
    """

    def __init__(self, *unets: UNet2DConditionModel, adapted: AdaptedLayers | None = None) -> None:
        """`adapted` are the layers of the first UNet, if adapters may act on its rows."""
        self.adapted = adapted
        self.groups: Sequence[Group] = ()
        self.recorded: dict[int, Tensor] | None = None
        self.layers = min(self._install(unet) for unet in unets)
        """Number of self-attention layers, of the UNet with the fewest."""

    def _install(self, unet: UNet2DConditionModel) -> int:
        layers = readable_layers(unet)
        processors = {
            f"{layer.name}.processor": _SelfAttention(self, number, len(layers))
            for number, layer in enumerate(layers)
        }
        unet.set_attn_processor(unet.attn_processors | processors)
        return len(layers)

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
                rows = group.rows
                other, other_mass = self._read(attn, query[rows], group)
                attended[rows] = blend(
                    attended[rows], mass[rows], other, other_mass, group.log_weight
                )
        else:
            attended = F.scaled_dot_product_attention(query, key, value)
        output: Tensor = attn.to_out[0](merge_heads(attended))
        return attn.to_out[1](output)

    def _read(self, attn: Attention, query: Tensor, group: Group) -> tuple[Tensor, Tensor]:
        """Return attention of queries (B, H, N, D) to a group's references, and log-sum-exps."""
        states = [reference[self.layer] for reference in group.states]
        read = states[0] if len(states) == 1 else torch.cat(states, dim=1)
        adapted = self.owner.adapted
        # What a group's rows read is projected under their adapters, which are the same for all.
        with nullcontext() if adapted is None else adapted.only(group.rows.start):
            key, value = (
                split_heads(project(read), attn.heads) for project in (attn.to_k, attn.to_v)
            )
        lengths = [state.shape[1] for state in states]
        return attend_shared(query, key, value, group.tilt, lengths)
