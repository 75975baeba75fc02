"""A process that takes consent back, and kills itself at the n-th thing that it does to the disk.

    python -m tests.storage.revoking DATA_DIR MEMBER POINT

Prints each thing before it is done: SQL statements, and the removal of files and folders.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

from storage.store import open_store

REMOVALS = ("os.remove", "shutil.rmtree")


async def main(data_dir: Path, member_id: int, point: int) -> None:
    numbers = itertools.count()

    def about_to(what: str) -> None:
        print(" ".join(what.split())[:80], flush=True)
        if next(numbers) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[Any, ...]) -> None:
        if event in REMOVALS and str(arguments[0]).startswith(str(data_dir)):
            about_to(f"{event} {Path(str(arguments[0])).relative_to(data_dir)}")

    async with open_store(data_dir) as store:
        await store._database._connection.set_trace_callback(about_to)
        sys.addaudithook(audited)
        for revocation in await store.revocations.revoke(member_id):
            await store.revocations.clean(revocation)
            await store.revocations.done(revocation.id)
        print("done", flush=True)
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
