"""Where safety checkers lie on this machine: with a model, or in a folder of their own.

Standard library alone at import time, so that the bot may look, too.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from generation.catalog.entries import ModelUnavailable, find, hub_id

CLASS = "StableDiffusionSafetyChecker"
PARTS = ("safety_checker", "feature_extractor")
"""Folders of a model in the diffusers format: the checker, and how it wants its pictures."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CheckerFiles:
    """A checker's two folders, which may be one."""

    network: Path
    """Holds config.json and the weights."""
    preparation: Path
    """Holds preprocessor_config.json."""


def checker_in(folder: Path) -> CheckerFiles | None:
    """The checker of a model in the diffusers format; None if it brings none."""
    network, preparation = (folder / part for part in PARTS)
    if not (network / "config.json").is_file():
        return None
    return CheckerFiles(network=network, preparation=preparation)


def locate_checker(name: str, models_dir: Path | None = None) -> CheckerFiles:
    """The files of a checker that is on this machine already; downloads nothing.

    `name` is a catalogue name, a hub id or a folder: a checker's own, or that of a model
    that brings one.  `ModelUnavailable` says what is missing.
    """
    path, known = Path(name).expanduser(), find(name)
    if known is not None and known.repo is None:
        raise ModelUnavailable(f"{name} brings no safety checker; name a model that does: sd15.")
    folder = path if known is None and path.is_dir() else _fetched(name, models_dir)
    files = checker_in(folder) or CheckerFiles(network=folder, preparation=folder)
    if lacking := _lacking(files):
        raise ModelUnavailable(f"{name} is no safety checker: it has no {lacking}.")
    return files


def _lacking(files: CheckerFiles) -> str | None:
    """The first thing that keeps these from being a whole checker."""
    if not (files.network / "config.json").is_file():
        return "config.json"
    if CLASS not in (files.network / "config.json").read_text(encoding="utf-8"):
        return f"{CLASS} in its config.json"
    if not any(files.network.glob("*.safetensors")):
        return "model.safetensors"
    if not (files.preparation / "preprocessor_config.json").is_file():
        return "preprocessor_config.json"
    return None


def _fetched(name: str, models_dir: Path | None) -> Path:
    from huggingface_hub import try_to_load_from_cache

    repo = hub_id(name)
    for config, above in ((f"{PARTS[0]}/config.json", 1), ("config.json", 0)):
        found = try_to_load_from_cache(repo, config, cache_dir=models_dir)
        if isinstance(found, str):
            return Path(found).parents[above]
    raise ModelUnavailable(
        f"The safety checker of {name} is not on this machine yet; "
        f"run: python -m generation fetch --only-checker {name}"
    )
