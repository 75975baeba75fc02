"""Stable Diffusion's own safety checker, used exactly as published.

It compares a picture with 17 concepts and three special ones whose names were never published, and
reports only that it found one: so neither can we say more.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from generation.catalog.checkers import CheckerFiles
from generation.catalog.entries import ModelUnavailable
from generation.models.safety_checkers.safety_checker import SafetyChecker


@dataclasses.dataclass(kw_only=True)
class StableDiffusionChecker(SafetyChecker):
    """Stable Diffusion's own checker and its image preprocessing."""

    checker: Any
    prepare: Any

    @property
    def network(self) -> nn.Module:
        """The checker's network, CLIP's image tower with the concepts."""
        network: nn.Module = self.checker
        return network

    def flags(self, picture: Image.Image) -> bool:
        """Return True if the checker finds adult content in this picture."""
        self.before()
        pixels = self.prepare(picture, return_tensors="pt").pixel_values
        pixels = pixels.to(self.checker.device, self.checker.dtype)
        # The checker blackens the images that it is given: give it a dummy.
        _, found = self.checker(images=np.zeros((1, 1, 1, 3)), clip_input=pixels)
        return bool(found[0])


def load_stable_diffusion_checker(
    files: CheckerFiles, name: str, dtype: torch.dtype
) -> StableDiffusionChecker:
    """Load Stable Diffusion's checker from its files."""
    # Imported here because it takes seconds, and most models have no checker.
    from diffusers.pipelines.stable_diffusion import safety_checker
    from transformers import CLIPImageProcessor

    # It warns of a black image for each picture that it flags, but nobody here gets one.
    logging.getLogger(safety_checker.__name__).setLevel(logging.ERROR)
    plain = (files.network / "model.safetensors").is_file()
    checker, loaded = safety_checker.StableDiffusionSafetyChecker.from_pretrained(
        files.network,
        use_safetensors=True,
        local_files_only=True,
        variant=None if plain else "fp16",
        dtype=dtype,
        output_loading_info=True,
    )
    # Missing weights would be initialised at random, and flag nothing or everything.
    if missing := len(loaded["missing_keys"]):
        raise ModelUnavailable(
            f"The safety checker in {files.network} cannot be loaded: {missing} of its weights are "
            "missing. Download it again."
        )
    prepare = CLIPImageProcessor.from_pretrained(files.preparation, local_files_only=True)
    return StableDiffusionChecker(name=name, checker=checker.eval(), prepare=prepare)
