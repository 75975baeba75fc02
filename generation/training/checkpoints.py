"""Checkpoints on disk: written whole or not at all."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def save_state(file: Path, state: Mapping[str, Any]) -> None:
    """Write tensors and plain values, in place of what the file held before."""
    partial = file.with_name(file.name + ".partial")
    with partial.open("wb") as opened:
        torch.save(dict(state), opened)
        opened.flush()
        os.fsync(opened.fileno())
    partial.replace(file)
    _sync(file.parent)


def load_state(file: Path) -> dict[str, Any] | None:
    """Read what `save_state` wrote; None if there is none that can be read."""
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except (FileNotFoundError, EOFError, RuntimeError, pickle.UnpicklingError):
        return None
    return state


def save_json(file: Path, values: Mapping[str, Any]) -> None:
    """Write JSON, in place of what the file held before."""
    partial = file.with_name(file.name + ".partial")
    with partial.open("w", encoding="utf-8") as opened:
        json.dump(values, opened, indent=1, ensure_ascii=False)
        opened.flush()
        os.fsync(opened.fileno())
    partial.replace(file)
    _sync(file.parent)


def load_json(file: Path) -> dict[str, Any] | None:
    """Read what `save_json` wrote; None if there is none."""
    try:
        values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return values


def put_folder(written: Path, place: Path) -> None:
    """Move a folder that has been written whole to its place, instead of what is there."""
    shutil.rmtree(place, ignore_errors=True)
    written.replace(place)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    """Have a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
