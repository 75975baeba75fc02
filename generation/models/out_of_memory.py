"""Errors of torch and Python that mean that memory ran out."""

from __future__ import annotations

import torch


def ran_out_of_memory(error: Exception) -> bool:
    """Return True if a device's memory, or main memory, was too small."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
