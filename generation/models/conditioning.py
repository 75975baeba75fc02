"""Conditioning of the rows of a UNet call, besides their latents and timesteps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor


@dataclasses.dataclass(frozen=True, kw_only=True)
class Text:
    """A prompt as encoded by the text encoders.

    states: (1, tokens, width) hidden states; pooled: (1, width), in families whose UNet needs it.
    """

    states: Tensor
    pooled: Tensor | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Condition:
    """The conditioning of one row.

    states: (1, tokens, width), for cross-attention; added: the family's other conditions by
    diffusers' names, each (1, …); guidance: (1, width), the embedded scale for a distilled UNet.
    """

    states: Tensor
    added: Mapping[str, Tensor] = dataclasses.field(default_factory=dict)
    guidance: Tensor | None = None


def lengthened(text: Text, filler: Text, tokens: int) -> Text:
    """Return a text of so many tokens, padded by repeating the filler's."""
    times = (tokens - text.states.shape[1]) // filler.states.shape[1]
    states = torch.cat([text.states, *[filler.states] * times], dim=1)
    return dataclasses.replace(text, states=states)


def unet_kwargs(rows: Sequence[Condition]) -> dict[str, Any]:
    """Return the keyword arguments of a UNet call for these rows, whose shapes agree."""
    kwargs: dict[str, Any] = {"encoder_hidden_states": torch.cat([row.states for row in rows])}
    if names := list(rows[0].added):
        kwargs["added_cond_kwargs"] = {
            name: torch.cat([row.added[name] for row in rows]) for name in names
        }
    scales = [row.guidance for row in rows if row.guidance is not None]
    if scales:
        kwargs["timestep_cond"] = torch.cat(scales)
    return kwargs


def embedded_guidance(guidance: float, width: int) -> Tensor:
    """Embed a guidance scale in the sinusoids that a distilled UNet was trained with: (1, width).

    On Distillation of Guided Diffusion Models (Meng et al., arXiv 2210.03142), in the form of
    latent consistency models (Luo et al., arXiv 2310.04378), which count from scale 1.
    """
    scales = torch.tensor([(guidance - 1) * 1000.0])
    return get_timestep_embedding(scales, width, downscale_freq_shift=1)
