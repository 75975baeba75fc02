"""`python -m generation pairs`, as someone at a terminal meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from generation.__main__ import main
from generation.catalog.files import EMBEDDED
from generation.training.methods.edit import read_pairs

QUICK = "--steps 2 --samples 2 --guidance 2 3 --calibration 1"


@pytest.fixture(scope="module")
def folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a CLIP beside it, as the embedded one has."""
    place = tmp_path_factory.mktemp("judged") / "model"
    shutil.copytree(tiny_folder, place)
    shutil.copytree(EMBEDDED / "tokenizer", place / "clip-parts" / "tokenizer")
    shutil.copytree(EMBEDDED / "clip", place / "clip-parts" / "clip")
    return place


def words_of(folder: Path, captions: Path, out: Path, more: str = QUICK) -> list[str]:
    clip = folder / "clip-parts" / "clip"
    return ["pairs", str(captions), str(out), "--model", str(folder), "--clip", str(clip),
            *more.split()]  # fmt: skip


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    file = tmp_path / "captions.txt"
    file.write_text("a red cat\na blue house\n", encoding="utf-8")
    return file


def test_captions_become_pairs_to_train_on(
    folder: Path, captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs"
    words = words_of(folder, captions, out, f"{QUICK} --no-filter --keep 1")
    assert main(words) == 0
    assert capsys.readouterr().out.split() == [str(out)]
    assert len(read_pairs(out)) == 2
    before = {file.name: file.stat().st_mtime_ns for file in out.glob("*.png")}
    assert main(words) == 0, "there is nothing left to do"
    assert before == {file.name: file.stat().st_mtime_ns for file in out.glob("*.png")}


def test_a_table_says_what_is_painted(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("caption,instruction,edited\n猫,犬に変えて,犬\n", encoding="utf-8")
    out = tmp_path / "pairs"
    assert main(words_of(folder, table, out, f"{QUICK} --reject 0 0 0")) == 0
    rows = [json.loads(line) for line in (out / "metadata.jsonl").read_text("utf-8").splitlines()]
    assert {row["edit_prompt"] for row in rows} == {"犬に変えて"}
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("--samples 0", "at least 1"),
        ("--share .9 .1", "smaller value first"),
        ("--share .5 1.5", "between 0 and 1"),
        ("--reject 1 0 0", "less than 1"),
        ("--alternatives missing.json", "cannot be read"),
    ],
)
def test_what_cannot_be_is_said(
    folder: Path,
    captions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: str,
    sentence: str,
) -> None:
    assert main(words_of(folder, captions, tmp_path / "pairs", more)) == 2
    assert sentence in capsys.readouterr().err


def test_a_model_without_a_clip_says_what_is_missing(
    tiny_folder: Path, captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["pairs", str(captions), str(tmp_path / "pairs"), "--model", str(tiny_folder)]
    assert main(words) == 2
    assert "CLIP" in capsys.readouterr().err
