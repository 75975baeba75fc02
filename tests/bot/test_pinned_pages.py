"""The program that writes down what members are shown: the same in every run."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.pinned_pages import numbered


def test_ids_are_numbered_as_they_appear() -> None:
    first, second = "123456789012345678", "876543210987654321"

    assert numbered(f"<@{second}> {first} 42 {second}") == "<@<id 1>> <id 2> 42 <id 1>"
    assert numbered("<t:1700000000:R>") == "<time>"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_another_run_shows_the_same(tmp_path: Path) -> None:
    runs = []
    for name in ("one", "other"):
        subprocess.run(
            [sys.executable, "-m", "tests.bot.pinned_pages", str(tmp_path / name)], check=True
        )
        runs.append((tmp_path / name).read_text("utf-8").splitlines())

    assert list(difflib.unified_diff(*runs, lineterm="")) == []
    assert "=== queue" in runs[0]
    assert "=== ja: commands [" in runs[0]
