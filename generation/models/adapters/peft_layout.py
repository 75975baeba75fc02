"""The layout of peft and diffusers: tensors by path, and the settings of peft's `LoraConfig`."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from generation.models.adapters.layouts import Layer, without_text_model
from generation.models.adapters.weights import PARTS, LayerUpdate
from generation.protocol.problems import Code
from generation.requests.refused import Refused

METADATA_KEY = "lora_adapter_metadata"
"""Key of the settings in the header, as diffusers writes them."""

CHANGED_BASES = ("pissa", "olora", "corda", "loftq")
"""Beginnings of the initialisations for which peft changes the base's weights, too."""

WHOLE = ("lora_bias", "modules_to_save", "trainable_token_indices", "target_parameters")
"""Settings of updates that are not low-rank."""


def tensors_of(layers: Mapping[str, LayerUpdate]) -> dict[str, Tensor]:
    """Return a part's tensors as peft names and shapes them."""
    tensors = {}
    for path, update in layers.items():
        tensors[f"{path}.lora_A.weight"] = _down(update)
        tensors[f"{path}.lora_B.weight"] = update.up
        if update.magnitude is not None:
            tensors[f"{path}.lora_magnitude_vector"] = _magnitude(update.magnitude)
    return tensors


def config_of(layers: Mapping[str, LayerUpdate], anchor: str = "^") -> dict[str, Any]:
    """Return the settings of peft's `LoraConfig` for a part.

    `anchor` goes before the paths of layers with a rank or an alpha of their own.
    """
    dora = {update.magnitude is not None for update in layers.values()}
    if len(dora) > 1:
        raise ValueError("peft cannot have DoRA on some layers of a part alone")
    (rank, _), *_ = Counter(update.rank for update in layers.values()).most_common(1)
    (alpha, _), *_ = Counter(update.alpha for update in layers.values()).most_common(1)
    return {
        "r": rank,
        "lora_alpha": _whole(alpha),
        "rank_pattern": {
            anchor + path: update.rank for path, update in layers.items() if update.rank != rank
        },
        "alpha_pattern": {
            anchor + path: _whole(update.alpha)
            for path, update in layers.items()
            if update.alpha != alpha
        },
        "target_modules": sorted(layers),
        "use_dora": dora == {True},
    }


class PeftSettings:
    """Peft's settings in a file's header, part by part."""

    def __init__(self, text: str | None, name: str) -> None:
        """`text` is JSON, of a file that is called `name`; raises `Refused`."""
        self._name = name
        settings = _loaded(text, name)
        self._own = {part: _of_part(settings, part) for part in PARTS}
        for own in self._own.values():
            _check(own, name)
        self._alphas = {
            part: _Pattern(own.get("alpha_pattern"), name) for part, own in self._own.items()
        }

    def alpha(self, layer: Layer, rank: int) -> float:
        """Return the alpha of a layer; the rank if the settings say nothing.

        That of rsLoRA (arXiv 2312.03732) is multiplied by the root of the rank.
        """
        own = self._own[layer.part]
        alpha = self._alphas[layer.part].get(layer.path, own.get("lora_alpha", rank))
        if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 < alpha < 1e6:
            raise Refused(Code.ADAPTER_SETTINGS, name=self._name)
        return alpha * math.sqrt(rank) if own.get("use_rslora") else float(alpha)

    def is_dora(self, layer: Layer) -> bool:
        """Return True if the layer must have a magnitude."""
        return bool(self._own[layer.part].get("use_dora"))


class _Pattern:
    """Values by paths of layers or their ends, the first of several, as peft finds them.

    Peft takes the keys for regular expressions.  They come from a stranger, and one can be made
    that takes for ever, so only plain names are read.
    """

    def __init__(self, pattern: object, name: str) -> None:
        pattern = {} if pattern is None else pattern
        if not isinstance(pattern, dict):
            raise Refused(Code.ADAPTER_SETTINGS, name=name)
        self._values: dict[str, tuple[int, Any]] = {}
        for order, (key, value) in enumerate(pattern.items()):
            plain = key.replace("\\.", ".").removesuffix("$")
            if not re.fullmatch(r"\^?[\w.]+", plain, re.ASCII):
                raise Refused(Code.ADAPTER_SETTINGS, name=name)
            self._values.setdefault(plain, (order, value))

    def get(self, path: str, usual: object) -> object:
        """Return the value for a layer."""
        if not self._values:
            return usual
        names = {path, without_text_model(path), f"text_model.{path}"}
        names |= {f"^{name}" for name in names}
        parts = path.split(".")
        names |= {".".join(parts[start:]) for start in range(1, len(parts))}
        found = [self._values[name] for name in names if name in self._values]
        return min(found, key=lambda entry: entry[0])[1] if found else usual


def _loaded(text: str | None, name: str) -> dict[str, Any]:
    try:
        settings = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise Refused(Code.ADAPTER_SETTINGS, name=name)
    return settings


def _of_part(settings: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return the settings of a part; those without a part in front are the UNet's."""
    own = {
        key.removeprefix(f"{part}."): value
        for key, value in settings.items()
        if key.startswith(f"{part}.")
    }
    plain = {key: value for key, value in settings.items() if "." not in key}
    return plain | own if part == "unet" else own


def _check(settings: Mapping[str, Any], name: str) -> None:
    """Raise `Refused` for settings of what is more than a low-rank update."""
    if any(settings.get(key) for key in WHOLE) or settings.get("bias", "none") != "none":
        raise Refused(Code.ADAPTER_WHOLE, name=name)
    if str(settings.get("init_lora_weights")).lower().startswith(CHANGED_BASES):
        raise Refused(Code.ADAPTER_WHOLE, name=name)


def _whole(alpha: float) -> int | float:
    return int(alpha) if alpha.is_integer() else alpha


def _down(update: LayerUpdate) -> Tensor:
    """Return the first factor, with that in the middle multiplied into it."""
    if update.mid is None:
        return update.down
    down = update.down.flatten(1).float()
    return torch.einsum("abhw,bi->aihw", update.mid.float(), down)


def _magnitude(magnitude: Tensor) -> Tensor:
    """Return DoRA's norms of the outputs: (out,), or (1, out, 1, 1) of a convolution."""
    if magnitude.shape[0] == 1 and magnitude.shape[1] > 1:
        raise ValueError("peft knows DoRA by the norms of the outputs alone")
    return magnitude.flatten() if magnitude.ndim == 2 else magnitude.transpose(0, 1)
