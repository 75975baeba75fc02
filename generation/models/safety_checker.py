"""The safety checker, a model's own or the host's; ours is to honour it, not to tune it.

It compares a picture with 17 concepts and three special ones whose names were never
published, and says no more than that it found one: so nor can we.
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

from generation.catalog.checkers import CheckerFiles, locate_checker
from generation.catalog.entries import ModelUnavailable


@dataclasses.dataclass(kw_only=True)
class SafetyChecker:
    """Stable Diffusion's own checker and the preparation of pictures that it was trained with."""

    checker: Any
    prepare: Any
    before: Callable[[], object] = lambda: None
    """Called before it looks, to have the network on its device."""

    def flags(self, picture: Image.Image) -> bool:
        """Whether it finds adult content in this picture."""
        self.before()
        pixels = self.prepare(picture, return_tensors="pt").pixel_values
        pixels = pixels.to(self.checker.device, self.checker.dtype)
        # The checker blackens what it is shown: give it something that nobody keeps.
        _, found = self.checker(images=np.zeros((1, 1, 1, 3)), clip_input=pixels)
        return bool(found[0])


def load_hosts_checker(name: str, models_dir: Path | None, dtype: torch.dtype) -> SafetyChecker:
    """The checker that the host names for models that bring none.

    Raises `ModelUnavailable`, whatever is wrong: nothing paints unchecked in its stead.
    """
    files = locate_checker(name, models_dir)
    try:
        return load_safety_checker(files, dtype)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelUnavailable(f"The safety checker {name} cannot be loaded: {reason}") from error


def load_safety_checker(files: CheckerFiles, dtype: torch.dtype) -> SafetyChecker:
    """A checker from its files."""
    # Here, not above: most models have no checker, and these take seconds to import.
    from diffusers.pipelines.stable_diffusion import safety_checker
    from transformers import CLIPImageProcessor

    # It announces a black image for each picture that it flags; nobody here gets one.
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
    # What a file lacks would be made up at random, and find nothing or everything.
    if loaded["missing_keys"]:
        raise ValueError(f"{len(loaded['missing_keys'])} of its weights are missing")
    prepare = CLIPImageProcessor.from_pretrained(files.preparation, local_files_only=True)
    return SafetyChecker(checker=checker.eval(), prepare=prepare)
