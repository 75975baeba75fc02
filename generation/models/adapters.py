"""LoRA adapters on a shared UNet, switched on for one call at a time.

LoRA (Hu et al., arXiv 2106.09685), by peft.  A layer whose adapters are switched off computes bit
for bit what it did before it had any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
"""The adapted layers: the projections of every attention."""


class Adapters:
    """The LoRA adapters of one UNet, by name; all are off except within `using`."""

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
        with torch.inference_mode(mode=False), torch.random.fork_rng(devices=()):
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
        self._unet.delete_adapters(name)
        if self._names:
            self._unet.disable_adapters()
        else:
            self._unet.unload_lora()

    @contextmanager
    def using(self, name: str | None) -> Iterator[None]:
        """Switch this adapter on within the context; None for no adapter."""
        if name is None:
            yield
            return
        for module in self._unet.modules():
            if isinstance(module, BaseTunerLayer):
                module.set_adapter(name)
                module.enable_adapters(enabled=True)
        try:
            yield
        finally:
            self._unet.disable_adapters()
