"""`python -m generation caption`: text files beside the pictures, for the command that trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.__main__ import main
from generation.training.data.folders import read_folder
from tests.captioners import NAMES_DRAWINGS, drawing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("red star", "blue ring", "green square"):
        drawing(*name.split(), shift=3).save(folder / f"{name.replace(' ', '-')}.png")
    (folder / "blue-ring.txt").write_text("mine")
    return folder


def captions(folder: Path) -> list[str]:
    return [example.caption for example in read_folder(folder)[0]]


def test_pictures_without_a_caption_get_one_with_the_trigger(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["caption", str(folder), "--captioner", str(NAMES_DRAWINGS), "--device", "cpu"]
    assert main([*words, "--trigger", "rocky", "--class", "star"]) == 0
    assert captions(folder) == ["mine", "rocky star, a green square", "a red rocky star"]
    assert capsys.readouterr().out.splitlines() == [
        f"{folder / 'green-square.txt'}: rocky star, a green square",
        f"{folder / 'red-star.txt'}: a red rocky star",
    ]
    assert main(words) == 0
    assert "has a caption already" in capsys.readouterr().out
    assert main([*words, "--overwrite"]) == 0
    assert captions(folder) == ["a blue ring", "a green square", "a red star"]


def test_what_cannot_be_done_is_said_in_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing, described = tmp_path / "nothing", tmp_path / "described"
    for each in (nothing, described):
        each.mkdir()
    (described / "metadata.jsonl").write_text("")
    for place, said in [
        (nothing, "There are no pictures in nothing"),
        (tmp_path / "nowhere", "does not exist"),
        (described, "has its captions in metadata.jsonl"),
        (folder, "There is no caption model called blip"),
    ]:
        assert main(["caption", str(place), "--captioner", "blip"]) == 2
        assert said in capsys.readouterr().err
    assert not (folder / "red-star.txt").exists()


def test_a_caption_that_cannot_be_written_is_said_and_those_before_it_stay(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "red-star.txt").mkdir()
    words = ["caption", str(folder), "--captioner", str(NAMES_DRAWINGS), "--device", "cpu"]
    assert main(words) == 2
    assert (
        f"{folder / 'red-star.txt'} cannot be written: Is a directory." in capsys.readouterr().err
    )
    (folder / "red-star.txt").rmdir()
    assert captions(folder) == ["mine", "a green square", ""]
