"""Low-rank adapters on a shared UNet: there for whoever they belong to, gone for everyone else.

LoRA (Hu et al., arXiv 2106.09685), by peft.  A layer whose adapters are switched off computes
what it did before it had any, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
"""The layers that are adapted: those of every attention."""


class Adapters:
    """The adapters of one UNet, by name; all are off but within `using`."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        self._unet = unet
        self._names: set[str] = set()

    def add(self, name: str, rank: int, seed: int) -> list[torch.nn.Parameter]:
        """A new adapter that changes nothing yet; returns what of it can be trained, float32."""
        config = LoraConfig(
            r=rank,
            lora_alpha=rank,  # another one would be lost when weights are stored
            target_modules=list(ATTENTION),
            init_lora_weights="gaussian",
        )
        with torch.inference_mode(mode=False), torch.random.fork_rng(devices=()):
            torch.manual_seed(seed)
            self._unet.add_adapter(config, adapter_name=name)
        self._names.add(name)
        self._unet.disable_adapters()
        # peft marks what it adds as trainable, and nothing else here is.
        parameters = [
            parameter
            for path, parameter in self._unet.named_parameters()
            if f".{name}." in path and "lora_" in path
        ]
        for parameter in parameters:
            parameter.data = parameter.data.float()
        return parameters

    def remove(self, name: str) -> None:
        """Take an adapter away; with the last one, every trace of adapters."""
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
        """Within, this adapter works; None: none does."""
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
