"""UNets that edit: which one goes with a model, and where it lies on this machine.

Standard library alone at import time, so that the bot may look, too.
"""

from __future__ import annotations

import json
from pathlib import Path

from generation.catalog.entries import ModelUnavailable, find, hub_id

OFF = "off"
"""Named where a model is to go without."""
FOLDER = "edit"
"""Beside a model's own UNet, where it brings one that edits."""
UNET = "unet"
"""In a repository or folder of a model that only edits."""
CHANNELS = 8
"""Four of the noise and four of the picture that is edited."""


def locate_editor(
    wish: str | None, model: str, folder: Path, models_dir: Path | None = None
) -> Path | None:
    """The folder of the UNet that edits, config.json within; downloads nothing.

    wish: as in `WorkerOptions.editor`; folder: the model's own.  What no one asked for by name
    may be missing: then None.  `ModelUnavailable` says what is.
    """
    if wish == OFF:
        return None
    if wish is None:
        own, known = folder / FOLDER, find(model)
        if (own / "config.json").is_file():
            return own
        return _fetched(known.editor, models_dir) if known and known.editor else None
    path, known = Path(wish).expanduser(), find(wish)
    if known is None and path.is_dir():
        return _editing(path, wish)
    repo = known.editor if known and known.editor else hub_id(wish)
    found = _fetched(repo, models_dir)
    if found is None:
        raise ModelUnavailable(
            f"The model {wish} that edits is not on this machine yet; "
            f"run: python -m generation fetch --only-editor {wish}"
        )
    return _editing(found, wish)


def _editing(folder: Path, name: str) -> Path:
    """A UNet's own folder, or that of a model which has one; `ModelUnavailable` if none edits."""
    for place in (folder, folder / FOLDER, folder / UNET):
        if (place / "config.json").is_file():
            config = json.loads((place / "config.json").read_text(encoding="utf-8"))
            if config.get("in_channels") == CHANNELS:
                return place
    raise ModelUnavailable(
        f"{name} does not edit: it has no UNet of {CHANNELS} input channels. Name a model that "
        "was trained as InstructPix2Pix was."
    )


def _fetched(repo: str, models_dir: Path | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, f"{UNET}/config.json", cache_dir=models_dir)
    return Path(found).parent if isinstance(found, str) else None
