"""Build diffusers model folders from the shipped parts, for the editing and the checked pipeline.

The package holds every part once.  `StableDiffusionInstructPix2PixPipeline` and a pipeline with a
safety checker each need a folder of their own, which is made on request.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import EMBEDDED
from generation.shapes.world import SIDE

SHARED = ("scheduler", "text_encoder", "tokenizer", "vae")

PREPROCESSOR = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": SIDE},
    "crop_size": {"height": SIDE, "width": SIDE},
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}
"""Image preprocessing of the embedded CLIP: the whole image, no crop, scaled to -1 … 1."""


def editing_folder(folder: Path, weights: Path = EMBEDDED) -> Path:
    """Make a folder that `StableDiffusionInstructPix2PixPipeline.from_pretrained` loads."""
    if not (weights / "edit").is_dir():
        raise ModelUnavailable("This copy of Konomi lacks its editing model; reinstall Konomi.")
    _share(weights, folder, {**dict.fromkeys(SHARED), "edit": "unet"})
    _index(weights, folder, _class_name="StableDiffusionInstructPix2PixPipeline")
    return folder


def checked_folder(folder: Path, weights: Path = EMBEDDED) -> Path:
    """Make a folder that holds the text-to-image pipeline with its safety checker."""
    _share(weights, folder, {**dict.fromkeys((*SHARED, "unet")), "checker": "safety_checker"})
    write_preprocessor(folder / "feature_extractor")
    _index(
        weights,
        folder,
        safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"],
        feature_extractor=["transformers", "CLIPImageProcessor"],
        requires_safety_checker=True,
    )
    return folder


def write_preprocessor(folder: Path) -> None:
    """Write the embedded CLIP's image preprocessing into a folder, as transformers reads it."""
    folder.mkdir(exist_ok=True)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2))


def _share(weights: Path, folder: Path, parts: dict[str, str | None]) -> None:
    """Hard-link the parts into the folder, or copy them if the file system has no hard links."""
    for part, name in parts.items():
        shutil.copytree(
            weights / part, folder / (name or part), copy_function=_link, dirs_exist_ok=True
        )


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _index(weights: Path, folder: Path, **change: object) -> None:
    index = json.loads((weights / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, **change}, indent=2))
