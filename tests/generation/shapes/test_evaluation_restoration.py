"""Measuring how well pictures are restored."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from generation.__main__ import main
from generation.shapes.evaluation.restoration import (
    Case,
    figures,
    largest_change,
    scratches,
    spoilt,
)
from generation.shapes.world import SIDE, Scene, draw


@pytest.fixture
def original() -> Image.Image:
    return draw(Scene(shape="star", colour="red", background="white", fill="solid", size="large"))


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_scratches_cover_the_share_that_is_asked_for(share: float) -> None:
    covered = (np.asarray(scratches(Random(1), share)) > 127).mean()
    assert share <= covered < share + 0.04


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    grey = Image.new("RGB", (SIDE, SIDE), (128, 128, 128))
    spoilt_ = np.asarray(spoilt(grey, None, 0.1, Random(1))) / 255
    assert spoilt_.std() == pytest.approx(0.1, rel=0.05)


def test_each_stage_is_compared_with_the_original(original: Image.Image) -> None:
    mask = scratches(Random(1), 0.15)
    ruined = Image.new("RGB", (SIDE, SIDE), "blue")
    damaged = spoilt(original, mask, 0.0, Random(1))
    case = Case(original=original, mask=mask, damaged=damaged, repaired=ruined, restored=original)

    def distance(some: list[Image.Image], others: list[Image.Image]) -> list[float]:
        return [
            float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())
            for one, other in zip(some, others, strict=True)
        ]

    found = figures([case], distance)
    assert found["restored"].agreeing == 1
    assert found["restored"].distance == 0
    assert found["repaired"].agreeing == 0
    assert not found["repaired"].attributes["background"]
    assert largest_change([case]) == 0


@pytest.mark.slow
def test_the_embedded_model_restores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "restore", "--count", "10", "--out", str(tmp_path)]) == 0

    assert "| scratches 15%, noise 0 | restored |" in capsys.readouterr().out
    for row in json.loads((tmp_path / "restore.json").read_text())["damages"]:
        assert row["restored"]["agreeing"] > row["damaged"]["agreeing"] - 0.01, row
        assert row["restored"]["distance"] <= row["damaged"]["distance"] / 2, row
        assert row["restored"]["agreeing"] >= 0.9, row
        if not row["damage"]["noise"]:
            assert row["largest_change"] == 0
    assert (tmp_path / "restore.png").is_file()
