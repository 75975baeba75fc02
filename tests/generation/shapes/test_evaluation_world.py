"""Pictures match their prompts, and the scorers that measure it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from generation.__main__ import main
from generation.images.tensors import digest_of
from generation.models.model import Model
from generation.protocol.events import Painted
from generation.protocol.requests import Paint
from generation.shapes.evaluation import prompts, reading
from generation.shapes.evaluation.easel import Painter, Setup
from generation.shapes.evaluation.prompts import (
    PromptReading,
    contact_sheet,
    paint_answers,
    prompt_scenes,
    right_shares,
)
from generation.shapes.world import RESERVED_FILLS, RESERVED_SHAPES, SIDE, draw

COUNT = 24


def speaks(*languages: str) -> Painter:
    """Draws exactly what is asked for in these languages, and nothing otherwise."""
    scenes = prompt_scenes(COUNT, 0)

    def paint_one(request: Paint) -> Sequence[Painted]:
        language = "en" if request.prompt.isascii() else "ja"
        picture = Image.new("RGB", (SIDE, SIDE), (100, 100, 100))
        if language in languages:
            picture = draw(scenes[request.seed - 1000])
        path = request.out / "0.png"
        picture.save(path)
        digest = digest_of(path.read_bytes())
        return [Painted(path=path, digest=digest, seed=request.seed, width=SIDE, height=SIDE)]

    return lambda requests: [paint_one(request) for request in requests]


def answers_of(paint: Painter, folder: Path) -> list[PromptReading]:
    return paint_answers(paint, folder, setup=Setup(), count=COUNT, seed=0)


def test_half_of_the_prompts_ask_for_new_combinations():
    scenes = prompt_scenes(COUNT, 0)
    assert sum(scene.held_out for scene in scenes) == COUNT / 2
    assert scenes == prompt_scenes(2 * COUNT, 0)[:COUNT]


def test_every_scene_is_asked_for_in_both_languages_from_one_seed(tmp_path: Path):
    asked: list[Paint] = []

    def paint(requests: Sequence[Paint]) -> Sequence[Sequence[Painted]]:
        asked.extend(requests)
        return speaks("en", "ja")(requests)

    answers = answers_of(paint, tmp_path)
    for english, japanese in zip(answers[::2], answers[1::2], strict=True):
        assert (english.language, japanese.language) == ("en", "ja")
        assert english.scene == japanese.scene
        assert english.scene.colour in english.prompt
        assert not japanese.prompt.isascii()
    assert len({request.seed for request in asked}) == COUNT


def test_where_everything_comes_true_every_bar_is_met(tmp_path: Path):
    shares = right_shares(answers_of(speaks("en", "ja"), tmp_path))
    assert {share for row in shares.values() for share in row.values()} == {1.0}
    assert list(shares["shape"]) == [
        *("all", "seen", "held out", "one object", "two objects", "Japanese")
    ]
    assert all(prompts.bars(shares).values())


def test_who_speaks_no_japanese_misses_that_bar_alone(tmp_path: Path):
    shares = right_shares(answers_of(speaks("en"), tmp_path))
    missed = [bar for bar, met in prompts.bars(shares).items() if not met]
    assert missed == ["Japanese within 5 points"]


def test_what_cannot_be_read_is_wrong(tmp_path: Path):
    shares = right_shares(answers_of(speaks(), tmp_path))
    assert {share for row in shares.values() for share in row.values()} == {0.0}


def test_the_sheet_shows_so_many_pictures_and_frames_what_is_wrong(tmp_path: Path):
    answers = answers_of(speaks("en"), tmp_path)
    sheet = contact_sheet(answers, most=32, columns=16)
    assert sheet.size == (16 * (SIDE + 4), 2 * (SIDE + 4))
    assert sheet.getpixel((0, 0)) == (255, 255, 255)
    assert sheet.getpixel((SIDE + 4, 0)) == (255, 0, 0)


def test_scorers_are_right_about_drawings_and_wrong_about_grey():
    scenes = reading.fresh_scenes(50, 0)
    assert set(reading.reading_shares(scenes).values()) == {1.0}
    grey = reading.reading_shares(
        scenes, lambda pictures: [Image.new("RGB", p.size, (100, 100, 100)) for p in pictures]
    )
    assert set(grey.values()) == {0.0}


def test_reserved_scenes_show_what_training_never_draws():
    assert all(
        scene.shape in RESERVED_SHAPES or scene.fill in RESERVED_FILLS
        for scene in reading.reserved_scenes(100, 0)
    )


def test_a_round_trip_is_the_autoencoders(model: Model):
    drawings = [draw(scene) for scene in reading.fresh_scenes(3, 0)]
    after = reading.round_trip(model)(drawings)
    assert [picture.size for picture in after] == [(SIDE, SIDE)] * 3
    assert all(a.tobytes() != d.tobytes() for a, d in zip(after, drawings, strict=True))


def test_the_bars_of_the_scorers_leave_out_where_things_are():
    right = dict.fromkeys(reading.ATTRIBUTES, 1.0)
    table = {"drawings": right, "drawings after the VAE": {**right, "place": 0.5}}
    assert all(reading.bars(table).values())
    table["drawings after the VAE"]["count"] = 0.96
    assert list(reading.bars(table).values()) == [True, False]


@pytest.mark.filterwarnings("ignore::RuntimeWarning:generation.shapes.scorers")
def test_the_command_prints_and_keeps_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    words = f"evaluate world --count 4 --steps 2 --guidance 4 --out {tmp_path}"
    assert main(words.split()) == 0
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "world.md").read_text(encoding="utf-8")
    assert "| shape |" in printed
    assert "Japanese − English" in printed
    figures = json.loads((tmp_path / "world.json").read_text(encoding="utf-8"))
    assert figures["setup"]["guidance"] == 4.0
    assert figures["prompts"] == 4
    assert (tmp_path / "world.png").exists()
