"""Feedback costs little, and next to nothing once its references are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from benchmarks.easel import Easel, Setting, open_easel
from benchmarks.feedback import CACHED, NEW, PLAIN, Steered, measure
from benchmarks.figures import CannotMeasure
from generation.protocol.options import WorkerOptions
from tests.tiny import build_tiny


def test_new_references_take_a_row_a_step_and_known_ones_none(easel: Easel) -> None:
    new, cached = measure(Steered(easel, liked=3, disliked=1))

    assert (new.kind, new.baseline) == (NEW, PLAIN)
    assert (cached.kind, cached.baseline) == (CACHED, PLAIN)
    assert new.rows == (8 + 4 * 2, 8)  # both steps are in the window of two
    assert cached.rows == (8, 8)
    assert not cached.remark


def test_references_that_were_forgotten_are_not_passed_off_as_known(setting: Setting) -> None:
    options = dataclasses.replace(setting.options, reference_cache_mb=0)
    with open_easel(dataclasses.replace(setting, options=options)) as easel:
        _, cached = measure(Steered(easel))

    assert cached.rows is not None
    assert cached.rows[0] > cached.rows[1]
    assert "raise --reference-cache-mb" in cached.remark


def test_a_file_that_is_not_there_is_not_the_community_pipeline(
    easel: Easel, tmp_path: Path
) -> None:
    with pytest.raises(CannotMeasure, match="There is no Python file"):
        list(measure(Steered(easel), tmp_path / "pipeline_fabric.py"))


def test_another_pipeline_is_not_the_community_pipeline(easel: Easel, tmp_path: Path) -> None:
    file = tmp_path / "pipeline_other.py"
    file.write_text("class OtherPipeline: ...\n")

    with pytest.raises(CannotMeasure, match="has no FabricPipeline"):
        list(measure(Steered(easel), file))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_one_like_and_one_dislike_stay_within_their_bars(tmp_path: Path) -> None:
    options = WorkerOptions(model=str(build_tiny(tmp_path)), device="cpu")
    with open_easel(Setting(options=options, repeats=5, cpu_time=True)) as easel:
        new, cached = measure(Steered(easel))

    assert new.ratio is not None
    assert cached.ratio is not None
    assert new.ratio.median <= 1.25
    assert cached.ratio.median <= 1.1
