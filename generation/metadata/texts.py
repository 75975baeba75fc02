"""The program that opens a stranger's file for the texts in it, apart from everything else.

`python -m generation.metadata.texts SECONDS BYTES SOURCE` prints them as JSON, by their names,
within limits of time and memory; `generation.metadata.untrusted` calls it.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path

from generation.images.faults import STATUSES
from generation.images.limits import limit
from generation.metadata.chunks import HEAD, MOST_CHARACTERS, texts_in
from generation.protocol.problems import Code


def main(seconds: str, size: str, source: str) -> int:
    """Print the texts in one file within limits; return 0 or one of `STATUSES`."""
    limit(int(seconds), int(size))
    warnings.simplefilter("ignore")
    logging.disable()
    try:
        with Path(source).open("rb") as file:
            texts = texts_in(file.read(HEAD))
        # One character too many is enough to be refused.
        kept = {name: text[: MOST_CHARACTERS + 1] for name, text in texts.items()}
        sys.stdout.buffer.write(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
    except MemoryError:
        return STATUSES[Code.PICTURE_TOO_LARGE]
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
