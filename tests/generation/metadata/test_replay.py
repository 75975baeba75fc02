"""Pictures painted again from what they say of themselves, with the same pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from generation.__main__ import main
from generation.engine.engine import Engine
from generation.images.tensors import digest_of
from generation.metadata.record import Record, read_file
from generation.metadata.replay import (
    MissingFiles,
    digests_of,
    found_in,
    request_of,
    without,
)
from generation.protocol.events import Finished, Painted
from generation.protocol.requests import Box, Feedback, Paint, Reference, Source
from generation.requests.comparisons import read_axis
from tests.generation.painted import ended, read_record

Make = Callable[..., Paint]


@pytest.fixture
def references(tmp_path: Path) -> list[Reference]:
    made = []
    for colour in ("red", "blue", "green"):
        path = tmp_path / f"{colour}.png"
        Image.new("RGB", (96, 96), colour).save(path)
        made.append(Reference(path=path, digest=digest_of(path.read_bytes()), weight=0.7))
    return made


@pytest.fixture
def source(tmp_path: Path) -> Source:
    picture = Image.new("RGB", (96, 96), (36, 84, 220))
    ImageDraw.Draw(picture).ellipse((20, 30, 70, 80), fill=(214, 32, 36))
    picture.save(tmp_path / "source.png")
    mask = Image.new("L", (96, 96), 0)
    mask.paste(255, (16, 24, 64, 72))
    mask.save(tmp_path / "mask.png")
    path = tmp_path / "source.png"
    return Source(path=path, digest=digest_of(path.read_bytes()), strength=0.7)


def painted(engine: Engine, request: Paint) -> list[Painted]:
    engine.begin(request)
    done = ended(engine)[request.job]
    assert isinstance(done, Finished), done
    return list(done.pictures)


def replayed(engine: Engine, picture: Painted, folder: Path) -> Painted:
    """Painted again from its file and the files of a folder."""
    assert picture.path is not None
    record = read_file(picture.path)
    assert isinstance(record, Record)
    files = found_in(folder.glob("*.png"), digests_of(record))
    out = folder / "again"
    out.mkdir(exist_ok=True)
    request = request_of(record, model=record.model, files=files, out=out)
    (again,) = painted(engine, request)
    return again


def assert_same(again: Painted, picture: Painted) -> None:
    """Assert that pictures are equal up to 2 of 255, the rounding error of other batches."""
    assert again.path is not None
    assert picture.path is not None
    assert read_record(again.path) == read_record(picture.path)
    pixels = (np.asarray(Image.open(path)).astype(int) for path in (again.path, picture.path))
    assert np.abs(np.subtract(*pixels)).max() <= 2


def test_each_picture_of_a_round_of_four(engine: Engine, request_: Make, tmp_path: Path) -> None:
    words = {"prompt": "a {red|blue|green} star", "negative_prompt": "{grey|black}"}
    round_ = painted(engine, request_(seed=7, count=4, width=64, height=104, **words))

    for picture in round_:
        assert_same(replayed(engine, picture, tmp_path), picture)


PASTED = {
    "prompt": "a (red：1.3） star <lora:x:1> BREAK blue --ar 3:2",
    "negative_prompt": "[grey] BREAK black",
}


def test_a_pasted_prompt_is_recorded_as_it_was_read(
    engine: Engine, request_: Make, tmp_path: Path
) -> None:
    (picture,) = painted(engine, request_(count=1, **PASTED))

    assert picture.path is not None
    record = read_file(picture.path)
    assert isinstance(record, Record)
    assert record.prompt == "a (red:1.3) star BREAK blue"
    assert record.breaks
    assert_same(replayed(engine, picture, tmp_path), picture)


def test_pictures_from_before_pasted_syntax_meant_anything(
    engine: Engine, request_: Make, tmp_path: Path
) -> None:
    """They were painted by the prompt as it stands, and say nothing of `BREAK`."""
    (before,) = painted(engine, request_("before", count=1, literal=True, **PASTED))
    (now,) = painted(engine, request_("now", count=1, **PASTED))

    assert before.path is not None
    record = read_record(before.path)
    assert record is not None
    assert record["prompt"] == PASTED["prompt"]
    assert "breaks" not in record
    assert_same(replayed(engine, before, tmp_path), before)
    assert now.digest != before.digest


@pytest.mark.parametrize("avoid", [0.0, 0.8])
def test_pictures_that_were_steered_explored_or_left_their_prompt(
    engine: Engine, request_: Make, tmp_path: Path, references: list[Reference], avoid: float
) -> None:
    feedback = Feedback(
        explore=0.25,
        explore_guidance=0.5,
        explore_avoid=avoid,
        dislike_end=0.6,
        drop=0.5,
        floor=0.1,
        start=0.1,
        end=0.9,
        strength=1.3,
    )
    steer = {"liked": tuple(references[:2]), "disliked": (references[2],), "feedback": feedback}
    round_ = painted(engine, request_(seed=7, count=4, steps=4, **steer))

    told = [read_record(picture.path) or {} for picture in round_ if picture.path]
    assert [bool(each["feedback"]["liked"]) for each in told] == [True, True, True, False]
    assert {each["prompt"] for each in told} == {"", "x"}
    assert len({each["guidance"] for each in told}) == 2
    for picture in round_:
        assert_same(replayed(engine, picture, tmp_path), picture)


def test_the_pictures_of_a_comparison(
    engine: Engine, request_: Make, tmp_path: Path, source: Source
) -> None:
    axes = (read_axis("source_strength", "0.4, 1"), read_axis("scheduler", "ddim, dpmpp_sde"))
    compared = painted(engine, request_(count=4, source=source, axes=axes))

    for picture in compared:
        assert_same(replayed(engine, picture, tmp_path), picture)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"mask": Path("mask.png")},
        {"anew": (Box(left=0, top=0, right=0.5, bottom=1),)},
        {"within": Box(left=1 / 3, top=0, right=1, bottom=1), "strength": 0.95},
        {"times": 2},
    ],
)
def test_pictures_that_began_from_one(
    engine: Engine, request_: Make, tmp_path: Path, source: Source, change: dict[str, Any]
) -> None:
    if "mask" in change:
        change = {"mask": tmp_path / "mask.png"}
    origin = dataclasses.replace(source, **change)
    request = request_(count=2, source=origin, tiled=origin.times > 1)

    for picture in painted(engine, request):
        assert_same(replayed(engine, picture, tmp_path), picture)


def test_what_is_lost_is_said_and_likes_can_be_done_without(
    engine: Engine, request_: Make, tmp_path: Path, references: list[Reference], source: Source
) -> None:
    liked, disliked, other = references
    steer = {"liked": (liked, other), "disliked": (disliked,), "source": source}
    (picture,) = painted(engine, request_(count=1, **steer))
    assert picture.path is not None
    record = read_file(picture.path)
    assert isinstance(record, Record)
    files = {each.digest: each.path for each in (liked, disliked)}

    with pytest.raises(
        MissingFiles, match="1 of the pictures that steered it and the picture"
    ) as lost:
        request_of(record, model=record.model, files=files, out=tmp_path)
    assert lost.value.source

    files[source.digest] = source.path
    fewer = without(record, digests_of(record) - files.keys())
    request = request_of(fewer, model=record.model, files=files, out=tmp_path)
    assert (len(request.liked), len(request.disliked)) == (1, 1)


class TestCommandLine:
    @pytest.fixture
    def liking(self, tmp_path: Path, tiny_folder: Path, references: list[Reference]) -> Path:
        """A picture that a red one steered."""
        words = f"--count 2 --seed 3 --steps 2 --model {tiny_folder} --out {tmp_path / 'first'}"
        like = ["--like", str(references[0].path), "--guidance", "7.5"]
        assert main(["imagine", "a {red|blue} star", *words.split(), *like]) == 0
        return tmp_path / "first" / "0.png"

    def test_a_picture_is_painted_again(
        self, liking: Path, tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        words = f"--model {tiny_folder} --pictures-in {tmp_path} --out {tmp_path / 'again'}"

        assert main(["replay", str(liking), *words.split()]) == 0

        told = capsys.readouterr()
        assert told.out.split()[0] == str(tmp_path / "again" / "0.png")
        assert told.err == ""
        again, before = (
            np.asarray(Image.open(path)).astype(int)
            for path in (tmp_path / "again" / "0.png", liking)
        )
        assert np.abs(again - before).max() <= 2
        assert read_record(tmp_path / "again" / "0.png") == read_record(liking)

    def test_what_is_not_found_is_said(
        self, liking: Path, tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        words = f"--model {tiny_folder} --out {tmp_path / 'again'}"

        assert main(["replay", str(liking), *words.split()]) == 2
        assert capsys.readouterr().err == (
            "This picture needs files that are not here: 1 of the pictures that steered it. "
            "Say where they are with --pictures-in, or use --anyway to paint without them.\n"
        )
        assert main(["replay", str(liking), *words.split(), "--anyway"]) == 0
        assert (tmp_path / "again" / "0.png").read_bytes() != liking.read_bytes()

    def test_a_picture_is_never_written_over_itself(
        self, liking: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = liking.read_bytes()
        capsys.readouterr()

        assert main(["replay", str(liking), "--out", str(liking.parent), "--overwrite"]) == 2
        assert capsys.readouterr().err.startswith("That would overwrite the picture itself")
        assert liking.read_bytes() == before

    def test_another_programs_picture_takes_a_model_to_be_named(
        self, tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = (
            "a {cat}\nSteps: 2, Sampler: Euler, CFG scale: 4, Seed: 5, Size: 64x104, Model: dream"
        )
        chunks = PngInfo()
        chunks.add_text("parameters", text)
        Image.new("RGB", (8, 8)).save(tmp_path / "other.png", pnginfo=chunks)
        words = ["replay", str(tmp_path / "other.png"), "--out", str(tmp_path / "again")]

        assert main(words) == 2
        assert "with dream. Choose a model" in capsys.readouterr().err
        assert main([*words, "--model", str(tiny_folder)]) == 0
        told = capsys.readouterr()
        assert "it can look quite different" in told.err
        record = read_record(Path(told.out.strip())) or {}
        assert (record["prompt"], record["scheduler"], record["seed"]) == ("a (cat)", "euler", 5)
        assert (record["width"], record["height"]) == (64, 104)

    @pytest.mark.usefixtures("references")
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("gone.png", "gone.png: No such file or directory.\n"),
            ("red.png", "This file does not contain the picture's settings."),
        ],
    )
    def test_what_cannot_be_painted_again_is_answered_by_a_sentence(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        name: str,
        said: str,
    ) -> None:
        assert main(["replay", str(tmp_path / name), "--out", str(tmp_path / "again")]) == 2
        assert said in capsys.readouterr().err
