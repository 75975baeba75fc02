"""Embeddings of images and texts by a CLIP model, by which pairs and results are judged.

Learning Transferable Visual Models From Natural Language Supervision (Radford et al., arXiv
2103.00020), in the classes of transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer
from transformers.utils import logging as transformers_logging

from generation.catalog.entries import ModelUnavailable

TOKENIZER_FILES = ("tokenizer.json", "vocab.json")
BATCH = 32
"""Number of images or texts in one call."""


class Clip:
    """Both towers of a CLIP with their preprocessing; embeddings are unit vectors in one space."""

    def __init__(
        self, network: CLIPModel, prepare: CLIPImageProcessor, tokenizer: CLIPTokenizer
    ) -> None:
        self.network = network
        self._prepare = prepare
        self._tokenizer = tokenizer
        self._tokens = network.config.text_config.max_position_embeddings

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> Clip:
        """Load a folder as transformers writes it, in float32.

        The tokenizer may be in the folder `tokenizer` beside it, as in a diffusers model.  Raises
        `ModelUnavailable`.
        """
        transformers_logging.disable_progress_bar()
        places = (folder, folder.parent / "tokenizer")
        words = next((each for each in places if _has_tokenizer(each)), None)
        if words is None or not (folder / "preprocessor_config.json").is_file():
            raise ModelUnavailable(
                f"{folder} is no whole CLIP: it takes config.json, model.safetensors, "
                "preprocessor_config.json and a tokenizer. Download the whole folder."
            )
        try:
            network, found = CLIPModel.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
            prepare = CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
            tokenizer = CLIPTokenizer.from_pretrained(words, local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelUnavailable(
                f"The CLIP in {folder} cannot be loaded: its files are not whole. Download "
                "it again."
            ) from error
        if missing := len(found["missing_keys"]):  # they would be random
            raise ModelUnavailable(
                f"The CLIP in {folder} lacks {missing} of its weights. Download it again."
            )
        return cls(network.requires_grad_(False).eval().to(device), prepare, tokenizer)

    @torch.no_grad()
    def images(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Embed images: (N, width) float32 on the CPU, each of length 1."""
        found = []
        for first in range(0, len(pictures), BATCH):
            some = [picture.convert("RGB") for picture in pictures[first : first + BATCH]]
            pixels = self._prepare(some, return_tensors="pt").pixel_values
            pixels = pixels.to(self.network.device)
            found.append(self.network.get_image_features(pixel_values=pixels).pooler_output)
        return self._unit(found)

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """Embed texts, cut to the tower's length: (N, width) float32 on the CPU, likewise."""
        found = []
        for first in range(0, len(texts), BATCH):
            tokens = self._tokenizer(
                list(texts[first : first + BATCH]),
                padding="max_length",
                max_length=self._tokens,
                truncation=True,
                return_tensors="pt",
            ).to(self.network.device)
            found.append(self.network.get_text_features(input_ids=tokens.input_ids).pooler_output)
        return self._unit(found)

    def _unit(self, found: Sequence[Tensor]) -> Tensor:
        if not found:
            return torch.empty(0, self.network.config.projection_dim)
        return F.normalize(torch.cat(list(found)).float(), dim=-1).cpu()


def cosines(some: Tensor, others: Tensor) -> Tensor:
    """Return the cosine of each row of (N, width) with that of (N, width): (N,); 0 of no length."""
    return F.cosine_similarity(some, others, dim=-1)


def directional_similarity(before: Tensor, after: Tensor, was: Tensor, wanted: Tensor) -> Tensor:
    """Return how far a change of images goes the way of the change of their captions: (N,).

    StyleGAN-NADA (Gal et al., arXiv 2108.00946): the cosine of the difference of the images'
    embeddings, after − before, with that of the captions', wanted − was; each (N, width).
    """
    return cosines(after - before, wanted - was)


def _has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in TOKENIZER_FILES)
