"""Limits that a process which opens an untrusted file sets on itself first."""

from __future__ import annotations

import contextlib
import resource

from generation.images.faults import MAX_BYTES


def limit(seconds: int, size: int) -> None:
    """Limit this process's CPU seconds and bytes of memory.

    macOS has no limit on memory; there, only the limits on pixels apply.
    """
    most = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),  # a signal, and a second later the end
        resource.RLIMIT_AS: (size, size),
        resource.RLIMIT_FSIZE: (MAX_BYTES, MAX_BYTES),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, limits in most.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, limits)
