"""Limits on uploaded pictures, the problems with one, and their exit statuses."""

from __future__ import annotations

from generation.protocol.problems import Code
from generation.requests.refused import Refused

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 32_000_000
MAX_WEBP_PIXELS = 28_000_000
"""Limit for WebP, whose decoder holds each pixel three times besides ours."""


STATUSES = {
    Code.NO_PICTURE: 65,
    Code.PICTURE_BROKEN: 66,
    Code.PICTURE_TOO_LARGE: 67,
    Code.PICTURE_TOO_SLOW: 68,
    Code.FILE_TOO_LARGE: 69,
}
"""Exit status of the process that examined a file, by what is wrong with it."""


def refused(code: Code) -> Refused:
    """Return the refusal of a file, with the values of its problem."""
    match code:
        case Code.PICTURE_TOO_LARGE:
            most, webp = MAX_PIXELS // 10**6, MAX_WEBP_PIXELS // 10**6
            return Refused(Code.PICTURE_TOO_LARGE, most=most, webp=webp)
        case Code.FILE_TOO_LARGE:
            return Refused(Code.FILE_TOO_LARGE, most=MAX_BYTES // 2**20)
        case _:
            return Refused(code)
