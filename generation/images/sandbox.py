"""Decode each untrusted upload in a process of its own, within limits.

Neither the bot nor the generator opens such a file before it has come out of there as a plain PNG.
A decoder that crashes or hangs on it affects nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from generation.images.faults import STATUSES, refused
from generation.protocol.problems import Code

log = logging.getLogger(__name__)

SECONDS = 4
"""CPU seconds, not wall time, so that a busy machine does not fail a decoder."""
MEMORY = 512 * 2**20
"""Bytes, the interpreter included; the allowed pixels need less in any format."""
PATIENCE = 20.0
"""Seconds of wall time, after which the machine is too busy or the process is stuck."""
LAST_WORDS = 2000

ROOT = Path(__file__).parents[2]


async def decode(source: Path, target: Path) -> None:
    """Sanitise the image in `source` to the new file `target`: an RGB PNG without metadata.

    See `clean_picture` for details.  Raises `Refused`, which may leave `target` half written.
    Linux enforces all limits; macOS only those of time.
    """
    process = await asyncio.create_subprocess_exec(
        *command(source, target),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        # Nothing from our environment, least of all the token.
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            status = await process.wait()
            said = await process.stderr.read() if process.stderr else b""
    except TimeoutError:
        raise refused(Code.PICTURE_TOO_SLOW) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if code := code_of(status):
        if status != STATUSES[code]:
            log.warning("a decoder exited with status %d: %r", status, said[-LAST_WORDS:])
        raise refused(code)


def command(source: Path, target: Path) -> list[str]:
    """Return the command that sanitises a file; `-P` keeps the current folder off its path."""
    program = [sys.executable, "-P", "-m", "generation.images.sanitize"]
    return [*program, str(SECONDS), str(MEMORY), str(source), str(target)]


def code_of(status: int) -> Code | None:
    """Return the problem that this exit status stands for; None for success."""
    if status == 0:
        return None
    if status == -signal.SIGXCPU:
        return Code.PICTURE_TOO_SLOW
    if status == -signal.SIGKILL:  # by the system, when memory runs out
        return Code.PICTURE_TOO_LARGE
    known = (code for code, exit_status in STATUSES.items() if exit_status == status)
    return next(known, Code.PICTURE_BROKEN)
