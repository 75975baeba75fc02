"""Training folders as people have them: captions in two forms, and everything that can be wrong."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from generation.protocol.problems import Code
from generation.requests.refused import Refused
from generation.training.data.folders import read_folder


def captions(folder: Path) -> dict[str, str]:
    return {example.name: example.caption for example in read_folder(folder)[0]}


def refusal(folder: Path) -> Code:
    with pytest.raises(Refused) as refused:
        read_folder(folder)
    return refused.value.problem.code


def describe(folder: Path, *rows: object) -> None:
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / "metadata.jsonl").write_text(lines, encoding="utf-8")


def test_captions_stand_in_text_files_beside_the_pictures(pictures: Path) -> None:
    assert captions(pictures)["2.png"] == "a blue thing"


def test_captions_stand_in_metadata_as_hugging_face_has_them(pictures: Path) -> None:
    describe(pictures, {"file_name": "1.png", "text": "a leaf"}, {"file_name": "3.png"})

    assert captions(pictures) == {"1.png": "a leaf", "3.png": "a white thing"}


def test_a_picture_without_a_caption_has_an_empty_one(pictures: Path) -> None:
    (pictures / "0.txt").unlink()

    assert captions(pictures)["0.png"] == ""


def test_captions_are_one_line_without_a_byte_order_mark(pictures: Path) -> None:
    (pictures / "0.txt").write_text("\ufeff a red\r\n thing \n", encoding="utf-8")

    assert captions(pictures)["0.png"] == "a red thing"


def test_what_is_no_picture_is_passed_over(pictures: Path) -> None:
    (pictures / ".0.png").write_bytes(b"")
    (pictures / "notes.md").write_text("x")
    (pictures / "folder.png").mkdir()

    assert len(read_folder(pictures)[0]) == 4


def test_a_copy_counts_once_and_is_named(pictures: Path) -> None:
    (pictures / "copy.png").write_bytes((pictures / "0.png").read_bytes())
    (pictures / "copy.txt").write_text("a red thing")

    examples, [remark] = read_folder(pictures)

    assert len(examples) == 4
    assert str(remark) == "copy.png is the same picture as 0.png, so it counts only once."


def test_the_same_picture_under_another_caption_is_another_example(pictures: Path) -> None:
    (pictures / "copy.png").write_bytes((pictures / "0.png").read_bytes())
    (pictures / "copy.txt").write_text("a plain surface")

    examples, remarks = read_folder(pictures)

    assert len(examples) == 5
    assert not remarks


def test_pictures_lie_as_their_cameras_say(pictures: Path) -> None:
    upright = Image.new("RGB", (64, 32))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.save(pictures / "0.jpg", exif=exif)

    [example] = [each for each in read_folder(pictures)[0] if each.name == "0.jpg"]

    assert example.open().size == (32, 64)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"file_name": "../secret.png"}, Code.TRAIN_NAME),
        ({"file_name": "sub/1.png"}, Code.TRAIN_NAME),
        ({"file_name": "..\\1.png"}, Code.TRAIN_NAME),
        ({"file_name": 7}, Code.TRAIN_NAME),
        ({"text": "no name"}, Code.TRAIN_NAME),
        ({"file_name": "gone.png"}, Code.TRAIN_MISSING),
        ("{broken", Code.TRAIN_METADATA),
        ("[1]", Code.TRAIN_METADATA),
        ("[" * 100_000, Code.TRAIN_METADATA),
    ],
)
def test_metadata_that_leads_nowhere_is_refused(pictures: Path, row: object, code: Code) -> None:
    describe(pictures, row)

    assert refusal(pictures) is code


def test_no_folder_and_no_pictures_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") is Code.TRAIN_NO_FOLDER
    assert refusal(tmp_path) is Code.TRAIN_NO_PICTURES


def test_a_damaged_picture_is_named(pictures: Path) -> None:
    (pictures / "1.png").write_bytes((pictures / "1.png").read_bytes()[:60])

    with pytest.raises(Refused, match=r"1\.png cannot be read as a picture"):
        read_folder(pictures)


def test_a_picture_of_two_gigabytes_is_refused_unread(pictures: Path) -> None:
    with (pictures / "huge.png").open("wb") as file:
        os.truncate(file.fileno(), 2 * 2**30)

    assert refusal(pictures) is Code.TRAIN_PICTURE_TOO_LARGE


def test_captions_that_are_no_text_are_refused(pictures: Path) -> None:
    (pictures / "0.txt").write_bytes(b"\xff\xfe\x00")

    assert refusal(pictures) is Code.TRAIN_CAPTION
