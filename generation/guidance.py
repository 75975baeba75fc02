"""How predictions under different conditions become one."""

from __future__ import annotations

from torch import Tensor


def classifier_free(unconditional: Tensor, conditional: Tensor, scale: float) -> Tensor:
    """ε(∅) + s·[ε(c) − ε(∅)] (Ho & Salimans, arXiv 2207.12598); any equal shapes."""
    return unconditional + scale * (conditional - unconditional)


def clean_estimate(noisy: Tensor, output: Tensor, signal: Tensor, *, velocity: bool) -> Tensor:
    """The clean latents that a prediction implies.

    `noisy` is √ᾱ·x + √(1−ᾱ)·n with `signal` = ᾱ; `output` predicts n, or with `velocity`
    v = √ᾱ·n − √(1−ᾱ)·x (Salimans & Ho, arXiv 2202.00512).
    """
    keep, lose = signal.sqrt(), (1 - signal).sqrt()
    return keep * noisy - lose * output if velocity else (noisy - lose * output) / keep
