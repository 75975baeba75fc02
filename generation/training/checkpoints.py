"""Checkpoints on disk: written whole or not at all."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError


def save_state(file: Path, state: Mapping[str, Any]) -> None:
    """Write tensors and plain values, in place of what the file held before; raises `OSError`."""
    with _replaced(file) as opened:
        try:
            torch.save(dict(state), opened)
        except RuntimeError as error:
            # PyTorch goes on to close its archive, and tells of that failure instead of the disk's.
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


@contextmanager
def disk_errors_raised() -> Iterator[None]:
    """Raise an `OSError` for what safetensors says of the disk, which it only says in words."""
    try:
        yield
    except SafetensorError as error:
        said = re.search(r"\(os error (\d+)\)", str(error))
        if said is None:
            raise
        number = int(said[1])
        raise OSError(number, os.strerror(number)) from error


def load_state(file: Path) -> dict[str, Any] | None:
    """Read what `save_state` wrote; None if there is none that can be read."""
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except (FileNotFoundError, EOFError, RuntimeError, pickle.UnpicklingError):
        return None
    return state


def save_json(file: Path, values: Mapping[str, Any]) -> None:
    """Write JSON, in place of what the file held before."""
    with _replaced(file) as opened:
        opened.write(json.dumps(values, indent=1, ensure_ascii=False).encode())


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


@contextmanager
def _replaced(file: Path) -> Iterator[BinaryIO]:
    """Open a file to write that takes the place of `file` once it is whole; none stays half."""
    partial = file.with_name(file.name + ".partial")
    try:
        with partial.open("wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)  # it may be what fills the disk
        raise
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Have a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
