"""Guidance: combine predictions under different conditions into one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from torch import Tensor

from generation.fabric.steering import Half, Steering
from generation.models.adapters.acting import NO_ADAPTERS, ActingAdapters
from generation.models.conditioning import Condition


def classifier_free(unconditional: Tensor, conditional: Tensor, scale: float) -> Tensor:
    """Return ε(∅) + s·[ε(c) − ε(∅)] (Ho & Salimans, arXiv 2207.12598); any equal shapes."""
    return unconditional + scale * (conditional - unconditional)


def instruct_pix2pix(
    neither: Tensor, image: Tensor, both: Tensor, text_scale: float, image_scale: float
) -> Tensor:
    """Return ε(∅,∅) + s_I·[ε(I,∅) − ε(∅,∅)] + s_T·[ε(I,T) − ε(I,∅)]; any equal shapes.

    InstructPix2Pix (Brooks, Holynski and Efros, arXiv 2211.09800, eq. 3): s_I sets how much of the
    image is kept, s_T how closely the instruction is followed.
    """
    kept = classifier_free(neither, image, image_scale)
    return kept + text_scale * (both - image)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class GuidanceRow:
    """One of an image's rows in a UNet call.

    reads: the half whose references it reads, if any; sees_source: True if it is given the latents
    of the image to be edited, if there is one.
    """

    condition: Condition
    reads: Half | None
    sees_source: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Guidance:
    """The rows of an image in a UNet call, and the rule that combines their predictions.

    positive, negative: the conditions of the prompt and of the negative prompt, None without
    guidance; scale, image_scale: diffusers' guidance_scale and image_guidance_scale, the latter
    None if no image is edited.
    """

    positive: Condition
    negative: Condition | None
    scale: float
    steering: Steering
    image_scale: float | None = None
    adapters: ActingAdapters = NO_ADAPTERS
    """The adapters that act on its rows, besides those with which its prompts were encoded."""
    trained: str | None = None
    """The adapter that was trained for it, which the caller switches on for a whole call."""

    @property
    def rows(self) -> tuple[GuidanceRow, ...]:
        """The rows, one for each prediction that `combined` takes, in its order.

        In an edit, text guidance points from the second of three rows to the third, so dislikes act
        on the second, like on the unconditional row otherwise.
        """
        conditional = GuidanceRow(condition=self.positive, reads=Half.LIKED)
        if self.negative is None:
            return (conditional,)
        unconditional = GuidanceRow(condition=self.negative, reads=Half.DISLIKED)
        if self.image_scale is None:
            return unconditional, conditional
        neither = GuidanceRow(condition=self.negative, reads=None, sees_source=False)
        return neither, unconditional, conditional

    def combined(self, predictions: Sequence[Tensor]) -> Tensor:
        """Combine the predictions of all rows by guidance."""
        *others, conditional = predictions
        if not others:
            return conditional
        if self.image_scale is None:
            return classifier_free(others[0], conditional, self.scale)
        return instruct_pix2pix(others[0], others[1], conditional, self.scale, self.image_scale)
