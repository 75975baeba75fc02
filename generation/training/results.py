"""Describe what a training made, and write whole models in the diffusers format."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import nn

from generation.adapter_files.metadata import AdapterMetadata
from generation.images.tensors import digest_of
from generation.models.adapters.targets import Targets
from generation.models.model import Model
from generation.models.safety_checkers.stable_diffusion import StableDiffusionChecker
from generation.protocol.training import Train
from generation.requests.recipes import name_of
from generation.training.checkpoints import disk_errors_raised, save_json


def metadata_of(model: Model, request: Train) -> AdapterMetadata:
    """Return what a result says of itself: its trigger, its base and licence, the settings."""
    recipe = {
        name: value
        for name, value in settings_of(request)["settings"]["recipe"].items()
        if value is not None
    }
    parts = {"unet": model.unet}
    return AdapterMetadata(
        title=request.name,
        trigger=request.trigger,
        base_model=model.card.name,
        base_hash=weights_hash(model.unet),
        architecture=Targets.of(parts).base.value,
        licence=model.card.licence,
        method=name_of(request.method),
        settings=recipe,
    )


def settings_of(request: Train) -> dict[str, Any]:
    """Return a request's settings in JSON types, without its job and its folders."""
    values = dataclasses.asdict(request)
    for name in ("job", "data", "out"):
        del values[name]
    settings: dict[str, Any] = json.loads(json.dumps(values, default=_plain))
    return {"method": name_of(request.method), "settings": settings}


def named_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings that say something, with the innermost name of each."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from named_settings(value)
        elif value not in (None, False, "", []):
            yield (
                name.replace("_", " "),
                ", ".join(value) if isinstance(value, list) else str(value),
            )


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))


def weights_hash(network: nn.Module) -> str:
    """Return the SHA-256 of a network's weights in hex, by name and without adapters."""
    found = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        if ".lora_" in name or ".to_qkv." in name:
            continue
        found.update(name.replace(".base_layer.", ".").encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def write_model(folder: Path, model: Model) -> Path:
    """Write a model in the diffusers format, with everything that it paints with."""
    encoders = model.text_encoders.encoders
    parts: dict[str, Any] = {"unet": model.unet, "vae": model.vae}
    for encoder, suffix in zip(encoders, ("", "_2"), strict=False):
        parts[f"text_encoder{suffix}"] = encoder.network
        parts[f"tokenizer{suffix}"] = encoder.tokenizer
    # Others are no part of the format.
    own = model.safety if isinstance(model.safety, StableDiffusionChecker) else None
    if own is not None:
        parts |= {"safety_checker": own.checker, "feature_extractor": own.prepare}
    with disk_errors_raised():
        for name, part in parts.items():
            part.save_pretrained(folder / name)
    scheduler = {"_class_name": "PNDMScheduler", **model.scheduler_config}
    (folder / "scheduler").mkdir(exist_ok=True)
    save_json(folder / "scheduler" / "scheduler_config.json", scheduler)
    kind = "StableDiffusionPipeline" if len(encoders) == 1 else "StableDiffusionXLPipeline"
    index: dict[str, list[str | None]] = {
        name: [_library(part), type(part).__name__] for name, part in parts.items()
    }
    index["scheduler"] = ["diffusers", scheduler["_class_name"]]
    if len(encoders) == 1 and own is None:
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
    about = {"_class_name": kind, "_diffusers_version": diffusers.__version__}
    more = {} if len(encoders) > 1 else {"requires_safety_checker": own is not None}
    save_json(folder / "model_index.json", {**about, **index, **more})
    return folder


def _library(part: Any) -> str:
    if type(part).__name__ == "StableDiffusionSafetyChecker":
        return "stable_diffusion"
    return type(part).__module__.partition(".")[0]


def digest(result: Path) -> str:
    """Return the SHA-256 of a result's bytes in hex; of a folder's largest file."""
    file = result
    if result.is_dir():
        files = [each for each in result.rglob("*") if each.is_file()]
        file = max(files, key=lambda each: each.stat().st_size)
    return digest_of(file.read_bytes())
