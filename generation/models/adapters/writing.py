"""Write adapters to .safetensors files; the same weights give the same bytes.

The header is written here because the safetensors library orders its metadata by chance.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from generation.adapter_files.kinds import ALONE, PAIR
from generation.adapter_files.metadata import AdapterMetadata, in_header
from generation.adapter_files.names import split
from generation.models.adapters import peft_layout
from generation.models.adapters.layouts import (
    Layer,
    kohya_names,
    with_text_model,
    without_text_model,
)
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import (
    AdapterWeights,
    Embedding,
    LayerUpdate,
)

DTYPES = {
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float32: "F32",
}

ALIGNMENT = 8
"""Bytes; the header is filled up with spaces."""


def write_lora(path: Path, weights: AdapterWeights, metadata: AdapterMetadata) -> None:
    """Write a LoRA in the layout of diffusers and peft, with the alpha of every layer.

    Raises ValueError for a DoRA that peft has no place for.
    """
    tensors: dict[str, Tensor] = {}
    settings: dict[str, Any] = {}
    for part, layers in sorted(weights.parts.items()):
        unet = part == "unet"
        for key, tensor in peft_layout.tensors_of(layers).items():
            if not unet and key.endswith(".lora_magnitude_vector"):
                key += ".weight"  # or transformers leaves it out, with a warning alone
            tensors[f"{part}.{key if unet else with_text_model(key)}"] = tensor
        # The ends of a text encoder's paths fit its modules in every version of transformers.
        named = {path if unet else without_text_model(path): each for path, each in layers.items()}
        config = peft_layout.config_of(named, "^" if unet else "")
        settings |= {f"{part}.{key}": value for key, value in config.items()}
    text = json.dumps(settings, sort_keys=True)
    header = in_header(metadata, "lora") | _ranks(weights)
    header[peft_layout.METADATA_KEY] = text
    _write(path, tensors, header)


def write_kohya(
    path: Path, weights: AdapterWeights, metadata: AdapterMetadata, targets: Targets
) -> None:
    """Write a LoRA in the layout of kohya's scripts; the targets tell how they name the layers."""
    names = kohya_names(targets)
    tensors: dict[str, Tensor] = {}
    for part, layers in weights.parts.items():
        for layer_path, update in layers.items():
            name = names[Layer(part, layer_path)]
            tensors |= {f"{name}.{end}": tensor for end, tensor in _kohya_tensors(update).items()}
    header = in_header(metadata, "lora") | _ranks(weights)
    _write(path, tensors, header)


def write_embedding(path: Path, embedding: Embedding, metadata: AdapterMetadata) -> None:
    """Write an embedding as diffusers and A1111 read it: one tensor, named by its token.

    Those of SDXL are two, by the names of the text encoders.
    """
    if len(embedding.vectors) > 1:
        tensors = {key: embedding.vectors[part] for key, part in PAIR.items()}
    else:
        (vectors,) = embedding.vectors.values()
        token = embedding.token
        usual = not token or token in {"__metadata__", *PAIR} or split(token) is not None
        tensors = {ALONE if usual else token: vectors}
    _write(path, tensors, in_header(metadata, "textual-inversion"))


def _ranks(weights: AdapterWeights) -> dict[str, str]:
    """Return the rank and alpha that most layers have, in kohya's words."""
    updates = [update for layers in weights.parts.values() for update in layers.values()]
    (rank, _), *_ = Counter(update.rank for update in updates).most_common(1)
    (alpha, _), *_ = Counter(update.alpha for update in updates).most_common(1)
    return {
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(rank),
        "ss_network_alpha": str(alpha),
    }


def _kohya_tensors(update: LayerUpdate) -> dict[str, Tensor]:
    """Return the tensors of a layer by the ends of their names."""
    tensors = {
        "lora_down.weight": update.down,
        "lora_up.weight": update.up,
        "alpha": torch.tensor(update.alpha),
    }
    if update.mid is not None:
        tensors["lora_mid.weight"] = update.mid
    if update.magnitude is not None:
        tensors["dora_scale"] = update.magnitude
    return tensors


def _write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a file whole or not at all."""
    entries: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    blobs = []
    start = 0
    # The library wants those of the widest numbers first, so that each is aligned.
    for key in sorted(tensors, key=lambda key: (-tensors[key].element_size(), key)):
        tensor = tensors[key].detach().cpu().contiguous()
        blob = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
        entries[key] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, start + len(blob)],
        }
        blobs.append(blob)
        start += len(blob)
    header = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-len(header) % ALIGNMENT)
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("wb") as stream:
            stream.write(len(header).to_bytes(8, "little") + header)
            stream.writelines(blobs)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
