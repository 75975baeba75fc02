"""Decoding apart: one process for each file, with limits that hold."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image, ImageCms

from generation.images import sandbox
from generation.images.faults import MAX_WEBP_PIXELS, STATUSES
from generation.images.sandbox import MEMORY, ROOT, SECONDS, code_of, command, decode
from generation.protocol.problems import Code
from generation.requests.refused import Refused
from tests.generation.images.test_sanitize import check
from tests.hostile import Odd, heavy, hostile
from tests.hostile.bombs import many_scans
from tests.hostile.odd import saved, scene
from tests.hostile.raw import END, header, pixels, png_of_chunks

Decode = Callable[[bytes], Coroutine[None, None, bytes]]

SAY_MEMORY = """
import sys
from generation.images.sanitize import main
status = main(*sys.argv[1:])
with open("/proc/self/status") as lines:
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""


def decoders() -> list[int]:
    """The processes that are at work on a file."""
    children = psutil.Process().children()
    return [child.pid for child in children if "generation.images.sanitize" in child.cmdline()]


@pytest.fixture
def decoded(tmp_path: Path) -> Decode:
    """Decodes some bytes; the file that came of them."""

    async def decoded(data: bytes) -> bytes:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(data)
        await decode(source, target)
        return target.read_bytes()

    return decoded


async def test_a_picture_comes_out_clean(decoded: Decode) -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera that tells who and where"
    data = saved(scene(), "JPEG", exif=exif, comment=b"secret")

    check(Odd(name="", make=bytes, picture=True), await decoded(data), None)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"<svg/>", Code.NO_PICTURE),
        (saved(scene(), "PNG")[:-100], Code.PICTURE_BROKEN),
        (png_of_chunks(header(6000, 6000), pixels(b""), END), Code.PICTURE_TOO_LARGE),
    ],
)
async def test_what_is_wrong_is_said_across_the_processes(
    decoded: Decode, data: bytes, fault: Code
) -> None:
    with pytest.raises(Refused) as refused:
        await decoded(data)
    assert refused.value.problem.code is fault


@pytest.mark.parametrize(
    "options",
    [pytest.param({}, marks=pytest.mark.slow), {"lossless": True, "quality": 0}],
)
async def test_webp_with_transparency_may_have_as_many_pixels_as_is_said(
    decoded: Decode, options: dict[str, Any]
) -> None:
    """The most pixels for which a decoder has the memory, whatever else is in the file."""
    size = (7000, MAX_WEBP_PIXELS // 7000)
    picture = Image.linear_gradient("L").resize(size, Image.Resampling.NEAREST).convert("RGBA")
    picture.putalpha(Image.radial_gradient("L").resize(size, Image.Resampling.NEAREST))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(picture, "WEBP", method=0, icc_profile=profile, **options)
    await decoded(data)


async def test_one_that_takes_too_long_is_ended_and_holds_up_nobody(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    busy = asyncio.create_task(others())
    with pytest.raises(Refused) as refused:
        await decoded(many_scans())
    busy.cancel()
    assert refused.value.problem.code is Code.PICTURE_TOO_SLOW
    assert turns > 20


async def test_one_that_is_stuck_is_given_up_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.5)
    os.mkfifo(tmp_path / "source")  # nobody writes into it
    with pytest.raises(Refused) as refused:
        await decode(tmp_path / "source", tmp_path / "target")
    assert refused.value.problem.code is Code.PICTURE_TOO_SLOW
    assert decoders() == []


async def test_whoever_stops_waiting_leaves_no_process_behind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "source")
    waiting = asyncio.create_task(decode(tmp_path / "source", tmp_path / "target"))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert decoders() == []


async def test_one_that_takes_too_much_memory_is_too_large(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 60 * 2**20)
    with pytest.raises(Refused) as refused:
        await decoded(saved(Image.new("RGB", (5000, 4000)), "PNG"))
    assert refused.value.problem.code is Code.PICTURE_TOO_LARGE


async def test_a_decoder_that_breaks_down_is_noted_and_the_picture_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Refused) as refused:
        await decode(tmp_path / "not there", tmp_path / "target")
    assert refused.value.problem.code is Code.PICTURE_BROKEN
    assert "FileNotFoundError" in caplog.text


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (0, None),
        *((status, code) for code, status in STATUSES.items()),
        (1, Code.PICTURE_BROKEN),
        (-signal.SIGSEGV, Code.PICTURE_BROKEN),
        (-signal.SIGXCPU, Code.PICTURE_TOO_SLOW),
        (-signal.SIGKILL, Code.PICTURE_TOO_LARGE),
    ],
)
def test_every_end_of_a_decoder_means_something(status: int, fault: Code | None) -> None:
    assert code_of(status) is fault


async def test_it_is_told_nothing_of_its_surroundings(
    decoded: Decode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KONOMI_TOKEN", "secret")
    program = f"import os; open({str(tmp_path / 'told')!r}, 'w').write(str(dict(os.environ)))"
    monkeypatch.setattr(sandbox, "command", lambda *_: [sys.executable, "-c", program])
    with pytest.raises(FileNotFoundError):
        await decoded(b"")
    told = (tmp_path / "told").read_text()
    assert "PYTHONPATH" in told
    assert "secret" not in told


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(20))
def test_a_thousand_hostile_files_stay_within_the_limits(part: int, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for odd in (*heavy(), *hostile())[part::20]:
        source.write_bytes(odd.make())
        target.unlink(missing_ok=True)
        status, seconds, memory = measured(source, target)
        fault = code_of(status)
        assert status >= 0 or fault is Code.PICTURE_TOO_SLOW, f"{odd.name} crashed the decoder"
        assert seconds < SECONDS + 1, f"{odd.name}: {seconds} s"
        assert memory < MEMORY, f"{odd.name}: {memory} bytes"
        check(odd, None if fault else target.read_bytes(), fault)
        print(f"{seconds:.2f} s, {memory / 2**20:.0f} MiB: {odd.name}: {fault!r}")


def measured(source: Path, target: Path) -> tuple[int, float, int]:
    """The exit status of a decoder, its processor's seconds, and its bytes where it lived."""
    program, isolated, *_, seconds, size, _, _ = command(source, target)
    child = subprocess.Popen(
        [program, isolated, "-c", SAY_MEMORY, seconds, size, str(source), str(target)],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, used.ru_utime + used.ru_stime, int(said or 0) * 1024
