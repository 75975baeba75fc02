"""A disk that is full for some seconds: what was promised is done, what was not is refused."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .konomi import PAINTED, imagine, konomi_process, painted, rounds, unfinished
from .people import words
from .process import BotProcess
from .redirect import Certificates
from .server import LoopbackDiscord

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MIB = 2**20
SECONDS = 4.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A data folder on a disk of its own; skips where none can be mounted."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def bot(
    discord: LoopbackDiscord,
    certificates: Certificates,
    tmp_path: Path,
    small_disk: Path,
) -> AsyncIterator[BotProcess]:
    # The model that comes with Konomi: its pictures are written as those of any other.
    async with konomi_process(discord, certificates, tmp_path, Path("shapes")) as konomi:
        await konomi.start()
        await discord.until(lambda: "painting with" in konomi.said(), PAINTED)
        yield konomi


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave no room at all on the disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MIB, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    yield
    filler.unlink()


async def well_again(discord: LoopbackDiscord) -> None:
    """Wait until nothing is under way any more; that may take a minute."""
    await discord.until(lambda: not unfinished(discord), 60)
    await asyncio.sleep(2)


@pytest.mark.parametrize("after", [0.0, 0.5, 1.5])
async def test_a_disk_full_in_mid_job_loses_nothing(
    bot: BotProcess, small_disk: Path, after: float
) -> None:
    discord = bot.discord
    asked = await imagine(discord.person("alice"), "a star", steps=60, count=4)
    message = discord.original(asked)
    await asyncio.sleep(after)
    with full(small_disk):
        await asyncio.sleep(SECONDS)
    await well_again(discord)
    assert len(rounds(discord, "a star")) == 1, words(message)
    assert "Traceback" not in "".join(words(each) for each in discord.by_bot())


async def test_a_disk_full_at_the_start_is_told_or_made_good(
    bot: BotProcess, small_disk: Path
) -> None:
    discord = bot.discord
    alice = discord.person("alice")
    with full(small_disk):
        asked = [await imagine(alice, f"star {number}", count=1) for number in range(2)]
        await asyncio.sleep(SECONDS)
    await well_again(discord)
    for number, each in enumerate(asked):
        told = any("Something went wrong" in words(m) for m in discord.privately(each))
        assert told != bool(rounds(discord, f"star {number}"))
    await imagine(alice, "afterwards", count=1)
    await painted(discord, "afterwards")
