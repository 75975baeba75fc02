"""Making pairs: what is kept, in which format, and that a kill costs one prompt at most."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generation.catalog.files import EMBEDDED
from generation.models.model import Model
from generation.protocol.problems import Code
from generation.requests.refused import Refused
from generation.training.clip import Clip
from generation.training.pairs.edit_prompts import EditPrompt
from generation.training.pairs.filtering import PairScores, Rejection, Thresholds, kept
from generation.training.pairs.folder import UNFILTERED, PairFilter
from generation.training.pairs.making import PairSettings, make_pairs
from tests.tiny import load_tiny

PROMPTS = [
    EditPrompt(caption=f"a {old} star", instruction=f"make it {new}", edited=f"a {new} star")
    for old, new in (("red", "blue"), ("blue", "green"), ("green", "red"))
]
QUICK = PairSettings(
    samples=3, guidance=(2.0, 3.0), steps=2, width=32, height=32, filter=UNFILTERED
)
HALF = PairFilter(rejection=Rejection(caption=0, image=0, directional=0.5), calibration=2, most=2)


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Model:
    return load_tiny(tiny_folder)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip.load(EMBEDDED / "clip")


def metadata(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "metadata.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def test_a_folder_is_what_scripts_for_edit_training_read(
    model: Model, clip: Clip, tmp_path: Path
) -> None:
    *_, last = make_pairs(model, clip, PROMPTS, tmp_path, QUICK)
    assert (last.prompts, last.of, last.kept) == (3, 3, 9)
    rows = metadata(tmp_path)
    assert [row["edit_prompt"] for row in rows[::3]] == [each.instruction for each in PROMPTS]
    for row in rows:
        for key in ("input_image", "edited_image"):
            assert row[f"{key}_file_name"] == row[key]
            with Image.open(tmp_path / row[key]) as picture:
                assert (picture.size, picture.mode) == ((32, 32), "RGB")
    assert len({row["input_image"] for row in rows}) == 9


def test_steps_are_small(model: Model, clip: Clip, tmp_path: Path) -> None:
    steps = list(make_pairs(model, clip, PROMPTS[:1], tmp_path, QUICK))
    # Two calls of the UNet and three pairs to decode, then the scores.
    assert [each.prompts for each in steps] == [0] * 5 + [1]


def test_an_interrupted_run_ends_as_one_that_was_not(
    model: Model, clip: Clip, tmp_path: Path
) -> None:
    settings = dataclasses.replace(QUICK, filter=HALF)
    list(make_pairs(model, clip, PROMPTS, tmp_path / "whole", settings))
    whole = files(tmp_path / "whole")
    for stop in (6, 13):
        folder = tmp_path / f"stopped-{stop}"
        for count, _ in enumerate(make_pairs(model, clip, PROMPTS, folder, settings), 1):
            if count == stop:
                break
        list(make_pairs(model, clip, PROMPTS, folder, settings))
        assert files(folder) == whole


def test_half_a_line_and_files_of_no_line_are_forgotten(
    model: Model, clip: Clip, tmp_path: Path
) -> None:
    settings = dataclasses.replace(QUICK, filter=HALF)
    list(make_pairs(model, clip, PROMPTS, tmp_path / "whole", settings))
    folder = shutil.copytree(tmp_path / "whole", tmp_path / "torn")
    journal = (folder / "samples.jsonl").read_bytes()
    (folder / "samples.jsonl").write_bytes(journal[:-20])
    (folder / "metadata.jsonl").write_text("{", encoding="utf-8")
    list(make_pairs(model, clip, PROMPTS, folder, settings))
    assert files(folder) == files(tmp_path / "whole")


def test_nothing_is_listed_before_the_thresholds_are_known(
    model: Model, clip: Clip, tmp_path: Path
) -> None:
    making = make_pairs(model, clip, PROMPTS, tmp_path, dataclasses.replace(QUICK, filter=HALF))
    for progress in making:
        if progress.prompts == 1:
            break
    assert not (tmp_path / "metadata.jsonl").exists()
    assert len(list(tmp_path.glob("*.png"))) == 6
    *_, last = making
    rows = metadata(tmp_path)
    assert len(rows) == last.kept
    named = {row[key] for row in rows for key in ("input_image", "edited_image")}
    assert {each.name for each in tmp_path.glob("*.png")} == named


def test_a_share_is_rejected_and_the_best_direction_comes_first() -> None:
    scores = [
        PairScores(source=0.3, edited=0.3, image=0.8, directional=value / 10) for value in range(10)
    ]
    thresholds = Rejection(caption=0, image=0, directional=0.5).thresholds(scores)
    assert thresholds.directional == pytest.approx(0.45)
    assert kept(scores, thresholds, 3) == [9, 8, 7]
    assert kept(scores, thresholds, 30) == [9, 8, 7, 6, 5]
    assert kept(scores, None, 3) == [0, 1, 2]


@pytest.mark.parametrize("name", ["source", "edited", "image", "directional"])
def test_every_published_threshold_counts(name: str) -> None:
    good = PairScores(source=0.2, edited=0.2, image=0.7, directional=0.2)
    assert Thresholds().keep(good)
    assert not Thresholds().keep(dataclasses.replace(good, **{name: getattr(good, name) - 0.01}))


def test_other_pairs_are_never_mixed_in(model: Model, clip: Clip, tmp_path: Path) -> None:
    next(make_pairs(model, clip, PROMPTS, tmp_path / "a", QUICK))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "holiday.png").write_bytes(b"")
    others = dataclasses.replace(QUICK, seed=1)
    for prompts, folder, settings in (
        (PROMPTS, "a", others),
        (PROMPTS[:2], "a", QUICK),
        (PROMPTS, "b", QUICK),
    ):
        with pytest.raises(Refused) as refused:
            next(make_pairs(model, clip, prompts, tmp_path / folder, settings))
        assert refused.value.problem.code is Code.PAIRS_OTHER
    next(make_pairs(model, clip, PROMPTS, tmp_path / "a", dataclasses.replace(QUICK, batch=1)))


def test_ranges_are_drawn_from_evenly_and_depend_on_numbers_alone() -> None:
    drawn = [PairSettings().sharing(prompt, 3) for prompt in range(200)]
    assert 0.1 <= min(each.share for each in drawn) < 0.15
    assert 0.85 < max(each.share for each in drawn) <= 0.9
    assert 7.5 <= min(each.guidance for each in drawn) < 8
    assert drawn[7] == PairSettings().sharing(7, 3)
    assert len({each.seed for each in drawn}) == 200
