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
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused

APPLIES = "Konomi applies LoRAs of the UNet's linear layers, as diffusers and peft save them."

MAX_BYTES = 2**30
"""Largest file that is read."""

MAX_RANK = 512

DTYPES = (torch.float16, torch.bfloat16, torch.float32)

OTHER_LAYOUTS = {
    r"hada_|lokr_|oft_|glora|dora_scale|lora_magnitude_vector": "is not a plain LoRA.",
    r"^(lora_te|text_encoder|text_model|te\d?\.)": "changes the text encoders, too.",
    r"^lora_unet_|lora_up\.|lora_down\.|\.alpha$": "is in the layout of kohya's scripts.",
    r"lora\.up\.|lora\.down\.|_lora\.": "is in a layout that diffusers no longer writes.",
}
"""Patterns of the keys of other adapters, and what is wrong with them, in words."""

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
    what = f"The adapter {adapter.name}"
    try:
        if adapter.path.stat().st_size > MAX_BYTES:
            raise Refused(f"{what} is larger than {MAX_BYTES // 2**30} GiB.")
        data = adapter.path.read_bytes()
    except OSError as error:
        raise Refused(f"{what} cannot be read.") from error
    if digest_of(data) != adapter.digest:
        raise Refused(f"{what} is not the file it was.")
    try:
        return checked(data, layers)
    except BadAdapter as error:
        raise Refused(f"{what} {error} {APPLIES}") from error


class BadAdapter(Exception):
    """A file is no LoRA that can be applied; the message is a sentence without its subject."""


def checked(data: bytes, layers: Mapping[str, Shape]) -> LoraWeights:
    """Return the LoRA in a .safetensors file's bytes; raises `BadAdapter`."""
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise BadAdapter("is not a .safetensors file.") from error
    for pattern, what in OTHER_LAYOUTS.items():
        if any(re.search(pattern, key) for key in tensors):
            raise BadAdapter(what)
    tensors = {key.removeprefix("unet."): tensor for key, tensor in tensors.items()}
    ranks = _ranks(tensors, layers)
    return LoraWeights(tensors=tensors, ranks=ranks, alpha=_alpha(_settings(data), ranks))


def _ranks(tensors: Mapping[str, Tensor], layers: Mapping[str, Shape]) -> dict[str, int]:
    """Return the rank of each adapted layer; raises `BadAdapter` if a tensor does not fit."""
    names = {key.removesuffix(".lora_A.weight") for key in tensors if key.endswith("_A.weight")}
    if not names or set(tensors) != {f"{n}.lora_{half}.weight" for n in names for half in "AB"}:
        raise BadAdapter("is not a whole LoRA.")
    ranks = {}
    for name in names:
        down, up = tensors[f"{name}.lora_A.weight"], tensors[f"{name}.lora_B.weight"]
        rank = len(down) if down.ndim else 0
        shapes = name in layers and ((rank, layers[name][1]), (layers[name][0], rank))
        if shapes != (down.shape, up.shape):
            raise BadAdapter("was made for another kind of model.")
        if not 1 <= rank <= MAX_RANK:
            raise BadAdapter(f"has a rank that is not 1 to {MAX_RANK}.")
        if down.dtype not in DTYPES or up.dtype not in DTYPES:
            raise BadAdapter("holds numbers that are neither of 16 nor of 32 bits.")
        if not (down.isfinite().all() and up.isfinite().all()):
            raise BadAdapter("holds values that are not finite.")
        ranks[name] = rank
    return ranks


def _settings(data: bytes) -> dict[str, Any]:
    """Return peft's settings in a file's header; none if it has none."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    text = (header.get("__metadata__") or {}).get("lora_adapter_metadata")
    try:
        settings = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise BadAdapter("says nothing readable of its settings.")
    return {key.removeprefix("unet."): value for key, value in settings.items()}


def _alpha(settings: Mapping[str, Any], ranks: Mapping[str, int]) -> float:
    """Return the alpha of all layers: as the header says, else the rank."""
    for name in ("use_dora", "use_rslora", "lora_bias", "alpha_pattern", "modules_to_save"):
        if settings.get(name):
            raise BadAdapter("is more than a LoRA with one alpha.")
    if settings.get("bias", "none") != "none":
        raise BadAdapter("is more than a LoRA with one alpha.")
    alpha = settings.get("lora_alpha")
    if alpha is None:
        if len(set(ranks.values())) > 1:
            raise BadAdapter("has layers of several ranks and says no alpha.")
        return float(next(iter(ranks.values())))
    if not isinstance(alpha, int | float) or not math.isfinite(alpha) or not 0 < alpha < 1e6:
        raise BadAdapter("says nothing readable of its settings.")
    return float(alpha)
