"""The content filter that a model may bring along; ours is to honour it, not to tune it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image


@dataclasses.dataclass(kw_only=True)
class SafetyChecker:
    """Stable Diffusion's own checker and the preparation of pictures that it was trained with."""

    checker: Any
    prepare: Any

    def withholds(self, picture: Image.Image) -> bool:
        """Whether the model's makers want this picture kept back."""
        pixels = self.prepare(picture, return_tensors="pt").pixel_values
        pixels = pixels.to(self.checker.device, self.checker.dtype)
        # The checker blackens what it is shown: give it something that nobody keeps.
        _, withheld = self.checker(images=np.zeros((1, 1, 1, 3)), clip_input=pixels)
        return bool(withheld[0])

    def to(self, device: torch.device) -> None:
        """Move the network."""
        self.checker.to(device)


def load_safety_checker(folder: Path, dtype: torch.dtype) -> SafetyChecker:
    """The checker of a model in the diffusers format that has one."""
    # Here, not above: most models have no checker, and these take seconds to import.
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    checker = StableDiffusionSafetyChecker.from_pretrained(
        folder, subfolder="safety_checker", use_safetensors=True, local_files_only=True, dtype=dtype
    )
    prepare = CLIPImageProcessor.from_pretrained(
        folder, subfolder="feature_extractor", local_files_only=True
    )
    return SafetyChecker(checker=checker.eval(), prepare=prepare)
