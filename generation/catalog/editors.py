"""Lookup of editing UNets: the one that goes with a model, and its files on this machine.

Only the standard library is imported at load time, so that the bot may use it.
"""

from __future__ import annotations

import json
from pathlib import Path

from generation.catalog.entries import ModelUnavailable, find, hub_id

OFF = "off"
"""Option value for a model without an editing UNet."""
FOLDER = "edit"
"""Folder beside a model's own UNet, if the model comes with an editing UNet."""
UNET = "unet"
"""Folder in the repository of a model that only edits."""
CHANNELS = 8
"""Input channels: four of noisy latents and four of the latents of the image to be edited."""


def locate_editor(
    wish: str | None, model: str, folder: Path, models_dir: Path | None = None
) -> Path | None:
    """Return the folder of the editing UNet, with its config.json; downloads nothing.

    wish: as in `WorkerOptions.editor`; folder: the model's own.  Returns None if there is no editor
    and none was asked for by name.  Raises `ModelUnavailable` saying what is missing.
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
            f"The editing model {wish} is not on this machine yet; "
            f"run: python -m generation fetch --only-editor {wish}"
        )
    return _editing(found, wish)


def _editing(folder: Path, name: str) -> Path:
    """Return the folder of the editing UNet in a folder; `ModelUnavailable` if it cannot edit."""
    for place in (folder, folder / FOLDER, folder / UNET):
        if (place / "config.json").is_file():
            config = json.loads((place / "config.json").read_text(encoding="utf-8"))
            if config.get("in_channels") == CHANNELS:
                return place
    raise ModelUnavailable(
        f"{name} cannot edit: it has no UNet with {CHANNELS} input channels. Choose a model that "
        "was trained like InstructPix2Pix."
    )


def _fetched(repo: str, models_dir: Path | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, f"{UNET}/config.json", cache_dir=models_dir)
    return Path(found).parent if isinstance(found, str) else None
