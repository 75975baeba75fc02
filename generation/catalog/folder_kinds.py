"""Tell what a folder is, and refuse it in a sentence unless it is a model that Konomi runs.

Only its listing and its small JSON files are read.  Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generation.catalog.configurations import (
    CANNOT,
    fault_of_index,
    fault_of_scheduler,
    fault_of_unet,
    fault_of_vae,
)
from generation.catalog.entries import ModelUnavailable
from generation.catalog.file_formats import PICKLED
from generation.catalog.file_kinds import LATENT_CHANNELS, RUNS, channels_kind

INDEX = "model_index.json"
_ONE_ENCODER = ("scheduler", "tokenizer", "text_encoder", "unet", "vae")
_TWO_ENCODERS = (*_ONE_ENCODER, "tokenizer_2", "text_encoder_2")
PARTS = {
    "StableDiffusionPipeline": _ONE_ENCODER,
    "LatentConsistencyModelPipeline": _ONE_ENCODER,
    "StableDiffusionXLPipeline": _TWO_ENCODERS,
}
"""The parts that a model needs, by the class of its pipeline."""
SETTINGS = {
    "scheduler": "scheduler_config.json",
    "text_encoder": "config.json",
    "text_encoder_2": "config.json",
    "unet": "config.json",
    "vae": "config.json",
}
"""The file of settings of each part that has one."""
VOCABULARIES = ("vocab.json", "tokenizer.json")
"""Files of a tokenizer's words, of which it needs one."""

SPECIAL_PIPELINES = {
    "Inpaint": "an inpainting model: choose the text-to-image model of the same name; Konomi "
    "inpaints with that",
    "InstructPix2Pix": "an editing model: choose a text-to-image model, and name this folder in "
    "KONOMI_EDITOR",
    "Img2Img": "a model for pictures from pictures, such as a refiner: choose the text-to-image "
    "model; Konomi begins from pictures with that",
    "ControlNet": "a model with a ControlNet: choose the text-to-image model",
    "Upscale": "an upscaler: choose a text-to-image model; Konomi enlarges with that",
}
"""What a model of the same family is for, by a word in the class of its pipeline."""
MOST_NAMED = 3


def check_folder(folder: Path) -> None:
    """Raise ModelUnavailable, with what helps, unless a folder is a model that Konomi runs."""
    if not (folder / INDEX).is_file():
        raise ModelUnavailable(_without_index(folder))
    index = read_settings(folder / INDEX)
    kind = str(index.get("_class_name"))
    if kind not in PARTS:
        raise ModelUnavailable(_other_pipeline(folder, kind))
    lacks_one = "text_encoder" in _missing(folder, kind) and (folder / "text_encoder_2").is_dir()
    if lacks_one or index.get("requires_aesthetics_score"):
        raise ModelUnavailable(
            f"{folder.name} is a refiner for another model's images, or lacks its first text "
            "encoder. Konomi runs base models with both, such as sdxl."
        )
    if missing := _missing(folder, kind):
        raise ModelUnavailable(
            f"{folder.name} has no folder {' and no folder '.join(missing)}: "
            "download the whole model again."
        )
    for part in PARTS[kind]:
        if part not in SETTINGS and not any((folder / part / v).is_file() for v in VOCABULARIES):
            raise ModelUnavailable(
                f"{folder.name} has no {VOCABULARIES[0]} in {part}: download the whole model again."
            )
    settings = {
        part: read_settings(folder / part / SETTINGS[part])
        for part in PARTS[kind]
        if part in SETTINGS
    }
    channels = settings["vae"].get("latent_channels", LATENT_CHANNELS)
    special = channels_kind(settings["unet"].get("in_channels"))
    if special is not None and settings["unet"].get("in_channels") != channels:
        raise ModelUnavailable(f"{folder.name} is {special.title}: {special.advice}.")
    try:
        fault = (
            fault_of_index(index)
            or fault_of_scheduler(settings["scheduler"])
            or fault_of_vae(settings["vae"])
            or fault_of_unet(settings["unet"], channels)
        )
    except TypeError:
        fault = "its settings are not what they should be"
    if fault is not None:
        raise ModelUnavailable(f"{folder.name} {CANNOT}: {fault}. Choose another model.")


def read_settings(file: Path) -> Mapping[str, Any]:
    """Return what a JSON file of a model says; raises ModelUnavailable if it is not as usual."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelUnavailable(f"{file} is missing: download the whole model again.") from None
    except (ValueError, RecursionError):
        raise ModelUnavailable(f"{file} is not JSON: download it again.") from None
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{file} is not what it should be: download it again.")
    return content


def _missing(folder: Path, kind: str) -> list[str]:
    return [part for part in PARTS[kind] if not (folder / part).is_dir()]


def _other_pipeline(folder: Path, kind: str) -> str:
    if kind.startswith("StableDiffusion"):
        for word, title in SPECIAL_PIPELINES.items():
            if word in kind:
                return f"{folder.name} is {title}."
    return f"{folder.name} is a model for {kind}; {RUNS}."


def _without_index(folder: Path) -> str:
    """Return what a folder is that has no model_index.json, and what to name instead."""
    held = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    if not held:
        return f"{folder} has no {INDEX}; it is empty. Name a model's folder or file."
    if (deeper := next(_models_within(folder), None)) is not None:
        return f"The model in {folder} lies deeper: name {deeper}."
    above = folder.parent
    if (folder / "config.json").is_file() and (above / INDEX).is_file():
        return f"{folder} is one part of a model: name {above}, the folder above it."
    files = [entry for entry in held if entry.suffix.lower() == ".safetensors"]
    names = ", ".join(file.name for file in files[:MOST_NAMED])
    if len(files) == 1 and not (folder / "config.json").is_file():
        return f"{folder} is a folder with one file in it: name the file, {files[0]}."
    if len(files) > 1:
        more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        return f"{folder} holds {len(files)} files ({names}{more}): name one of them."
    if (folder / "config.json").is_file():
        return (
            f"{folder} has no {INDEX}, so it is one part of a model, or a model of another kind: "
            "name a folder in the diffusers format."
        )
    if pickles := [entry for entry in held if entry.suffix.lower() in PICKLED]:
        return (
            f"{folder} holds {pickles[0].name}, which can run code when it is opened: "
            "use a .safetensors file of the model."
        )
    return (
        f"{folder} has no {INDEX}, so it is not a model in the diffusers format: "
        "name a model's folder or file."
    )


def _models_within(folder: Path) -> Iterator[Path]:
    """Find models in the folders of an unpacked archive or of the hub's cache."""
    for pattern in (f"*/{INDEX}", f"snapshots/*/{INDEX}"):
        yield from (found.parent for found in sorted(folder.glob(pattern)))
