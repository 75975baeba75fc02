"""Adapters on the command line: files with their strengths, and a folder that prompts may call."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from generation.adapter_files.kinds import ALONE, PAIR, is_embedding
from generation.catalog.headers import read_header
from generation.protocol.requests import Adapter, Axis
from generation.requests.called_adapters import key_of, names_in, tags_in, unknown, whole_word

SUFFIX = ".safetensors"


def add_adapters(command: argparse.ArgumentParser) -> None:
    """Add the options that name adapters."""
    command.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="FILE[:STRENGTH]",
        help="LoRA with its strength, -2 to 2 (default: 1), or embedding, which the prompt calls "
        "by its name; can be repeated",
    )
    command.add_argument(
        "--adapters-dir",
        type=Path,
        help="folder of adapters that the prompt can call: <lora:NAME:0.8>, or an embedding's NAME",
    )


def adapters_of(
    arguments: argparse.Namespace, axes: Sequence[Axis]
) -> tuple[tuple[Adapter, ...], tuple[Adapter, ...]]:
    """Return the adapters that act, and those of the folder that a prompt calls.

    Raises `Refused` for a call of none, OSError for a file that cannot be read.
    """
    if not arguments.adapter and arguments.adapters_dir is None:
        return (), ()
    files = _files_in(arguments.adapters_dir)
    acting = tuple(_given(word, files) for word in arguments.adapter)
    names = {key_of(adapter.name): adapter.name for adapter in acting}
    others = {key: path for key, path in files.items() if key not in names}
    names |= {key: path.stem for key, path in others.items()}
    pieces = (axis.values for axis in axes if axis.parameter == "prompt")
    prompts = [arguments.prompt, *map(str, chain(*pieces))]
    for tag in chain(*map(tags_in, prompts)):
        if key_of(tag.name) not in names:
            raise unknown(tag.name, names.values())
    prompts.append(arguments.negative)
    called = set().union(*map(names_in, prompts))
    found = [
        _adapter(path) for key, path in others.items() if key in called or _is_word(path, prompts)
    ]
    embeddings = (adapter for adapter in found if adapter.embedding)
    return (*acting, *embeddings), tuple(each for each in found if not each.embedding)


def split_strength(word: str) -> tuple[Path, float]:
    """Split FILE:STRENGTH; a colon that is not before a number is a part of the file's name."""
    file, colon, number = word.rpartition(":")
    if colon and file and not Path(word).exists():
        try:
            return Path(file), float(number)
        except ValueError:
            pass
    return Path(word), 1.0


def _files_in(folder: Path | None) -> dict[str, Path]:
    """Return the files of a folder and of those within it, by what prompts call them."""
    if folder is None:
        return {}
    list(folder.iterdir())  # rglob says nothing of a folder that is not there
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() == SUFFIX)
    return {key_of(path.stem): path for path in reversed(found)}


def _given(word: str, files: dict[str, Path]) -> Adapter:
    """Return the adapter of an option: a file, or the name of one in the folder."""
    path, strength = split_strength(word)
    if not path.exists():
        path = files.get(key_of(path.name), path)
    return _adapter(path, strength)


def _adapter(path: Path, strength: float = 1.0) -> Adapter:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Adapter(
        path=path,
        digest=digest,
        strength=strength,
        name=path.stem[:100],
        embedding=bool(_tokens_of(path)),
    )


def _is_word(path: Path, prompts: Iterable[str]) -> bool:
    """Return True if a file is an embedding and a prompt has its name, or its token."""
    text = "\n".join(prompts)
    return any(
        re.search(whole_word(word), text, re.IGNORECASE) is not None for word in _tokens_of(path)
    )


def _tokens_of(path: Path) -> list[str]:
    """Return the words that an embedding's file stands for; none of any other file."""
    header = read_header(path)
    if header is None or not is_embedding(header):
        return []
    return [path.stem, *(name for name in header.tensors if name not in {ALONE, *PAIR})]
