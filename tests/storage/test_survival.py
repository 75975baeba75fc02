"""Acknowledged writes survive when the process is killed without warning."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import DataFolderBusy
from storage.store import open_store
from tests.storage.painting import SERVER, begin_board

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from pathlib import Path
from storage.store import open_store
from tests.storage.painting import SERVER, begin_board, paint

async def main():
    async with open_store(Path(sys.argv[1])) as store:
        board = await begin_board(store)
        while True:
            painting, images = await paint(store, board, count=1)
            print("round", painting.id, *(image.digest for image in images), flush=True)
            vote = await store.ratings.press(SERVER, images[0].id, 1, 1)
            print("like", images[0].id, vote.value, flush=True)

asyncio.run(main())
"""


def start_writer(data_dir: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(data_dir)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )


def kill_after(writer: subprocess.Popen[bytes], lines: int, seconds: float) -> list[list[str]]:
    """Let it acknowledge a few things, wait a moment, kill it; returns all it acknowledged."""
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(lines)]
    try:
        writer.wait(seconds)
    except subprocess.TimeoutExpired:
        writer.send_signal(signal.SIGKILL)
    said += writer.stdout.read().splitlines(keepends=True)
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL
    # A line that was cut off was not said.
    return [line.decode().split() for line in said if line.endswith(b"\n")]


async def test_everything_acknowledged_survives_a_kill(data_dir: Path) -> None:
    rng = random.Random(9)
    said = []
    for _ in range(6):
        writer = await asyncio.to_thread(start_writer, data_dir)
        said += await asyncio.to_thread(
            kill_after, writer, rng.randrange(1, 8), rng.uniform(0, 0.05)
        )

    assert len(said) > 12
    # Opening checks the database's integrity by itself.
    async with open_store(data_dir) as store:
        for kind, number, *details in said:
            if kind == "round":
                images = await store.images.of_round(int(number))
                assert [image.digest for image in images] == details
                for digest in details:
                    store.files.settle(store.files.path(digest), digest)
            else:
                (rating,) = await store.ratings.of_image(int(number))
                assert rating.value == int(details[0])


async def test_two_bots_cannot_open_the_same_folder(data_dir: Path) -> None:
    async with open_store(data_dir):
        with pytest.raises(DataFolderBusy, match=f"process {os.getpid()}.*stop that one first"):
            async with open_store(data_dir):
                pass
    async with open_store(data_dir):
        pass


async def test_a_killed_bot_does_not_keep_its_folder(data_dir: Path) -> None:
    writer = await asyncio.to_thread(start_writer, data_dir)
    assert writer.stdout is not None
    await asyncio.to_thread(writer.stdout.readline)
    with pytest.raises(DataFolderBusy, match=f"process {writer.pid}"):
        async with open_store(data_dir):
            pass
    await asyncio.to_thread(kill_after, writer, 0, 0)

    async with open_store(data_dir) as store:
        assert (await begin_board(store)).server_id == SERVER


async def test_the_data_folder_is_private(data_dir: Path) -> None:
    async with open_store(data_dir):
        pass
    mode = (await asyncio.to_thread(data_dir.stat)).st_mode
    assert mode & 0o077 == 0
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x4B6F6E6F,)
