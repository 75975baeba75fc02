"""The host's caption model, loaded when a picture is to be described and dropped afterwards."""

from __future__ import annotations

import gc
from pathlib import Path

import torch
from PIL import Image

from generation.catalog.entries import ModelUnavailable
from generation.models.captioners.captioner import Captioner, load_captioner
from generation.models.loading import vae_dtype
from generation.models.model import Model


class LazyCaptioner:
    """Holds a caption model while it has work; what the painting model needs comes first."""

    def __init__(self, name: str | None, models_dir: Path | None, model: Model) -> None:
        """name: of the caption model, None for none.  model: the one that paints."""
        self._name = name
        self._models_dir = models_dir
        self._device = model.device
        self._dtype = vae_dtype(model.dtype, model.device)
        self._offloader = model.offloader
        self._loaded: Captioner | None = None

    @property
    def is_loaded(self) -> bool:
        """True if the model is in memory."""
        return self._loaded is not None

    @property
    def shares_memory(self) -> bool:
        """True if it runs where there is no other memory to move to: on the CPU."""
        return self._device.type == "cpu"

    @torch.inference_mode(mode=False)
    def load(self, *, on_cpu: bool = False) -> None:
        """Load the model; raises `ModelUnavailable`, or that memory ran out.

        on_cpu: in main memory, because the device has no room for it.
        """
        if self._name is None:
            raise ModelUnavailable("No caption model is set: set KONOMI_CAPTIONER to one.")
        device, dtype = self._device, self._dtype
        if on_cpu:
            device, dtype = torch.device("cpu"), torch.float32
        else:
            self._offloader.offload()
        self._loaded = load_captioner(self._name, self._models_dir, device, dtype)

    def describe(self, picture: Image.Image) -> str:
        """Return a caption of a picture; the model must be loaded."""
        if self._loaded is None:
            raise RuntimeError("the caption model is not loaded")
        return self._loaded.describe(picture)

    def drop(self) -> None:
        """Remove the model from memory, if it is there."""
        if self._loaded is None:
            return
        self._loaded = None
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
