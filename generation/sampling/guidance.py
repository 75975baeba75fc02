"""Guidance: combine predictions under different conditions into one."""

from __future__ import annotations

from torch import Tensor


def classifier_free(unconditional: Tensor, conditional: Tensor, scale: float) -> Tensor:
    """Return ε(∅) + s·[ε(c) − ε(∅)] (Ho & Salimans, arXiv 2207.12598); any equal shapes."""
    return unconditional + scale * (conditional - unconditional)


def by_words_and_picture(
    neither: Tensor, picture: Tensor, both: Tensor, words_scale: float, picture_scale: float
) -> Tensor:
    """Return ε(∅,∅) + s_I·[ε(I,∅) − ε(∅,∅)] + s_T·[ε(I,T) − ε(I,∅)]; any equal shapes.

    InstructPix2Pix (Brooks, Holynski and Efros, arXiv 2211.09800, eq. 3): s_I sets how much of the
    image is kept, s_T how closely the instruction is followed.
    """
    kept = classifier_free(neither, picture, picture_scale)
    return kept + words_scale * (both - picture)
