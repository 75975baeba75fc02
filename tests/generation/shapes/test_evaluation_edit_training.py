"""The study of edit training: which pairs each arm gets, and what its figures mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from generation.__main__ import main
from generation.shapes.evaluation import edit_training
from generation.shapes.evaluation.edit_pairs import PairOf, Pool, asked, draw_pairs
from generation.shapes.evaluation.edit_training import EditStudy, difference, gap_closed
from generation.shapes.world import draw
from generation.training.methods.edit import read_pairs
from generation.training.pairs.filtering import PairScores
from generation.training.pairs.folder import UNFILTERED, PairFolder, Sampled
from generation.training.pairs.prompt_to_prompt import Sharing

COUNT = 20


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    """Four pairs of each prompt: three as it was asked for, and one of a picture left as it was."""
    folder = PairFolder(tmp_path / "pool", {}, COUNT, UNFILTERED)
    for number, (edit, prompt) in enumerate(asked(COUNT, 0)):
        before, after = draw(edit.before), draw(edit.after)
        sharing = tuple(Sharing(seed=sample, share=0.5, guidance=2.0) for sample in range(4))
        scores = tuple(
            PairScores(source=0.5, edited=0.5, image=0.6, directional=good + number / 1000)
            for good in (0.6, 0.1, 0.5, 0.4)
        )
        folder.add(
            Sampled(prompt=prompt, sharing=sharing, scores=scores),
            [(before, after), (before, before), (before, after), (before, after)],
        )
    return Pool.open(tmp_path / "pool", count=COUNT, seed=0)


def test_prompts_are_in_both_languages_and_begin_alike_however_many() -> None:
    prompts = [prompt for _, prompt in asked(COUNT, 0)]
    assert [prompt.instruction.isascii() for prompt in prompts[:4]] == [True, False, True, False]
    assert prompts[:5] == [prompt for _, prompt in asked(5, 0)]
    assert all(prompt.caption != prompt.edited for prompt in prompts)


def test_only_a_pair_as_it_was_asked_for_is_right(pool: Pool) -> None:
    assert [pool.right(PairOf(0, sample)) for sample in range(4)] == [True, False, True, True]


def test_the_filter_chooses_and_the_others_get_as_many_or_half(pool: Pool) -> None:
    choices = pool.choices(0)
    assert all(pool.right(pair) for pair in choices["filtered"])
    assert len(choices["filtered"]) == len(choices["unfiltered"]) == 3 * COUNT
    assert len(choices["half"]) == 3 * COUNT // 2
    assert set(choices["half"]) < set(choices["filtered"])
    assert {pool.right(pair) for pair in choices["unfiltered"]} == {True, False}


def test_a_choice_is_a_folder_to_train_on(pool: Pool, tmp_path: Path) -> None:
    half = pool.choices(0)["half"]
    examples = read_pairs(pool.write(half, tmp_path / "half"))
    said = [prompt.instruction for _, prompt in asked(COUNT, 0)]
    assert [each.caption for each in examples] == [said[pair.prompt] for pair in half]


def test_drawn_pairs_are_as_asked_and_drawn_once(tmp_path: Path) -> None:
    examples = read_pairs(draw_pairs(3, 1, tmp_path / "drawn"))
    edits = [edit for edit, _ in asked(3, 1)]
    for example, edit in zip(examples, edits, strict=True):
        with Image.open(example.path) as after:
            assert after.tobytes() == draw(edit.after).tobytes()
    written = examples[0].path.stat().st_mtime_ns
    assert draw_pairs(3, 1, tmp_path / "drawn") == tmp_path / "drawn"
    assert examples[0].path.stat().st_mtime_ns == written


def test_the_sheet_frames_what_is_rejected(pool: Pool) -> None:
    sheet = pool.sheet()
    assert sheet.getpixel((0, 0)) == (255, 255, 255)
    assert sheet.getpixel((0, sheet.height - 1)) == (255, 0, 0)


def test_the_gap_is_closed_by_what_is_gained_over_the_start() -> None:
    both = {"start": [0, 0, 0, 0], "filtered": [1, 1, 0, 0], "unfiltered": [1, 0, 0, 0]}
    both["shipped"] = [1, 1, 1, 1]
    results = {name: {"both": [bool(each) for each in found]} for name, found in both.items()}
    closed, gained = (
        gap_closed(results, "filtered", "shipped"),
        difference(results, "filtered", "unfiltered"),
    )
    assert closed is not None
    assert gained is not None
    assert (closed.mean, gained.mean) == (0.5, 0.25)
    assert list(edit_training.bars(closed, gained).values()) == [True, True, False]


@pytest.mark.slow
def test_the_whole_study_runs_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "evaluate edit-training --prompts 6 --train-steps 2 --count 4 --steps 2 --device cpu"
    assert main([*words.split(), "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    figures = json.loads((tmp_path / "edit-training.json").read_text("utf-8"))
    assert figures["study"] == {"prompts": 6, "steps": 2, "count": 4, "sampling": 2, "seed": 0}
    assert set(figures["both"]) == {"start", "filtered", "unfiltered", "half", "drawn", "shipped"}
    with Image.open(tmp_path / "edit-training.png") as sheet:
        assert sheet.width > 96
    assert main([*words.split(), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == told
    assert EditStudy().editing.guidance == 2
