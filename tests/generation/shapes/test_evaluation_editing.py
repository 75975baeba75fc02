"""Measuring edits by words: what counts as done, and the curve of obeying against keeping."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.__main__ import main
from generation.catalog.entries import EditingDefaults
from generation.catalog.files import locate
from generation.images.tensors import digest_of
from generation.protocol.events import Painted
from generation.protocol.requests import Paint
from generation.shapes.evaluation import instructed, tradeoff
from generation.shapes.evaluation.easel import Painter
from generation.shapes.evaluation.instructed import (
    Outcome,
    Task,
    captions_of,
    contact_sheet,
    edit_all,
    shares,
    tasks,
)
from generation.shapes.evaluation.similarity import clip_embedder, clip_words
from generation.shapes.evaluation.tradeoff import Curves, EditJudge, Point
from generation.shapes.instructions import EDITED
from generation.shapes.world import SIDE, draw

COUNT = 24


def paints(picture_of: Callable[[Task], Image.Image]) -> Painter:
    """Whatever is to come of each task."""
    wanted = tasks(COUNT, 0)

    def paint_one(request: Paint) -> Sequence[Painted]:
        path = request.out / "0.png"
        picture_of(wanted[request.seed]).save(path)
        digest = digest_of(path.read_bytes())
        return [Painted(path=path, digest=digest, seed=request.seed, width=SIDE, height=SIDE)]

    return lambda requests: [paint_one(request) for request in requests]


def shares_of(picture_of: Callable[[Task], Image.Image], folder: Path) -> instructed.Shares:
    return shares(edit_all(paints(picture_of), tasks(COUNT, 0), folder, model="shapes"))


def test_instructions_come_in_both_languages_and_of_every_kind() -> None:
    made = tasks(60, 0)
    assert [task.language for task in made[:4]] == ["en", "ja", "en", "ja"]
    assert {task.edit.attribute for task in made} == set(EDITED)
    assert all(task.words.isascii() == (task.language == "en") for task in made)
    assert made[:10] == tasks(10, 0)


def test_requests_are_those_of_a_member_who_edits(tmp_path: Path) -> None:
    asked: list[Paint] = []

    def paint(requests: Sequence[Paint]) -> Sequence[Sequence[Painted]]:
        asked.extend(requests)
        return paints(lambda task: task.before)(requests)

    edit_all(
        paint,
        tasks(3, 0),
        tmp_path,
        model="shapes",
        editing=EditingDefaults(guidance=3.0, image_guidance=1.8),
    )
    assert [request.prompt for request in asked] == [task.words for task in tasks(3, 0)]
    assert {(request.guidance, request.image_guidance) for request in asked} == {(3, 1.8)}
    source = asked[0].source
    assert source is not None
    with Image.open(source.path) as shown:
        assert shown.tobytes() == tasks(1, 0)[0].before.tobytes()


def test_perfect_edits_meet_every_bar(tmp_path: Path) -> None:
    found = shares_of(lambda task: draw(task.edit.after), tmp_path)
    assert {share for row in found.values() for share in row.values()} == {1.0}
    assert all(instructed.bars(found).values())


def test_a_picture_left_as_it_was_keeps_everything_and_changes_nothing(tmp_path: Path) -> None:
    found = shares_of(lambda task: task.before, tmp_path)
    assert found["all else kept"]["all"] == 1
    assert found["changed as asked"]["all"] == found["both"]["all"] == 0
    assert list(instructed.bars(found).values()) == [False, True]


def test_what_cannot_be_read_is_neither_changed_nor_kept(tmp_path: Path) -> None:
    grey = Image.new("RGB", (SIDE, SIDE), (100, 100, 100))
    found = shares_of(lambda _: grey, tmp_path)
    assert {share for row in found.values() for share in row.values()} == {0.0}


def test_the_sheet_frames_what_went_wrong(tmp_path: Path) -> None:
    done = edit_all(
        paints(lambda task: draw(task.edit.after) if task.seed else task.before),
        tasks(COUNT, 0),
        tmp_path,
        model="shapes",
    )
    sheet = contact_sheet(done, most=12, columns=6)
    assert sheet.size == (6 * (2 * SIDE + 6), 2 * (SIDE + 4))
    assert sheet.getpixel((0, 0)) == (255, 0, 0)
    assert sheet.getpixel((2 * SIDE + 6, 0)) == (255, 255, 255)


def test_captions_differ_in_what_was_edited_alone() -> None:
    for task in tasks(40, 0):
        before, after = captions_of(task)
        assert before != after
        if task.edit.attribute in ("colour", "background"):
            was = getattr(task.edit.before, task.edit.attribute)
            assert before.replace(was, getattr(task.edit.after, task.edit.attribute)) == after


def test_a_true_edit_goes_the_way_of_its_words() -> None:
    folder = locate("shapes")
    judge = EditJudge(see=clip_embedder(folder), understand=clip_words(folder))
    colours = [task for task in tasks(80, 0) if task.edit.attribute == "colour"]
    done = judge.point(1.0, _outcomes(colours, [draw(task.edit.after) for task in colours]))
    left = judge.point(1.0, _outcomes(colours, [task.before for task in colours]))
    swapped = [*colours[1:], colours[0]]
    wrong = judge.point(1.0, _outcomes(colours, [draw(task.edit.after) for task in swapped]))
    assert done.directional_similarity > 0.5
    assert left.directional_similarity == pytest.approx(0, abs=1e-6)
    assert left.image_similarity == pytest.approx(1, abs=1e-5)
    assert wrong.directional_similarity < done.directional_similarity - 0.2


def _outcomes(done: Sequence[Task], pictures: Sequence[Image.Image]) -> list[Outcome]:
    return [Outcome.of(task, picture) for task, picture in zip(done, pictures, strict=True)]


def points(images: Sequence[float], directions: Sequence[float]) -> list[Point]:
    return [
        Point(
            value=number,
            image_similarity=image,
            directional_similarity=direction,
            changed=0,
            kept=0,
        )
        for number, (image, direction) in enumerate(zip(images, directions, strict=True))
    ]


def test_the_curve_is_held_against_image_to_image_at_equal_image_similarity() -> None:
    editing = points(np.linspace(0.7, 0.9, 7), np.linspace(0.5, 0.3, 7))
    below = points([0.95, 0.8, 0.5], [0.1, 0.2, 0.3])
    beyond = points([0.95, 0.8, 0.5], [0.1, 0.5, 0.6])
    [perfect] = points([0.9], [0.6])
    found = Curves(obey=2, editing=editing, image_to_image=below, perfect=perfect)
    assert tradeoff.correlations(editing) == pytest.approx((1, -1))
    assert all(tradeoff.bars(found).values())
    assert not tradeoff.above(dataclasses.replace(found, image_to_image=beyond))


def test_nothing_that_varies_with_keep_is_no_correlation() -> None:
    assert tradeoff.correlations(points([0.8] * 7, [0.3] * 7)) == (0, 0)


@pytest.mark.slow
def test_the_command_prints_and_keeps_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"evaluate edits --count 8 --curve 1 --follow-ups 0 --out {tmp_path}"
    assert main(words.split()) == 0
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "edits.md").read_text(encoding="utf-8")
    assert "| changed as asked |" in printed
    figures = json.loads((tmp_path / "edits.json").read_text(encoding="utf-8"))
    assert set(figures["shares"]) == {"changed as asked", "all else kept", "both"}
    assert figures["shares"]["changed as asked"]["all"] >= 0.75
    published, usual = figures["curves"]
    assert (published["obey"], usual["obey"]) == (7.5, 2)
    for curves in (published, usual):
        kept = [point["value"] for point in curves["editing"]]
        assert kept == sorted(kept) == list(tradeoff.KEEPS)
        assert len(curves["image_to_image"]) == len(tradeoff.STRENGTHS)
        assert curves["perfect"]["changed"] == curves["perfect"]["kept"] == 1
    for name in ("edits.png", "tradeoff.png"):
        assert (tmp_path / name).exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_embedded_model_edits_as_the_bars_ask(tmp_path: Path) -> None:
    assert main(f"evaluate edits --curve 0 --follow-ups 0 --out {tmp_path}".split()) == 0
    figures = json.loads((tmp_path / "edits.json").read_text(encoding="utf-8"))
    assert figures["instructions"] == 300
    assert all(figures["bars"].values())


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_follows_an_edit_keeps_it(tmp_path: Path) -> None:
    words = f"evaluate edits --count 1 --curve 0 --follow-ups 24 --out {tmp_path}"
    main(words.split())
    figures = json.loads((tmp_path / "edits.json").read_text(encoding="utf-8"))
    kept = figures["kept after edits"]
    for follow_up in ("vary, strength 0.4", "vary, strength 0.7", "restyle, strength 0.6"):
        assert kept[follow_up]["rewritten prompt"] >= 0.9
        assert kept[follow_up]["prompt from before the edit"] <= 0.3
    for follow_up in ("zoom out 1.5×", "zoom out 2×"):
        before, rewritten = kept[follow_up].values()
        assert rewritten > before
    assert "| zoom out 2× |" in (tmp_path / "edits.md").read_text(encoding="utf-8")
