"""Caption models of transformers, BLIP and GIT, that describe one picture at a time."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from generation.catalog.captioners import locate_captioner
from generation.catalog.entries import ModelUnavailable, public_name
from generation.models.out_of_memory import ran_out_of_memory
from generation.requests.captions import clean_caption

MOST_TOKENS = 40
"""Tokens of a caption at most; captions of COCO, which these models learned from, have about 12."""
BEAMS = 3
"""Beams of the search for the likeliest caption, as the makers of both kinds decode."""


@dataclasses.dataclass(kw_only=True)
class Captioner:
    """A caption model with its image preprocessing and its tokenizer."""

    network: Any
    processor: Any

    @torch.inference_mode()
    def describe(self, picture: Image.Image) -> str:
        """Return a caption of a picture, clean and bounded; the same one every time."""
        pixels = self.processor(images=picture.convert("RGB"), return_tensors="pt").pixel_values
        tokens = self.network.generate(
            pixel_values=pixels.to(self.network.device, self.network.dtype),
            max_new_tokens=MOST_TOKENS,
            num_beams=BEAMS,
            do_sample=False,
        )
        return clean_caption(self.processor.decode(tokens[0], skip_special_tokens=True))


def load_captioner(
    name: str, models_dir: Path | None, device: torch.device, dtype: torch.dtype
) -> Captioner:
    """Load a caption model onto a device; raises `ModelUnavailable` saying what is wrong.

    Running out of memory is raised as it is.
    """
    folder = locate_captioner(name, models_dir)
    try:
        network, processor = _from_transformers(folder, name, dtype)
        return Captioner(network=network.to(device).eval(), processor=processor)
    except ModelUnavailable:
        raise
    except Exception as error:  # libraries raise what they will for files that are not whole
        if ran_out_of_memory(error):
            raise
        raise ModelUnavailable(
            f"The caption model {public_name(name)} cannot be loaded: its files are not whole. "
            "Download it again, or choose another."
        ) from error


def _from_transformers(folder: Path, name: str, dtype: torch.dtype) -> tuple[Any, Any]:
    # Imported here because it takes seconds, and most hosts have no caption model.
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()  # what it warns of is refused here, or meant
    network, loaded = AutoModelForImageTextToText.from_pretrained(
        folder,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        dtype=dtype,
        output_loading_info=True,
    )
    # Weights that are missing would be initialised at random, and say nothing of the picture.
    if wrong := len(loaded["missing_keys"]) + len(loaded["mismatched_keys"]):
        raise ModelUnavailable(
            f"The caption model {public_name(name)} cannot be loaded: {wrong} of its weights are "
            "missing or of another size. Download it again."
        )
    processor = AutoProcessor.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    return network, processor
