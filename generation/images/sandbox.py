"""Open each untrusted upload in a process of its own, within limits.

Neither the bot nor the generator opens such a file: what comes out of there is a plain PNG, or
texts.  A process that crashes or hangs on it affects nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
MOST_MEASURED = 4096
"""Bytes of what is measured of one picture."""
BLOCK = 1 << 16

ROOT = Path(__file__).parents[2]


async def decode(source: Path, target: Path) -> None:
    """Sanitise the image in `source` to the new file `target`: an RGB PNG without metadata.

    See `clean_picture` for details.  Raises `Refused`, which may leave `target` half written.
    Linux enforces all limits; macOS only those of time.
    """
    await run(command(source, target))


async def measure(pictures: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what `generation.images.inspection` measures of each picture.

    They share a process, most of whose time goes into its start.  Raises `Refused` if one of them
    cannot be measured.
    """
    count = len(pictures)
    program = program_within("generation.images.inspection", SECONDS * count, MEMORY, *pictures)
    printed = await run(program, MOST_MEASURED * count, PATIENCE * count)
    return [json.loads(line) for line in printed.splitlines()]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """The end of a process: its exit status, and what it said."""

    status: int
    printed: bytes
    """The beginning of its output."""
    said: bytes
    """The end of its errors."""


async def run(program: Sequence[str], most: int = 0, patience: float = PATIENCE) -> bytes:
    """Run a program on untrusted files; return what it prints, of which `most` bytes are kept.

    Raises `Refused`, also if it prints more.
    """
    try:
        end = await ended(program, most, patience)
    except TimeoutError:
        raise refused(Code.PICTURE_TOO_SLOW) from None
    if code := code_of(end.status):
        if end.status != STATUSES[code]:
            log.warning("a decoder exited with status %d: %r", end.status, end.said)
        raise refused(code)
    if len(end.printed) > most:
        log.warning("a decoder printed more than %d bytes", most)
        raise refused(Code.PICTURE_BROKEN)
    return end.printed


async def ended(program: Sequence[str], most: int, patience: float = PATIENCE) -> End:
    """Run a program on an untrusted file to its end; raises TimeoutError after so many seconds.

    Of its output one byte more than `most` is kept.
    """
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        # Nothing from our environment, least of all the token.
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    if process.stdout is None or process.stderr is None:
        raise RuntimeError("a process was started without its pipes")
    try:
        async with asyncio.timeout(patience):
            # Both are read to their ends, or a process that says much would wait for ever.
            printed, said = await asyncio.gather(
                _read(process.stdout, first=most + 1), _read(process.stderr, last=LAST_WORDS)
            )
            return End(status=await process.wait(), printed=printed, said=said)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _read(stream: asyncio.StreamReader, *, first: int = 0, last: int = 0) -> bytes:
    """Read a stream to its end, but keep only its first or last bytes."""
    kept = b""
    while block := await stream.read(BLOCK):
        kept = (kept + block)[:first] if first else (kept + block)[-last:]
    return kept


def command(source: Path, target: Path) -> list[str]:
    """Return the command that sanitises a file."""
    return within_limits("generation.images.sanitize", source, target)


def within_limits(module: str, *files: Path) -> list[str]:
    """Return the command for a module that reads pictures, within limits."""
    return program_within(module, SECONDS, MEMORY, *files)


def program_within(module: str, seconds: int, memory: int, *files: Path) -> list[str]:
    """Return the command for a module within limits; `-P` keeps the current folder off its path."""
    program = [sys.executable, "-P", "-m", module]
    return [*program, str(seconds), str(memory), *map(str, files)]


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
