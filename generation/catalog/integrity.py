"""Check that a model's files are complete, by reading only its folder and file headers.

Standard library only, because the doctor runs this in the bot's process.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

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
    parts = [name for name, kind in index.items() if isinstance(kind, list) and kind[0]]
    return [
        fault for part in parts for fault in _faults_of_part(part, elsewhere.get(part, path / part))
    ]


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
            yield f"The part {name} has no .safetensors file."
        for file in weights:
            yield from _faults_of_file(file)
        for shards in sorted(folder.glob("*.safetensors.index.json")):
            named = json.loads(shards.read_text(encoding="utf-8"))["weight_map"].values()
            missing = sorted(set(named) - {file.name for file in weights})
            yield from (f"{name}/{shard} is missing." for shard in missing)


def _faults_of_file(file: Path) -> Iterator[str]:
    """Check the length, the JSON header and the tensors' extent of a .safetensors file."""
    with file.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        try:
            # The format limits headers to 100 MB.
            header = json.loads(stream.read(length)) if 0 < length <= 100_000_000 else None
        except ValueError:
            header = None
    if not isinstance(header, dict):
        yield f"{file.name} is not a .safetensors file."
        return
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    expected = 8 + length + max(ends, default=0)
    if file.stat().st_size != expected:
        yield f"{file.name} has {file.stat().st_size} bytes, not {expected}: download it again."
