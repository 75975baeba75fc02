"""Generation parameters of A1111's web UI, and of programs that write the same format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generation.metadata.a1111 import ForeignRecord, read_a1111
from generation.metadata.record import read_file
from tests.generation.painted import jpeg

CIVITAI = """masterpiece, {one} girl, <lora:add_detail:0.5>(red hair:1.2)
a second line
Negative prompt: bad hands,
blurry
Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 1234, Size: 832x1216, \
Model hash: 1a2b, Model: "dream, er", Lora hashes: "add_detail: 7c6b, Seed: 9", Version: v1.10.0
Template: __flavour__"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_other_programs_are_understood_as_far_as_they_do_the_same() -> None:
    assert read_a1111(CIVITAI) == ForeignRecord(
        prompt="masterpiece, (one) girl, (red hair:1.2)\na second line",
        negative_prompt="bad hands,\nblurry",
        model="dream",
        seed=1234,
        steps=30,
        guidance=5.5,
        scheduler="dpmpp_2m_karras",
        width=832,
        height=1216,
    )


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("Sampler: DPM++ SDE Karras", {"scheduler": "dpmpp_sde"}),
        ("Sampler: Restart", {}),
        ("Steps: 20, Steps: 30", {}),
        ("CFG scale: 0", {"guidance": 1.0}),
        ("CFG scale: 1e9", {}),
        ("CFG scale: 99", {"guidance": 30.0}),
        ("Seed: -1", {}),
        ("Seed: 99999999999999999999", {}),
        ("Size: 512", {"width": 512}),
        ("Size: 512xlarge", {"width": 512}),
        ("Size: ٣x٣", {}),
    ],
)
def test_what_they_say_beyond_bounds_is_brought_back_or_left_out(
    line: str, change: dict[str, Any]
) -> None:
    assert read_a1111(f"a cat\nSteps: 20, {line}") == ForeignRecord(
        prompt="a cat", steps=20, **change
    )


def test_thousands_of_steps_become_as_many_as_there_can_be() -> None:
    found = read_a1111("\nSteps: 999999, Sampler: LCM")
    assert found is not None
    assert found.steps == 50


@pytest.mark.parametrize("code", ["utf-16-be", "utf-16-le"])
def test_comments_of_jpegs_are_read(file: Path, code: str) -> None:
    file.write_bytes(jpeg(b"UNICODE\0" + CIVITAI.encode(code)))

    assert read_file(file) == read_a1111(CIVITAI)


def test_plain_comments_too(file: Path) -> None:
    file.write_bytes(jpeg(b"ASCII\0\0\0" + b"a cat\nSteps: 20"))

    assert read_file(file) == ForeignRecord(prompt="a cat", steps=20)
