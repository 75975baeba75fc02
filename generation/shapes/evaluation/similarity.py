"""How alike pictures are: cosines of CLIP's image embeddings (CLIP-I)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from transformers import CLIPModel

from generation.catalog import ModelUnavailable

Vectors = NDArray[np.float32]
Embedder = Callable[[Sequence[Image.Image]], Vectors]
"""Pictures to unit vectors (N, D)."""


def clip_embedder(folder: Path) -> Embedder:
    """The image tower of the CLIP that lies beside an embedded model's pipeline in `folder`."""
    if not (folder / "clip" / "config.json").is_file():
        raise ModelUnavailable(
            f"{folder.name} brings no CLIP that sees pictures, so nothing can say how alike they "
            "are; this study is for the embedded model and those trained in its place."
        )
    clip = CLIPModel.from_pretrained(folder / "clip", dtype=torch.float32).eval()

    @torch.inference_mode()
    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        pixels = np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
        values = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
        pooled = clip.get_image_features(pixel_values=values).pooler_output
        return F.normalize(pooled, dim=-1).numpy()

    return embed


def diversity(vectors: Vectors) -> float:
    """1 − the mean cosine of two of them.  vectors: (N, D) of length 1, N > 1."""
    first, second = np.triu_indices(len(vectors), k=1)
    return float(1 - np.sum(vectors[first] * vectors[second], axis=1).mean())


def likeness(vectors: Vectors, others: Vectors) -> float:
    """Mean cosine of (N, D) with (M, D), all of length 1."""
    return float((vectors @ others.T).mean())
