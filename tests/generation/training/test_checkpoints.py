"""Checkpoints on a disk that takes no more: the disk's own error, and what was there before."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from generation.training.checkpoints import disk_errors_raised, load_state, save_state

STATE = {"weights": torch.zeros(3000), "optimizer": {"step": 7, "moments": torch.ones(5000)}}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_at_any_byte_is_the_disks_own_error(tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    save_state(file, {"step": 1})
    whole = tmp_path / "whole.pt"
    save_state(whole, STATE)
    for size in range(0, whole.stat().st_size, 997):
        with largest_file(size), pytest.raises(OSError, match="File too large"):
            save_state(file, STATE)
        assert load_state(file) == {"step": 1}
        assert {each.name for each in tmp_path.iterdir()} == {"state.pt", "whole.pt"}


def test_a_model_that_may_not_become_so_large_is_the_disks_own_error(tmp_path: Path) -> None:
    weights = {"weights": torch.zeros(3000)}
    with largest_file(5000), pytest.raises(OSError, match="File too large"), disk_errors_raised():
        save_file(weights, tmp_path / "model.safetensors")


def test_other_errors_of_safetensors_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(SafetensorError), disk_errors_raised():
        load_file(tmp_path / "model.safetensors")
