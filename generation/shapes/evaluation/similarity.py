"""Image similarity by the embedded model's own CLIP.

Of whole images: cosines of image embeddings (CLIP-I).  Patch by patch, where one should be a
faithful copy of the other: distances between hidden states of the image tower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer
from transformers.utils import logging as transformers_logging

from generation.catalog.entries import ModelUnavailable

Vectors = NDArray[np.float32]
Embedder = Callable[[Sequence[Image.Image]], Vectors]
"""Function from images to unit vectors (N, D)."""
WordsEmbedder = Callable[[Sequence[str]], Vectors]
"""Function from texts to unit vectors (N, D) in the same space."""
Distance = Callable[[Sequence[Image.Image], Sequence[Image.Image]], Sequence[float]]
"""Function from pairs of images to their perceptual distances; 0 for no difference."""


def clip_embedder(folder: Path) -> Embedder:
    """Load the image tower of the CLIP beside an embedded model's pipeline in `folder`."""
    clip = _clip(folder)

    @torch.inference_mode()
    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        pooled = clip.get_image_features(pixel_values=_values(pictures)).pooler_output
        return F.normalize(pooled, dim=-1).numpy()

    return embed


def clip_words(folder: Path) -> WordsEmbedder:
    """Load the text tower of the same CLIP, with the pipeline's tokenizer."""
    clip, tokenizer = _clip(folder), CLIPTokenizer.from_pretrained(folder / "tokenizer")

    @torch.inference_mode()
    def embed(texts: Sequence[str]) -> Vectors:
        tokens = tokenizer(list(texts), padding="max_length", truncation=True, return_tensors="pt")
        pooled = clip.get_text_features(input_ids=tokens.input_ids).pooler_output
        return F.normalize(pooled, dim=-1).numpy()

    return embed


def clip_distance(folder: Path) -> Distance:
    """Return a perceptual distance based on the CLIP of an embedded model.

    LPIPS (Zhang et al., arXiv 1801.03924, equation 1) over the hidden states of every patch in each
    layer of the image tower, with all learned weights 1; not comparable with LPIPS figures.
    """
    clip = _clip(folder)

    @torch.inference_mode()
    def distance(some: Sequence[Image.Image], others: Sequence[Image.Image]) -> Sequence[float]:
        seen = clip.vision_model(_values([*some, *others]), output_hidden_states=True)
        layers = []
        for states in seen.hidden_states[1:]:
            ones, twos = F.normalize(states[:, 1:], dim=-1).chunk(2)  # without the class token
            layers.append((ones - twos).square().sum(dim=-1).mean(dim=1))
        return torch.stack(layers).mean(dim=0).tolist()

    return distance


def _clip(folder: Path) -> CLIPModel:
    if not (folder / "clip" / "config.json").is_file():
        raise ModelUnavailable(
            f"{folder.name} has no CLIP image tower beside it, so image similarity cannot be "
            "measured; only the embedded model and models trained in its place have one."
        )
    transformers_logging.disable_progress_bar()
    return CLIPModel.from_pretrained(folder / "clip", dtype=torch.float32).eval()


def _values(pictures: Sequence[Image.Image]) -> Tensor:
    """Convert images to (N, 3, H, W) in -1 … 1, as the embedded CLIP was trained."""
    pixels = np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def diversity(vectors: Vectors) -> float:
    """Return 1 − the mean cosine of pairs.  vectors: (N, D) of length 1, N > 1."""
    first, second = np.triu_indices(len(vectors), k=1)
    return float(1 - np.sum(vectors[first] * vectors[second], axis=1).mean())


def likeness(vectors: Vectors, others: Vectors) -> float:
    """Return the mean cosine of (N, D) with (M, D), all of length 1."""
    return float((vectors @ others.T).mean())
