"""The writer on a full disk: finished pictures wait for room, and previews are left out."""

from __future__ import annotations

import errno
import resource
import threading
import time
from pathlib import Path

import pytest
import torch
from PIL import Image

from generation.engine import writer as module
from generation.engine.outputs import Outputs
from generation.engine.writer import Writer
from generation.protocol.requests import Paint

FULL = Path("/dev/full")
"""A device on which there is never any room."""

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has /dev/full")

PIXELS = torch.zeros(8, 8, 3, dtype=torch.uint8)


@pytest.fixture
def request_(tmp_path: Path) -> Paint:
    return Paint(job="job", model="shapes", prompt="x", previews=True, out=tmp_path)


def full(path: Path) -> Path:
    path.symlink_to(FULL)
    return path


def test_a_picture_waits_for_room(request_: Paint) -> None:
    place = full(request_.out / "0.png")
    room = threading.Timer(0.7, place.unlink)
    with Writer() as writer:
        began = time.monotonic()
        room.start()
        painted = writer.picture(request_, 0, PIXELS, flagged=False).result()
    assert time.monotonic() - began >= 0.7
    assert painted.path == place
    assert place.read_bytes().startswith(b"\x89PNG")


def test_a_picture_waits_until_files_may_become_as_large(request_: Paint) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    room = threading.Timer(0.7, resource.setrlimit, [resource.RLIMIT_FSIZE, (soft, hard)])
    with Writer() as writer:
        room.start()
        painted = writer.picture(request_, 0, PIXELS, flagged=False).result()
    assert painted.path is not None
    assert painted.path.stat().st_size > 10


def test_a_disk_that_stays_full_is_an_error(
    request_: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROOM_SECONDS", 0.1)
    full(request_.out / "0.png")
    with Writer() as writer, pytest.raises(OSError, match="No space left") as error:
        writer.picture(request_, 0, PIXELS, flagged=False).result()
    assert error.value.errno == errno.ENOSPC


def test_a_preview_without_room_is_left_out(request_: Paint) -> None:
    full(request_.out / "preview.new")
    with Writer() as writer:
        outputs = Outputs(request_, writer)
        outputs.show(lambda: [Image.new("RGB", (8, 8))])
        while outputs._preview is not None and not outputs._preview.done():
            time.sleep(0.01)
        assert outputs.take_preview() is None
