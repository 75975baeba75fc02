"""Measuring Imagic: the strip along η, and the picture that was chosen of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from generation.__main__ import main
from generation.requests.comparisons import ALONG_ETA
from generation.shapes.evaluation.imagic import Strip, describe, shares_along, sheet_of_strips
from generation.shapes.evaluation.instructed import Outcome, tasks
from generation.shapes.world import SIDE, draw

ETAS = len(ALONG_ETA.values)


def strip(number: int, *, turns: int, chosen: int) -> Strip:
    """Of the numbered task: as it was before the η of place `turns`, as described from there on."""
    task = tasks(number + 1, 0)[number]
    before, after = task.before, draw(task.edit.after)
    return Strip(
        outcomes=tuple(
            Outcome.of(task, after if place >= turns else before) for place in range(ETAS)
        ),
        chosen=chosen,
        unfitted=Outcome.of(task, after),
    )


def test_what_was_chosen_counts_and_what_could_have_been_is_told_beside_it() -> None:
    strips = [strip(0, turns=2, chosen=3), strip(1, turns=4, chosen=3)]
    found = shares_along(strips)
    assert [found[f"η {eta:g}"]["both"] for eta in ALONG_ETA.values] == [0, 0, 0.5, 0.5, 1, 1]
    chosen = found["chosen"]
    assert [chosen[name] for name in ("changed", "kept", "both")] == [0.5, 1, 0.5]
    assert 0 == found["η 1"]["astray"] < chosen["astray"] < found["η 0.5"]["astray"]
    assert found["any of them"] == {"both": 1}
    lines = list(describe(found, {"a bar": False}, 2))
    assert any(line.startswith("| chosen | 50.0 | 100.0 | 50.0 | ") for line in lines)
    assert "| the same words, not fitted | 100.0 | 100.0 | 100.0 | 0.0 |" in lines
    assert "| any of them |  |  | 100.0 |  |" in lines
    assert lines[-1] == "- a bar: no"


def test_the_sheet_frames_what_was_chosen() -> None:
    sheet = sheet_of_strips([strip(0, turns=2, chosen=3), strip(1, turns=4, chosen=3)])
    step = SIDE + 4
    assert sheet.size == ((1 + ETAS) * step, 2 * step)
    assert sheet.getpixel((4 * step, 0)) == (0, 128, 0)
    assert sheet.getpixel((4 * step, step)) == (255, 0, 0)
    assert sheet.getpixel((2 * step, 0)) == (255, 255, 255)


@pytest.mark.slow
def test_the_embedded_model_is_fitted_to_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "imagic", "--count", "6", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (tmp_path / "imagic.md").read_text(encoding="utf-8")
    figures = json.loads((tmp_path / "imagic.json").read_text(encoding="utf-8"))
    assert figures["shares"]["chosen"]["both"] >= 0.5
    with Image.open(tmp_path / "imagic.png") as sheet:
        assert sheet.height == 6 * (SIDE + 4)
