"""Losses that learn a taste from rated pictures.

All take (B,) errors of the predictions, one a picture: squared, and averaged over its latents.  The
`base` errors are those of the model without the adapter, of the same noisy latents; no gradient
flows through them.  The larger `beta`, the less the model has to leave the base for a loss to be
content.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def implicit_reward(errors: Tensor, base: Tensor, beta: float) -> Tensor:
    """Return (B,) β·(base error − error): how much likelier a picture has become.

    The bound of Diffusion-DPO (Wallace et al., arXiv 2311.12908, equation 13), at one timestep.
    """
    return beta * (base - errors)


def reference_point(rewards: Tensor) -> Tensor:
    """Return the batch's mean reward, not below 0, and without gradient: z of Diffusion-KTO."""
    return rewards.detach().mean().clamp(min=0)


def kto_loss(errors: Tensor, base: Tensor, liked: Tensor, beta: float) -> Tensor:
    """Return (B,) losses of single votes, 0 … 1: 1 − σ(±(reward − reference point)).

    Diffusion-KTO (Li et al., arXiv 2404.04465, equation 10) with its sigmoid utility.
    liked: (B,) bool; the sign is + where it is true.
    """
    rewards = implicit_reward(errors, base, beta)
    gains = rewards - reference_point(rewards)
    return 1 - torch.where(liked, gains, -gains).sigmoid()


def dpo_loss(
    liked: Tensor, disliked: Tensor, base_liked: Tensor, base_disliked: Tensor, beta: float
) -> Tensor:
    """Return (B,) losses of pairs: −log σ(reward of the liked − reward of the disliked).

    Diffusion-DPO (Wallace et al., arXiv 2311.12908, equation 14); the two of a pair are at the same
    timestep.
    """
    preferred = implicit_reward(liked, base_liked, beta)
    return -F.logsigmoid(preferred - implicit_reward(disliked, base_disliked, beta))
