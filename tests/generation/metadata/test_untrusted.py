"""Records in strangers' files: a sentence each, in a moment, and nothing opened in this process."""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from pathlib import Path

import pytest

from generation.metadata.a1111 import ForeignRecord
from generation.metadata.record import Record, parameter_texts, read_file
from generation.metadata.untrusted import read_untrusted
from generation.protocol.problems import Code
from generation.protocol.requests import Paint
from generation.requests.refused import Refused
from generation.requests.sizes import size_like
from tests.bot.painter import png
from tests.hostile import heavy, hostile
from tests.hostile.records import foreign_records, hostile_records, jpeg_with_exif

UNREADABLE = (Code.NO_RECORD, Code.RECORD_NEWER, Code.RECORD_UNREADABLE)

HOSTILE, FOREIGN = dict(hostile_records()), dict(foreign_records())


def memory() -> int:
    """The most memory that this process has taken, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def test_our_records_and_others_arrive(tmp_path: Path) -> None:
    request = Paint(job="", model="shapes", prompt="赤い星 🎨", out=Path())
    file = tmp_path / "a"
    texts = parameter_texts(request, 7, 64, 96)
    file.write_bytes(png((1, 2, 3), texts))
    told = await read_untrusted(file)
    assert isinstance(told, Record)
    assert told == read_file(file)
    file.write_bytes(png((1, 2, 3), {"parameters": texts["parameters"]}))
    assert await read_untrusted(file) == ForeignRecord(
        prompt="赤い星 🎨",
        model="shapes",
        seed=7,
        steps=20,
        guidance=6.0,
        scheduler="euler_a",
        width=64,
        height=96,
    )


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_ones_are_refused_in_a_moment(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "a"
    file.write_bytes(HOSTILE[name])
    before, began = memory(), time.process_time()
    with pytest.raises(Refused) as refused:
        await read_untrusted(file)
    assert refused.value.problem.code in UNREADABLE
    assert len(str(refused.value)) < 300
    assert time.process_time() - began < 0.5
    assert memory() - before < 32 * 2**20
    assert sum(len(record.getMessage()) for record in caplog.records) < 4000


@pytest.mark.parametrize("name", FOREIGN)
async def test_other_programs_numbers_are_bounded(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(FOREIGN[name])
    told = await read_untrusted(file)
    assert isinstance(told, ForeignRecord)
    assert told.steps is None or 1 <= told.steps <= 150
    assert told.seed is None or told.seed < 2**63
    width, height, aspect = size_like(told.width, told.height, None)
    assert all(each is None or 0 < each < 2**16 for each in (width, height, aspect))


async def test_warnings_about_a_file_stay_in_the_process_that_reads_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a"
    file.write_bytes(jpeg_with_exif(5000))
    with pytest.raises(Refused):
        await read_untrusted(file)
    assert caplog.text == ""
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_a_thousand_hostile_pictures_say_nothing_that_is_believed(tmp_path: Path) -> None:
    gate = asyncio.Semaphore(2)

    async def read(number: int, data: bytes) -> None:
        file = tmp_path / str(number)
        file.write_bytes(data)
        async with gate:
            with pytest.raises(Refused) as refused:
                await read_untrusted(file)
        assert refused.value.problem.code in UNREADABLE
        file.unlink()

    odd = [*hostile(), *heavy()]
    await asyncio.gather(*(read(number, each.make()) for number, each in enumerate(odd)))
