"""The safety checker, of the model or set by the host, used exactly as published.

It compares a picture with 17 concepts and three special ones whose names were never published, and
reports only that it found one: so neither can we say more.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import CheckerFiles, locate_checker


@dataclasses.dataclass(kw_only=True)
class SafetyChecker:
    """Stable Diffusion's own checker and its image preprocessing."""

    checker: Any
    prepare: Any
    before: Callable[[], object] = lambda: None
    """Called before each check, to move the network to its device."""

    def flags(self, picture: Image.Image) -> bool:
        """Return True if the checker finds adult content in this picture."""
        self.before()
        pixels = self.prepare(picture, return_tensors="pt").pixel_values
        pixels = pixels.to(self.checker.device, self.checker.dtype)
        # The checker blackens the images that it is given: give it a dummy.
        _, found = self.checker(images=np.zeros((1, 1, 1, 3)), clip_input=pixels)
        return bool(found[0])


def load_hosts_checker(name: str, models_dir: Path | None, dtype: torch.dtype) -> SafetyChecker:
    """Load the checker that the host has set for models without one.

    Raises `ModelUnavailable` whatever is wrong: nothing is generated unchecked instead.
    """
    files = locate_checker(name, models_dir)
    try:
        return load_safety_checker(files, dtype)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelUnavailable(
            f"The safety checker {name} cannot be loaded: its files are not whole. Download it "
            "again, or choose another."
        ) from error


def load_safety_checker(files: CheckerFiles, dtype: torch.dtype) -> SafetyChecker:
    """Load a checker from its files."""
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
    return SafetyChecker(checker=checker.eval(), prepare=prepare)
