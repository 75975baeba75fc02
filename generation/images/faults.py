"""Limits on uploaded pictures, and the reasons for refusing one."""

from __future__ import annotations

import enum

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 32_000_000
MAX_WEBP_PIXELS = 28_000_000
"""Limit for WebP, whose decoder holds each pixel three times besides ours."""


class Fault(enum.IntEnum):
    """Reason for refusing a file; also the exit status of the process that examined it."""

    NO_PICTURE = 65
    BROKEN = 66
    TOO_LARGE = 67
    TOO_SLOW = 68


_SENTENCES = {
    Fault.NO_PICTURE: "This is no PNG, JPEG, WebP or GIF picture.",
    Fault.BROKEN: "The picture is damaged or cut off.",
    Fault.TOO_LARGE: (
        f"The picture is too large; it may have {MAX_PIXELS // 1_000_000} million pixels, "
        f"a WebP {MAX_WEBP_PIXELS // 1_000_000} million, in {MAX_BYTES // 2**20} MiB."
    ),
    Fault.TOO_SLOW: "Reading the picture takes too long.",
}


class BadPicture(Exception):
    """A file cannot be used as a picture; the message is a sentence that says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(_SENTENCES[fault])
        self.fault = fault
