"""Examine each adapter from a stranger in a process of its own, within limits.

Neither the bot nor the generator opens such a file before; what comes out is an account, or the
problem with the file.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from generation.adapter_files.account import AdapterAccount
from generation.images.sandbox import ended, program_within
from generation.protocol.problems import Code, Problem
from generation.requests.refused import Refused

log = logging.getLogger(__name__)

SECONDS = 20
"""CPU seconds; a file of the largest size takes a few."""
MEMORY = 384 * 2**20
"""Bytes, the interpreter included; the longest header that is read needs less than half."""
PATIENCE = 120.0
"""Seconds of wall time."""
MOST_PRINTED = 2**16
"""Bytes of the account, whose texts are short."""


async def examine_untrusted(path: Path, name: str) -> AdapterAccount:
    """Examine a stranger's adapter, which members call `name`; raises `Refused`."""
    program = program_within("generation.adapter_files.examination", SECONDS, MEMORY, path)
    try:
        end = await ended(program, MOST_PRINTED, PATIENCE)
    except TimeoutError:
        raise Refused(Code.ADAPTER_UNCHECKED, name=name) from None
    if end.status:
        log.warning("an examination ended with status %d: %r", end.status, end.said)
        raise Refused(Code.ADAPTER_UNCHECKED, name=name)
    try:
        return _read(json.loads(end.printed), name)
    except (ValueError, TypeError) as error:
        log.warning("an examination printed what is no account: %s", error)
        raise Refused(Code.ADAPTER_UNCHECKED, name=name) from error


def _read(found: dict[str, Any], name: str) -> AdapterAccount:
    if "problem" in found:
        problem = Problem.load(json.dumps(found["problem"]))
        if problem is None:
            raise ValueError("not a problem")
        raise Refused(problem.code, **{**problem.values, "name": name})
    return AdapterAccount(**found["account"])
