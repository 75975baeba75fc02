"""Read LoRA adapters from .safetensors files; everything is checked before any of it is used.

The layout is that of diffusers and peft: `<layer>.lora_A.weight` (rank, in) and
`<layer>.lora_B.weight` (out, rank), with or without "unet." in front, and the settings of peft's
`LoraConfig` as JSON in the header.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from generation.images.tensors import digest_of
from generation.protocol.problems import Code
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused

MAX_BYTES = 2**30
"""Largest file that is read."""

MAX_RANK = 512

DTYPES = (torch.float16, torch.bfloat16, torch.float32)

OTHER_LAYOUTS = {
    r"hada_|lokr_|oft_|glora|dora_scale|lora_magnitude_vector": Code.ADAPTER_NOT_LORA,
    r"^(lora_te|text_encoder|text_model|te\d?\.)": Code.ADAPTER_TEXT_ENCODER,
    r"^lora_unet_|lora_up\.|lora_down\.|\.alpha$": Code.ADAPTER_KOHYA,
    r"lora\.up\.|lora\.down\.|_lora\.": Code.ADAPTER_OLD_LAYOUT,
}
"""Patterns of the keys of other adapters, and the problem with each kind."""

Shape = tuple[int, int]
"""Numbers of a linear layer's outputs and inputs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoraWeights:
    """A checked LoRA: its tensors by key without prefix, and the rank of each layer."""

    tensors: dict[str, Tensor]
    ranks: dict[str, int]
    alpha: float
    """The product of a layer is scaled by alpha / rank."""

    @property
    def nbytes(self) -> int:
        """Size of the tensors in bytes."""
        return sum(tensor.nbytes for tensor in self.tensors.values())


def read_adapter(adapter: Adapter, layers: Mapping[str, Shape]) -> LoraWeights:
    """Read an adapter's file for a UNet with these linear layers; raises `Refused`."""
    name = adapter.name
    try:
        if adapter.path.stat().st_size > MAX_BYTES:
            raise Refused(Code.ADAPTER_TOO_LARGE, name=name, most=MAX_BYTES // 2**30)
        data = adapter.path.read_bytes()
    except OSError as error:
        raise Refused(Code.ADAPTER_MISSING, name=name) from error
    if digest_of(data) != adapter.digest:
        raise Refused(Code.ADAPTER_CHANGED, name=name)
    return checked(data, layers, name)


def checked(data: bytes, layers: Mapping[str, Shape], name: str) -> LoraWeights:
    """Return the LoRA in the bytes of a .safetensors file that is called `name`."""
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise Refused(Code.ADAPTER_NOT_SAFETENSORS, name=name) from error
    for pattern, code in OTHER_LAYOUTS.items():
        if any(re.search(pattern, key) for key in tensors):
            raise Refused(code, name=name)
    tensors = {key.removeprefix("unet."): tensor for key, tensor in tensors.items()}
    ranks = _ranks(tensors, layers, name)
    alpha = _alpha(_settings(data, name), ranks, name)
    return LoraWeights(tensors=tensors, ranks=ranks, alpha=alpha)


def _ranks(tensors: Mapping[str, Tensor], layers: Mapping[str, Shape], name: str) -> dict[str, int]:
    """Return the rank of each adapted layer; raises `Refused` if a tensor does not fit."""
    adapted = {key.removesuffix(".lora_A.weight") for key in tensors if key.endswith("_A.weight")}
    whole = {f"{layer}.lora_{half}.weight" for layer in adapted for half in "AB"}
    if not adapted or set(tensors) != whole:
        raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
    ranks = {}
    for layer in adapted:
        down, up = tensors[f"{layer}.lora_A.weight"], tensors[f"{layer}.lora_B.weight"]
        rank = len(down) if down.ndim else 0
        shapes = layer in layers and ((rank, layers[layer][1]), (layers[layer][0], rank))
        if shapes != (down.shape, up.shape):
            raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
        if not 1 <= rank <= MAX_RANK:
            raise Refused(Code.ADAPTER_RANK, name=name, most=MAX_RANK)
        if down.dtype not in DTYPES or up.dtype not in DTYPES:
            raise Refused(Code.ADAPTER_DTYPE, name=name)
        if not (down.isfinite().all() and up.isfinite().all()):
            raise Refused(Code.ADAPTER_NOT_FINITE, name=name)
        ranks[layer] = rank
    return ranks


def _settings(data: bytes, name: str) -> dict[str, Any]:
    """Return peft's settings in a file's header; none if it has none."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    text = (header.get("__metadata__") or {}).get("lora_adapter_metadata")
    try:
        settings = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise Refused(Code.ADAPTER_SETTINGS, name=name)
    return {key.removeprefix("unet."): value for key, value in settings.items()}


def _alpha(settings: Mapping[str, Any], ranks: Mapping[str, int], name: str) -> float:
    """Return the alpha of all layers: as the header says, else the rank."""
    more = ("use_dora", "use_rslora", "lora_bias", "alpha_pattern", "modules_to_save")
    if any(settings.get(key) for key in more) or settings.get("bias", "none") != "none":
        raise Refused(Code.ADAPTER_ALPHA, name=name)
    alpha = settings.get("lora_alpha")
    if alpha is None:
        if len(set(ranks.values())) > 1:
            raise Refused(Code.ADAPTER_NO_ALPHA, name=name)
        return float(next(iter(ranks.values())))
    if not isinstance(alpha, int | float) or not math.isfinite(alpha) or not 0 < alpha < 1e6:
        raise Refused(Code.ADAPTER_SETTINGS, name=name)
    return float(alpha)
