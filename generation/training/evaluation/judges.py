"""Lookup of the networks that judge pictures, among the files on this machine."""

from __future__ import annotations

from pathlib import Path

import torch

from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import cached_folder, locate
from generation.training.clip import Clip
from generation.training.evaluation.dino import Dino
from generation.training.evaluation.scores import Judge

OWN_CLIP = "clip"
"""Folder of the CLIP beside a model that comes with one, as the embedded one does."""
CLIPS = ("openai/clip-vit-large-patch14", "openai/clip-vit-base-patch32")
"""Repositories on the hub, of which the first that was downloaded judges."""
DINOS = ("facebook/dino-vits16", "facebook/dinov2-base")
"""Likewise; the first is the one of published figures."""
FILES = ("config.json", "preprocessor_config.json", "model.safetensors")


def judge_of(model: str, device: torch.device | str = "cpu") -> Judge:
    """Return the judge of a model's pictures, of what is on this machine.

    The CLIP that lies beside a model's own parts comes first: another may not know its pictures.
    """
    clip, dino = clip_of(model), _downloaded(DINOS)
    own = clip is not None and clip.name == OWN_CLIP
    return Judge(
        clip=None if clip is None else Clip.load(clip, device),
        dino=None if dino is None or own else Dino.load(dino, device),
    )


def clip_of(model: str) -> Path | None:
    """Return the folder of the CLIP that judges a model's pictures; None if there is none."""
    try:
        own = locate(model) / OWN_CLIP
    except ModelUnavailable:
        return _downloaded(CLIPS)
    return own if (own / "config.json").is_file() else _downloaded(CLIPS)


def _downloaded(repos: tuple[str, ...]) -> Path | None:
    folders = (cached_folder(repo, FILES) for repo in repos)
    return next((folder for folder in folders if folder is not None), None)
