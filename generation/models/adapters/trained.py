"""A LoRA that is trained on a shared UNet, by peft, and switched on for one call at a time.

LoRA (Hu et al., arXiv 2106.09685).  A layer whose adapters are switched off computes bit for bit
what it did before it had any.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer

from generation.models.denoiser_size import ATTENTION


class TrainedAdapters:
    """The LoRAs that are trained on one UNet, by name; all are off except within `using`."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        self._unet = unet
        self._names: set[str] = set()

    def add(self, name: str, rank: int, seed: int) -> list[torch.nn.Parameter]:
        """Add an adapter that changes nothing yet; return its trainable parameters in float32."""
        config = LoraConfig(
            r=rank,
            lora_alpha=rank,  # any other value would be lost when the weights are saved
            target_modules=list(ATTENTION),
            init_lora_weights="gaussian",
        )
        with _building():
            torch.manual_seed(seed)
            self._unet.add_adapter(config, adapter_name=name)
        self._names.add(name)
        self._unet.disable_adapters()
        # peft marks the parameters that it adds as trainable, and nothing else here is.
        parameters = [
            parameter
            for path, parameter in self._unet.named_parameters()
            if f".{name}." in path and "lora_" in path
        ]
        for parameter in parameters:
            parameter.data = parameter.data.float()
        return parameters

    def remove(self, name: str) -> None:
        """Remove an adapter, and with the last one every trace of peft."""
        if name not in self._names:
            return
        self._names.discard(name)
        for layer in self._adapted():
            layer.set_adapter([])  # or peft would switch to another one, with a warning
        self._unet.delete_adapters(name)
        if self._names:
            self._unet.disable_adapters()
        else:
            self._unet.unload_lora()

    @contextmanager
    def using(self, name: str | None) -> Iterator[None]:
        """Switch this adapter on within the context, and no others."""
        if name is None:
            yield
            return
        # A fused projection would pass by the adapters of its three.
        fused = self._fused()
        try:
            for layer in self._adapted():
                layer.set_adapter([name])
                layer.enable_adapters(enabled=True)
            for attention in fused:
                attention.fused_projections = False
            yield
        finally:
            for attention in fused:
                attention.fused_projections = True
            self._unet.disable_adapters()

    def _adapted(self) -> list[BaseTunerLayer]:
        """Return the layers that have, or had, adapters."""
        return [module for module in self._unet.modules() if isinstance(module, BaseTunerLayer)]

    def _fused(self) -> list[Attention]:
        """Return the attentions whose query, key and value are one product."""
        attentions = (each for each in self._unet.modules() if isinstance(each, Attention))
        return [attention for attention in attentions if attention.fused_projections]


@contextmanager
def _building() -> Iterator[None]:
    """Let peft make parameters that can be trained, from random numbers of their own."""
    with (
        torch.inference_mode(mode=False),
        torch.random.fork_rng(devices=()),
        warnings.catch_warnings(),
    ):
        # Several adapters are what is wanted.
        warnings.filterwarnings("ignore", message="Already found a `peft_config`")
        yield
