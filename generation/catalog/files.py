"""Lookup of the files of models and editing UNets on this machine.

Nothing is downloaded.  Only the standard library is imported at load time, so that the bot may
use it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generation.catalog.entries import ModelUnavailable, find, hub_id
from generation.catalog.folder_kinds import INDEX, check_folder, read_settings
from generation.catalog.single_files import SUFFIX, identify, refuse_pickle

EMBEDDED = Path(__file__).parents[1] / "shapes" / "weights"
"""Diffusers folder of the model that comes with Konomi."""

NO_EDITOR = "off"
"""Option value for a model without an editing UNet."""
EDITOR = "edit"
"""Folder beside a model's own UNet, if the model comes with an editing UNet."""
UNET = "unet"
"""Folder in the repository of a model that only edits."""
EDITOR_CHANNELS = 8
"""Input channels: four of noisy latents and four of the latents of the image to be edited."""


def locate(name: str, models_dir: Path | None = None) -> Path:
    """Return the folder or .safetensors file of a model on this machine that Konomi runs.

    `name` is a catalogue name, a hub id, or a path; downloaded models are looked up in
    `models_dir`, or in the user's cache.  Raises `ModelUnavailable` saying what is missing, or
    what the file or folder is instead.
    """
    entry = find(name)
    if entry is not None and entry.repo is None:
        if (EMBEDDED / INDEX).is_file():
            return EMBEDDED
        raise ModelUnavailable(f"The weights of {entry.name} are missing; reinstall Konomi.")
    if entry is None and (found := _at_path(name)) is not None:
        return found
    # This file is downloaded last: if it is there, so is the rest.
    folder = _fetched(hub_id(name), INDEX, name, models_dir).parent
    check_folder(folder)
    return folder


def locate_parts(name: str, models_dir: Path | None = None) -> dict[str, Path]:
    """Return the folders or weight files of parts that a model takes from elsewhere."""
    entry = find(name)
    places: dict[str, Path] = {}
    for part, source in entry.parts.items() if entry else ():
        place = _fetched(source.repo, source.file or "config.json", name, models_dir)
        places[part] = place if source.file else place.parent
    return places


def locate_settings(name: str, models_dir: Path | None = None) -> Path | None:
    """Return the folder of a catalogue model's tokenizers and settings, weights or not.

    None if they are not on this machine.
    """
    index = cached(hub_id(name), INDEX, models_dir)
    return index.parent if index and (index.parent / "tokenizer").is_dir() else None


def locate_editor(
    name: str | None, model: str, folder: Path, models_dir: Path | None = None
) -> Path | None:
    """Return the folder of the editing UNet, with its config.json.

    name: as in `WorkerOptions.editor`; folder: the model's own.  Returns None if there is no editor
    and none was asked for by name.  Raises `ModelUnavailable` saying what is missing.
    """
    if name == NO_EDITOR:
        return None
    if name is None:
        own, entry = folder / EDITOR, find(model)
        if (own / "config.json").is_file():
            return own
        return _fetched_editor(entry.editor, models_dir) if entry and entry.editor else None
    path, entry = path_of(name), find(name)
    if entry is None and path.is_dir():
        return _editor_in(path, name)
    repo = entry.editor if entry and entry.editor else hub_id(name)
    found = _fetched_editor(repo, models_dir)
    if found is None:
        raise ModelUnavailable(
            f"The editing model {name} is not on this machine yet; "
            f"run: python -m generation fetch --only-editor {name}"
        )
    return _editor_in(found, name)


def path_of(name: str) -> Path:
    """Return a name as a path; raises ModelUnavailable for one that cannot be looked up."""
    try:
        path = Path(name).expanduser()
        path.exists()
    except RuntimeError:
        raise ModelUnavailable(f"There is no home folder for {name}.") from None
    except OSError as error:
        raise ModelUnavailable(f"{name} cannot be read: {error.strerror}.") from error
    return path


def _at_path(name: str) -> Path | None:
    """Return the model at a path; None if there is nothing and the name may be a hub id."""
    if name.startswith(("http://", "https://")):
        raise ModelUnavailable(
            f"{name} is an address: give the hub id, owner/name, or download the file and give "
            "its path."
        )
    path = path_of(name)
    try:
        if path.exists():
            _check(path)
            return path
    except OSError as error:
        raise ModelUnavailable(f"{name} cannot be read: {error.strerror}.") from error
    refuse_pickle(path)
    if path.suffix.lower() == SUFFIX or path.is_absolute():
        raise ModelUnavailable(f"There is no file {path}.")
    return None


def _check(path: Path) -> None:
    """Raise ModelUnavailable, with what helps, unless there is a model that Konomi runs."""
    if path.is_dir():
        check_folder(path)
    elif path.is_file():
        identify(path)
    else:
        raise ModelUnavailable(f"{path} is neither a file nor a folder.")


def _editor_in(folder: Path, name: str) -> Path:
    """Return the folder of the editing UNet in a folder; `ModelUnavailable` if it cannot edit."""
    for place in (folder, folder / EDITOR, folder / UNET):
        config = place / "config.json"
        if config.is_file() and read_settings(config).get("in_channels") == EDITOR_CHANNELS:
            return place
    raise ModelUnavailable(
        f"{name} cannot edit: it has no UNet with {EDITOR_CHANNELS} input channels. Choose a model "
        "that was trained like InstructPix2Pix."
    )


def _fetched(repo: str, file: str, name: str, models_dir: Path | None) -> Path:
    found = cached(repo, file, models_dir)
    if found is None:
        raise ModelUnavailable(
            f"{name} is not on this machine yet; run: python -m generation fetch {name}"
        )
    return found


def _fetched_editor(repo: str, models_dir: Path | None) -> Path | None:
    found = cached(repo, f"{UNET}/config.json", models_dir)
    return None if found is None else found.parent


def cached_folder(repo: str, files: Iterable[str], models_dir: Path | None = None) -> Path | None:
    """Return the folder of a repository in the hub's cache; None unless it has all the files."""
    found = [cached(repo, file, models_dir) for file in files]
    places = {file.parent for file in found if file is not None}
    return places.pop() if None not in found and len(places) == 1 else None


def cached(repo: str, file: str, models_dir: Path | None) -> Path | None:
    """Return a repository's file in the hub's cache; None if it was not downloaded."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, file, cache_dir=models_dir)
    return Path(found) if isinstance(found, str) else None
