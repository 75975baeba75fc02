"""Pictures from strangers are decoded in a process of their own, one for each, within limits.

Neither the bot nor the painter opens such a file before it has come out of there as a plain
PNG.  A decoder that a picture crashes, or that it holds up, takes nothing else with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from generation.images.faults import BadPicture, Fault

log = logging.getLogger(__name__)

SECONDS = 4
"""Of a processor.  Not of the clock: a painter at work beside it is no fault of the picture."""
MEMORY = 512 * 2**20
"""Bytes, the interpreter included; the pixels that may be read need less in any format."""
PATIENCE = 20.0
"""Seconds by the clock, after which the machine is too busy, or something is stuck."""
LAST_WORDS = 2000

ROOT = Path(__file__).parents[2]


async def decode(source: Path, target: Path) -> None:
    """Write what `source` shows to the new file `target`: an RGB PNG without metadata.

    What that picture is, `clean_picture` says.  Raises `BadPicture`; `target` may be left
    half written then.  Linux holds to all limits; macOS to those of time alone.
    """
    process = await asyncio.create_subprocess_exec(
        *command(source, target),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        # Nothing of our surroundings, the token least of all.
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            status = await process.wait()
            said = await process.stderr.read() if process.stderr else b""
    except TimeoutError:
        raise BadPicture(Fault.TOO_SLOW) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if fault := fault_of(status):
        if status != fault:
            log.warning("a decoder ended with status %d: %r", status, said[-LAST_WORDS:])
        raise BadPicture(fault)


def command(source: Path, target: Path) -> list[str]:
    """What is run to clean a file; `-P`: from our own folder, whichever this is run in."""
    program = [sys.executable, "-P", "-m", "generation.images.sanitize"]
    return [*program, str(SECONDS), str(MEMORY), str(source), str(target)]


def fault_of(status: int) -> Fault | None:
    """What is wrong with a picture whose decoder ended with this status; None: nothing."""
    if status == 0:
        return None
    if status == -signal.SIGXCPU:
        return Fault.TOO_SLOW
    if status == -signal.SIGKILL:  # by the system, which does so where memory runs out
        return Fault.TOO_LARGE
    return next((fault for fault in Fault if fault == status), Fault.BROKEN)
