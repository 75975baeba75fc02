"""Check that a model's files are complete, by reading only its folder and file headers.

Standard library only, because the doctor runs this in the bot's process.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from generation.catalog.entries import HUB_ID, ModelUnavailable, find
from generation.catalog.file_formats import PICKLED, fault_of
from generation.catalog.headers import read_header

WEIGHTED = ("text_encoder", "text_encoder_2", "unet", "vae", "safety_checker")
"""Parts of a diffusers folder that have weights; the others are small text files."""


NOWHERE: Mapping[str, Path] = {}


def faults(path: Path, elsewhere: Mapping[str, Path] = NOWHERE) -> list[str]:
    """Return what is missing or truncated in a diffusers folder or .safetensors file, as sentences.

    `elsewhere` gives the paths of parts that come from other folders or files.
    """
    if path.is_file():
        return list(_faults_of_file(path))
    try:
        index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
    except ValueError:
        return [f"{path / 'model_index.json'} is not JSON."]
    # A part that a model does not have is written as [null, null].
    parts = [name for name, kind in index.items() if isinstance(kind, list) and any(kind)]
    return [
        fault for part in parts for fault in _faults_of_part(part, elsewhere.get(part, path / part))
    ]


def check(name: str, path: Path, elsewhere: Mapping[str, Path] = NOWHERE) -> None:
    """Raise ModelUnavailable, with what helps, if the files of a model are not whole."""
    if found := faults(path, elsewhere):
        fetched = find(name) is not None or (HUB_ID.fullmatch(name) and not Path(name).exists())
        cure = f"Run: python -m generation fetch {name}" if fetched else "Or choose another model."
        raise ModelUnavailable(f"{name} cannot be loaded: {' '.join(found)} {cure}")


def size(*places: Path) -> int:
    """Return the total bytes of the weights in folders and files."""
    return sum(
        file.stat().st_size
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*.safetensors"))
    )


def _faults_of_part(name: str, folder: Path) -> Iterator[str]:
    if folder.is_file():
        yield from _faults_of_file(folder)
    elif not folder.is_dir():
        yield f"The part {name} is missing."
    elif name in WEIGHTED:
        weights = sorted(folder.glob("*.safetensors"))
        if not weights:
            pickled = any(file.suffix in PICKLED for file in folder.iterdir())
            what = "is a pickle, which could run code, and" if pickled else "has no weights, or"
            yield f"The part {name} {what} no .safetensors file."
        yield from faults_of_weights(folder, name)


def faults_of_weights(folder: Path, name: str) -> Iterator[str]:
    """Yield what is wrong with the .safetensors files of a folder, and which shards are missing."""
    weights = sorted(folder.glob("*.safetensors"))
    for file in weights:
        yield from _faults_of_file(file)
    for shards in sorted(folder.glob("*.safetensors.index.json")):
        missing = sorted(_shards(shards) - {file.name for file in weights})
        yield from (f"{name}/{shard} is missing." for shard in missing)


def _shards(index: Path) -> set[str]:
    """Return the names of the files that an index of shards lists."""
    try:
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return {f"{index.name} (or its list of files)"}


def _faults_of_file(file: Path) -> Iterator[str]:
    """Check the format of a .safetensors file, and the tensors' extent against its length."""
    header = read_header(file)
    if header is None:
        yield f"{file.name} {fault_of(file)}."
    elif file.stat().st_size != header.expected_bytes:
        yield (
            f"{file.name} has {file.stat().st_size} bytes, not {header.expected_bytes}: "
            "download it again."
        )
