"""Names of tensors in the layouts of adapter files: diffusers' and peft's, old ones, kohya's.

A name is that of a layer and a role.  Each layer of the model has a name in every layout, so a
name is looked up and never rewritten: kohya's put "_" for ".", which cannot be undone by rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generation.models.adapters.original_unet import original_names
from generation.models.adapters.targets import Targets


class Layer(NamedTuple):
    """A layer of a model: its part of `PARTS`, and its path there."""

    part: str
    path: str


def kohya_names(targets: Targets) -> dict[Layer, str]:
    """Return the name that kohya's scripts give to each layer."""
    xl = "text_encoder_2" in targets.layers
    prefixes = {"text_encoder": "te1" if xl else "te", "text_encoder_2": "te2"}
    names = {}
    for part, layers in targets.layers.items():
        originals = original_names(layers) if xl and part == "unet" else {}
        for path in layers:
            name = originals.get(path, path) if part == "unet" else with_text_model(path)
            names[Layer(part, path)] = f"lora_{prefixes.get(part, part)}_{_flat(name)}"
    return names


def layers_by_name(targets: Targets) -> dict[str, Layer]:
    """Return the layers of a model by all names that adapter files have for them."""
    names = {}
    for part, layers in targets.layers.items():
        spell = _unet_names if part == "unet" else _text_encoder_names
        for path, spelled in spell(part, layers):
            names[spelled] = Layer(part, path)
    return names


def with_text_model(path: str) -> str:
    """Return a text encoder's path as it was before transformers 5 left "text_model." out."""
    if path.startswith(("text_model.", "text_projection")):
        return path
    return f"text_model.{path}"


def without_text_model(path: str) -> str:
    """Return a text encoder's path as every version of transformers ends it."""
    return path.removeprefix("text_model.")


def _flat(path: str) -> str:
    return path.replace(".", "_")


def _unet_names(part: str, layers: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each path with each of its names."""
    originals = original_names(layers)
    for path in layers:
        yield path, path
        yield path, f"{part}.{path}"
        yield path, f"lora_unet_{_flat(path)}"
        if path in originals:
            yield path, f"lora_unet_{_flat(originals[path])}"
            yield path, f"diffusion_model.{originals[path]}"
        # Attention processors of old, which had no ".0" behind "to_out".
        if re.search(r"\.attn[12]\.to_", path):
            processor = re.sub(r"\.(attn[12])\.", r".\1.processor.", path).removesuffix(".0")
            yield path, processor
            yield path, f"{part}.{processor}"


def _text_encoder_names(part: str, layers: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each path with each of its names."""
    second = part == "text_encoder_2"
    for path in layers:
        for spelled in {path, with_text_model(path), without_text_model(path)}:
            yield path, f"{part}.{spelled}"
            for prefix in ("lora_te2_",) if second else ("lora_te_", "lora_te1_"):
                yield path, prefix + _flat(spelled)
            yield path, f"text_encoders.clip_{'g' if second else 'l'}.transformer.{spelled}"
            old = re.sub(r"self_attn\.(q|k|v|out)_proj$", r"self_attn.to_\1", spelled)
            yield path, f"{part}.{old}"
