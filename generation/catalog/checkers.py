"""Lookup of safety checkers on this machine: in a model's folder, or in one of their own.

Only the standard library is imported at load time, so that the bot may use it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from generation.catalog.entries import ModelUnavailable, find, hub_id

CLASS = "StableDiffusionSafetyChecker"
PARTS = ("safety_checker", "feature_extractor")
"""Folders of a diffusers model for the safety checker and its image preprocessing."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CheckerFiles:
    """The two folders of a checker, which may be the same."""

    network: Path
    """Folder of config.json and the weights."""
    preparation: Path
    """Folder of preprocessor_config.json."""


def checker_in(folder: Path) -> CheckerFiles | None:
    """Return the checker of a diffusers model folder; None if it has none."""
    network, preparation = (folder / part for part in PARTS)
    if not (network / "config.json").is_file():
        return None
    return CheckerFiles(network=network, preparation=preparation)


def locate_checker(name: str, models_dir: Path | None = None) -> CheckerFiles:
    """Return the files of a checker that is already on this machine; downloads nothing.

    `name` is a catalogue name, a hub id or a folder, of a checker or of a model that has one.
    Raises `ModelUnavailable` saying what is missing.
    """
    path, known = Path(name).expanduser(), find(name)
    if known is not None and known.repo is None:
        raise ModelUnavailable(f"{name} has no safety checker; choose a model with one: sd15.")
    folder = path if known is None and path.is_dir() else _fetched(name, models_dir)
    files = checker_in(folder) or CheckerFiles(network=folder, preparation=folder)
    if lacking := _lacking(files):
        raise ModelUnavailable(f"{name} is not a safety checker: it has no {lacking}.")
    return files


def _lacking(files: CheckerFiles) -> str | None:
    """Return the first thing that is missing for a complete checker; None if it is complete."""
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
