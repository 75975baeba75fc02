"""The program that pins what is painted: the same twice, and not silent about a difference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generation.pinned import differences
from tests.generation.pinned_requests import Drawn, pinned_requests


def test_what_changed_what_is_gone_and_what_is_new_differs() -> None:
    before, after = {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "5"}

    assert differences(before, before) == []
    assert differences(before, after) == ["b: 2 → 4", "c: 3 → not there", "d: not there → 5"]


def test_every_request_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = [each.name for each in pinned_requests(Drawn(tmp_path))]

    assert len(names) == len(set(names)) > 40


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_another_process_paints_all_the_same_but_what_was_changed(tmp_path: Path) -> None:
    file = tmp_path / "pins.json"
    run(["--json", str(file)], status=0)
    pins = json.loads(file.read_text("utf-8"))
    name = next(name for name in pins if name.endswith("pixels"))
    file.write_text(json.dumps(pins | {name: "another"}), "utf-8")

    *_, difference, count = run(["--against", str(file)], status=1)

    assert difference == f"{name}: another → {pins[name]}"
    assert count == f"1 of {len(pins)} differ."


def run(words: list[str], *, status: int) -> list[str]:
    """Run the program to its end; the lines of its complaints."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.generation.pinned", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    return ended.stderr.splitlines()
