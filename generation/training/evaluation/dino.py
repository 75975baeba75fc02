"""DINO: embeddings of images by a tower that learned without words (arXiv 2104.14294)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from transformers import AutoImageProcessor, AutoModel, BaseImageProcessor, PreTrainedModel
from transformers.utils import logging as transformers_logging

from generation.catalog.entries import ModelUnavailable

BATCH = 32
"""Number of images in one call."""


class Dino:
    """An image tower in transformers' format: DINO, DINOv2 or another of their kind."""

    def __init__(self, network: PreTrainedModel, prepare: BaseImageProcessor) -> None:
        self._network = network
        self._prepare = prepare

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> Dino:
        """Load a folder as transformers writes it, in float32.  Raises `ModelUnavailable`."""
        transformers_logging.disable_progress_bar()
        try:
            network = AutoModel.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
            prepare = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelUnavailable(
                f"{folder} is no whole DINO: it takes config.json, model.safetensors and "
                "preprocessor_config.json. Download the whole folder."
            ) from error
        return cls(network.requires_grad_(False).eval().to(device), prepare)

    @torch.no_grad()
    def images(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Embed images by the last state of the class token: (N, width), each of length 1."""
        found = []
        for first in range(0, len(pictures), BATCH):
            some = [picture.convert("RGB") for picture in pictures[first : first + BATCH]]
            pixels = self._prepare(some, return_tensors="pt").pixel_values
            seen = self._network(pixel_values=pixels.to(self._network.device))
            found.append(F.normalize(seen.last_hidden_state[:, 0].float(), dim=-1).cpu())
        return torch.cat(found)
