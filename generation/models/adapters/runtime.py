"""LoRA adapters on a shared UNet, switched on for one call at a time.

LoRA (Hu et al., arXiv 2106.09685), by peft.  A layer whose adapters are switched off computes bit
for bit what it did before it had any.
"""

from __future__ import annotations

import warnings
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils import set_peft_model_state_dict

from generation.models.adapters import peft_layout
from generation.models.adapters.reading import read_adapter
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import Embedding, LayerUpdate
from generation.protocol.problems import Code
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
"""The layers that a new adapter adapts: the projections of every attention."""

BUDGET = 2**29
"""Bytes of adapters from files that are kept loaded, beyond those in use."""


class Adapters:
    """The LoRA adapters of one UNet, by name; all are off except within `using`.

    Those from files are named by their digests, and the least recently used are unloaded first.
    """

    def __init__(self, unet: UNet2DConditionModel, budget: int = BUDGET) -> None:
        """`unet` has no adapters yet; the budget, in bytes, is for those from files."""
        self._unet = unet
        self._budget = budget
        self._names: set[str] = set()
        self._loaded: OrderedDict[str, int] = OrderedDict()  # bytes by digest
        self._held: Counter[str] = Counter()
        self._targets = Targets.of({"unet": unet})

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

    def load(self, adapter: Adapter) -> None:
        """Load an adapter's file unless it is loaded, and keep it until it is released.

        Raises `Refused` if the file cannot be applied; those loaded before stay as they are.
        """
        digest = adapter.digest
        if digest not in self._loaded:
            weights = read_adapter(adapter, self._targets)
            if isinstance(weights, Embedding):
                raise Refused(Code.ADAPTER_OTHER_MODEL, name=adapter.name)
            self._make_room(weights.nbytes)
            self._insert(digest, weights.parts["unet"])
            self._loaded[digest] = weights.nbytes
        self._loaded.move_to_end(digest)
        self._held[digest] += 1

    def release(self, digest: str) -> None:
        """Let a loaded adapter be unloaded when room is needed, unless others hold it, too."""
        self._held -= Counter([digest])  # which also drops those that nobody holds

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
    def using(self, strengths: Mapping[str, float]) -> Iterator[None]:
        """Switch these adapters on within the context, and no others."""
        if not strengths:
            yield
            return
        layers = self._adapted()
        # A fused projection would pass by the adapters of its three.
        fused = [] if self._loaded.keys().isdisjoint(strengths) else self._fused()
        try:
            for layer in layers:
                layer.set_adapter(list(strengths))
                for name, strength in strengths.items():
                    layer.set_scale(name, strength)
                layer.enable_adapters(enabled=True)
            for attention in fused:
                attention.fused_projections = False
            yield
        finally:
            for attention in fused:
                attention.fused_projections = True
            for layer in layers:
                for name in strengths:
                    layer.set_scale(name, 1.0)
            self._unet.disable_adapters()

    def _adapted(self) -> list[BaseTunerLayer]:
        """Return the layers that have, or had, adapters."""
        return [module for module in self._unet.modules() if isinstance(module, BaseTunerLayer)]

    def _fused(self) -> list[Attention]:
        """Return the attentions whose query, key and value are one product."""
        attentions = (each for each in self._unet.modules() if isinstance(each, Attention))
        return [attention for attention in attentions if attention.fused_projections]

    def _make_room(self, needed: int) -> None:
        """Unload adapters that nobody holds until so many more bytes fit into the budget."""
        for digest in [digest for digest in self._loaded if self._held[digest] < 1]:
            if sum(self._loaded.values()) + needed <= self._budget:
                return
            self.remove(digest)
            del self._loaded[digest]

    def _insert(self, name: str, layers: Mapping[str, LayerUpdate]) -> None:
        """Put checked weights into the UNet; on an error, take out again what is there."""
        config = LoraConfig(**peft_layout.config_of(layers))
        tensors = peft_layout.tensors_of(layers)
        self._names.add(name)
        try:
            with _building():
                self._unet.add_adapter(config, adapter_name=name)
                set_peft_model_state_dict(self._unet, tensors, adapter_name=name)
            modules = self._unet.named_modules()
            if {path for path, module in modules if _has(module, name)} != layers.keys():
                raise RuntimeError("peft adapted other layers than those of the file")
        except Exception:
            self.remove(name)
            raise
        self._unet.disable_adapters()


def _has(module: torch.nn.Module, name: str) -> bool:
    return isinstance(module, BaseTunerLayer) and name in module.scaling


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
