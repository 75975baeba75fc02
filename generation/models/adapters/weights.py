"""Weights of adapters in one form, whatever file they are from.

LoRA (Hu et al., arXiv 2106.09685), LoCon (LyCORIS, arXiv 2309.14859), DoRA (arXiv 2402.09353) and
the embeddings of Textual Inversion (arXiv 2208.01618).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from torch import Tensor

from generation.adapter_files.metadata import AdapterMetadata

PARTS = ("unet", "text_encoder", "text_encoder_2")
"""The parts of a pipeline that adapters change, by its own names."""


UNSAID = AdapterMetadata()
"""Metadata of a file that says nothing of itself."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LayerUpdate:
    """A low-rank update of one linear or convolutional layer.

    The weight W becomes W + strength · alpha / rank · up · down.  Of a linear layer, `down` is
    (rank, in) and `up` (out, rank).  Of a convolution, `down` is (rank, in, k, k) with the layer's
    own kernel, and `up` (out, rank, 1, 1).
    """

    down: Tensor
    up: Tensor
    alpha: float
    mid: Tensor | None = None
    """(rank, rank, k, k) between the two, where `down` has a kernel of 1 (LyCORIS' Tucker form)."""
    magnitude: Tensor | None = None
    """DoRA's: the norms of the new weight, (out, 1, …), or (1, in, …) as older LyCORIS has it.

    Its shape broadcasts with the weight; the new weight is divided by its own norms over the
    axes where the magnitude has 1, and multiplied by it.
    """

    @property
    def rank(self) -> int:
        """Number of rows of `down`."""
        return self.down.shape[0]

    @property
    def scale(self) -> float:
        """Factor of the product at a strength of 1."""
        return self.alpha / self.rank

    @property
    def tensors(self) -> Iterator[Tensor]:
        """All tensors that it has."""
        for tensor in (self.down, self.up, self.mid, self.magnitude):
            if tensor is not None:
                yield tensor


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class AdapterWeights:
    """The checked updates of an adapter: by part of `PARTS`, then by the path of the layer.

    Paths are those of diffusers' and transformers' modules, such as
    "text_model.encoder.layers.0.self_attn.q_proj".
    """

    parts: Mapping[str, Mapping[str, LayerUpdate]]
    metadata: AdapterMetadata = UNSAID

    @property
    def nbytes(self) -> int:
        """Size of the tensors in bytes."""
        return sum(
            tensor.nbytes
            for layers in self.parts.values()
            for update in layers.values()
            for tensor in update.tensors
        )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Embedding:
    """The checked vectors of a Textual Inversion: (n, width) by text encoder of `PARTS`."""

    vectors: Mapping[str, Tensor]
    token: str = ""
    """The word that it was trained for, if the file says one."""
    metadata: AdapterMetadata = UNSAID

    @property
    def nbytes(self) -> int:
        """Size of the vectors in bytes."""
        return sum(vectors.nbytes for vectors in self.vectors.values())
