"""Check of the caption model that proposes captions for training pictures."""

from __future__ import annotations

from collections.abc import Iterator

from bot.host.check import CheckResult, good, notice
from generation.catalog import integrity
from generation.catalog.captioners import check_captioner, locate_captioner
from generation.catalog.entries import ModelUnavailable

SUBJECT = "caption model"
GIGABYTE = 1e9


def look_at_captioner(name: str | None) -> Iterator[CheckResult]:
    """Check the files of the caption model, if the host has set one."""
    if name is None:
        return
    try:
        folder = locate_captioner(name)
        kind = check_captioner(folder, name)
        size = integrity.size(folder) / GIGABYTE
    except ModelUnavailable as error:
        yield notice(SUBJECT, f"{error} Until then, captions are templates.")
    except OSError as error:
        yield notice(SUBJECT, f"{error.filename or name} cannot be read: {error.strerror}.")
    else:
        yield good(
            SUBJECT,
            f"{name}, {kind}, {size:.2f} GB of weights; it proposes captions for training "
            "pictures, and is in memory only while it does.",
        )
