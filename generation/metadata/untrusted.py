"""Read the record in a stranger's file, which is opened in a process of its own.

That process prints the texts in the file; no more than a bounded length of them gets here.
"""

from __future__ import annotations

import json
from pathlib import Path

from generation.images.sandbox import run, within_limits
from generation.metadata.a1111 import ForeignRecord
from generation.metadata.chunks import MOST_CHARACTERS, NAMES
from generation.metadata.record import Record, read_texts
from generation.protocol.problems import Code
from generation.requests.refused import Refused

MOST_BYTES = 6 * MOST_CHARACTERS * (len(NAMES) + 1)
"""A little more than the longest texts as JSON, in which a character may take six bytes."""

UNREADABLE = (Code.PICTURE_BROKEN, Code.PICTURE_TOO_LARGE, Code.PICTURE_TOO_SLOW)


async def read_untrusted(path: Path) -> Record | ForeignRecord:
    """Read the record in an untrusted picture's file.  Raises `Refused`."""
    try:
        printed = await run(within_limits("generation.metadata.texts", path), MOST_BYTES)
    except Refused as error:
        if error.problem.code in UNREADABLE:
            raise Refused(Code.RECORD_UNREADABLE, field="file") from error
        raise
    return read_texts(json.loads(printed))
