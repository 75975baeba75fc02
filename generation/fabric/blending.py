"""Attention over own and reference keys, blended by log-sum-exp: tensors in, tensors out.

FABRIC (von Rütte et al., arXiv 2307.10159) appends the references' hidden states to a row's own
keys and values and adds log w to their logits.  Softmax over a union of keys is a blend of the
softmaxes over its parts, weighted by their log-sum-exps.  So attention over own keys and over
references is computed separately, without a mask and each by the fastest kernel, and then blended;
rows that read the same references share one copy of their keys and values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

EXPLICIT_QUERIES = 1024
"""Number of queries per chunk without a fused kernel, which bounds the memory of probabilities."""

TILT_CHANNELS = 8
"""Extra channels that carry uneven weights: one is needed, but CUDA kernels want multiples of 8."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Neighbouring rows of a call that read the same references with the same weights.

    `states[r][l]` (1, M, C) are the hidden states of reference r for layer l.  Reference r has the
    weight exp(log_weight + tilt[r]); `tilt` (R,) is at most 0, and None if all weights are equal.
    Weights are tensors, float32 on the UNet's device: a compiled UNet would be recompiled for every
    new number.
    """

    rows: slice
    states: Sequence[Sequence[Tensor]]
    log_weight: Tensor
    tilt: Tensor | None


def blend(
    own: Tensor, own_mass: Tensor, other: Tensor, other_mass: Tensor, log_weight: Tensor
) -> Tensor:
    """Return attention over own and other keys (B, H, N, D), from attention over each alone.

    own, other: (B, H, N, D); own_mass, other_mass: (B, H, N), the log-sum-exps of their logits;
    log_weight: a scalar that is added to the logits of the other keys.
    """
    share = torch.sigmoid(other_mass + log_weight - own_mass).unsqueeze(-1)
    return torch.lerp(own, other, share.to(own.dtype))


def attend_shared(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    tilt: Tensor | None = None,
    lengths: Sequence[int] = (),
) -> tuple[Tensor, Tensor]:
    """Compute `attend` for many rows over one copy of keys and values (1, H, M, D).

    query: (B, H, N, D); all rows are folded into one sequence.  tilt, lengths: as in
    `attend_tilted`; None if all keys have the same weight.
    """
    folded = query.transpose(1, 2).flatten(0, 1).unsqueeze(0).transpose(1, 2)
    if tilt is None:
        output, mass = attend(folded, key, value)
    else:
        output, mass = attend_tilted(folded, key, value, tilt, lengths)
    rows = query.shape[0], query.shape[2]
    output, mass = (part[0].unflatten(1, rows).transpose(0, 1) for part in (output, mass))
    return output, mass


def attend(
    query: Tensor, key: Tensor, value: Tensor, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """Return softmax(q·kᵀ·scale)·v (B, H, N, D) and the logits' log-sum-exp (B, H, N) float32.

    query: (B, H, N, D); key, value: (B, H, M, D); `scale` defaults to 1 / √D.  These private
    operators of PyTorch are those that F.scaled_dot_product_attention chooses from; nothing else in
    Konomi uses them.
    """
    device, width, queries = query.device.type, query.shape[-1], query.shape[-2]
    aten = torch.ops.aten
    if device == "cpu":
        output, mass = aten._scaled_dot_product_flash_attention_for_cpu(
            query, key, value, scale=scale
        )
    elif device == "cuda" and query.dtype != torch.float32 and width % 8 == 0 and width <= 256:
        output, mass, *_ = aten._scaled_dot_product_flash_attention(query, key, value, scale=scale)
    elif device == "cuda" and width % 8 == 0:
        output, mass, *_ = aten._scaled_dot_product_efficient_attention(
            query, key, value, None, compute_log_sumexp=True, scale=scale
        )
    else:
        output, mass = attend_explicitly(query, key, value, scale)
    return output, mass[..., :queries].float()


def attend_explicitly(
    query: Tensor, key: Tensor, value: Tensor, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """Compute `attend` from elementary operations, for devices without a fused kernel."""
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    outputs, masses = [], []
    for part in query.split(EXPLICIT_QUERIES, dim=-2):
        logits = (part @ key.mT).float() * scale
        masses.append(logits.logsumexp(-1))
        outputs.append((logits - masses[-1].unsqueeze(-1)).exp().to(value.dtype) @ value)
    return torch.cat(outputs, dim=-2), torch.cat(masses, dim=-1)


def attend_tilted(
    query: Tensor, key: Tensor, value: Tensor, tilt: Tensor, lengths: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Compute `attend` with tilt[r] added to the logits of the r-th run of lengths[r] keys.

    Without a mask: one more channel, with 1 in the queries, tilt / scale in the keys and 0 in the
    values, adds exactly that to q·k.
    """
    width = query.shape[-1]
    scale = width**-0.5
    amounts = (tilt / scale).to(key.dtype).split(1)
    bias = torch.cat(
        [amount.expand(length) for amount, length in zip(amounts, lengths, strict=True)]
    )
    query, key, value = (F.pad(part, (0, TILT_CHANNELS)) for part in (query, key, value))
    query[..., width] = 1
    key[..., width] = bias
    output, mass = attend(query, key, value, scale)
    return output[..., :width], mass


def split_heads(states: Tensor, heads: int) -> Tensor:
    """Reshape (B, N, H·D) to (B, H, N, D), a view."""
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(states: Tensor) -> Tensor:
    """Reshape (B, H, N, D) to (B, N, H·D)."""
    return states.transpose(1, 2).flatten(-2)
