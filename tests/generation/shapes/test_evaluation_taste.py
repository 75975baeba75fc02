"""The study of trained tastes: what members see and rate, and what the report makes of it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PIL import Image

from generation.shapes.evaluation.favourites import Favourite
from generation.shapes.evaluation.taste import MEMBERS, TastePlan
from generation.shapes.evaluation.taste_report import report_taste
from generation.shapes.evaluation.taste_rounds import TasteRound, rate_rounds, rounds
from generation.shapes.world import draw
from generation.training.data.folders import read_folder
from generation.training.preference.ratings import pairs_of, ratings_of

YELLOW = Favourite(colour="yellow")


def drawn_rounds(folder: Path, *colours: tuple[str, ...]) -> list[TasteRound]:
    """Draw a round of pictures in these colours, one after the other."""
    fitting = [each for each in rounds(200, seed=0) if each.scene.background == "white"]
    chosen = fitting[: len(colours)]
    for each, own in zip(chosen, colours, strict=True):
        (folder / f"{each.number:04}").mkdir(parents=True)
        for place, colour in enumerate(own):
            scene = dataclasses.replace(each.scene, colour=colour, fill="solid", size="large")
            draw(scene).save(folder / f"{each.number:04}" / f"{place}.png")
    return chosen


def test_rounds_leave_every_favourite_open_and_are_the_same_again() -> None:
    first, again, other = (list(rounds(30, seed=seed)) for seed in (0, 0, 1))

    assert first == again
    assert {each.seed for each in first}.isdisjoint(each.seed for each in other)
    assert all(each.scene.fill not in each.prompt for each in first)
    assert [each for each in first if not each.suits(YELLOW)] == [
        each for each in first if each.scene.background == "yellow"
    ]


def test_settings_are_chosen_on_other_members_than_those_reported_on() -> None:
    assert not set(MEMBERS["choose"]) & set(MEMBERS["report"])


def test_new_prompts_have_noise_of_their_own() -> None:
    plan = TastePlan(prompts=5)
    seen = {each.seed for each in rounds(plan.rounds, seed=plan.seed)}

    new = plan.new_prompts(YELLOW)

    assert len(new) == 5
    assert all(each.suits(YELLOW) for each in new)
    assert seen.isdisjoint(each.seed for each in new)


def test_a_member_likes_what_comes_near_and_dislikes_as_much_of_the_same_round(
    tmp_path: Path,
) -> None:
    chosen = drawn_rounds(
        tmp_path / "rounds",
        ("red", "yellow", "blue", "orange"),
        ("red", "green", "blue", "black"),
        ("yellow", "yellow", "yellow", "blue"),
    )

    liked = rate_rounds(tmp_path / "rounds", chosen, YELLOW, most=40, out=tmp_path / "rated")

    rated = ratings_of(read_folder(tmp_path / "rated")[0])
    assert liked == 2
    assert [each.round for each in rated] == [chosen[0].number] * 2 + [chosen[2].number] * 2
    assert len(pairs_of(rated)) == 2
    assert {each.seed for each in rated if each.round == chosen[0].number and each.liked} == {
        chosen[0].seed + 1
    }


def test_a_member_stops_when_enough_is_liked(tmp_path: Path) -> None:
    chosen = drawn_rounds(tmp_path / "rounds", *[("yellow", "red", "red", "red")] * 3)

    assert rate_rounds(tmp_path / "rounds", chosen, YELLOW, most=2, out=tmp_path / "rated") == 2


def test_the_report_compares_each_objective_with_no_feedback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = {"no feedback": 0.1, "liked": 0.5, "kto": 0.2}
    with (tmp_path / "measured.jsonl").open("w", encoding="utf-8") as file:
        for member in ("yellow", "blue", "dotted"):
            for arm, share in shares.items():
                row = {"member": member, "arm": arm, "seconds": 1.0, "favourite": share}
                row |= {"preference": share, "named": 0.9, "diversity": 0.5}
                file.write(json.dumps(row) + "\n")
    (tmp_path / "sheets").mkdir()
    Image.new("RGB", (96, 96)).save(tmp_path / "sheets" / "yellow, liked.png")

    report_taste(TastePlan(), tmp_path)

    said = capsys.readouterr().out
    assert "plain LoRA on the liked, as many steps: favourite × 3 or more: yes" in said
    assert "Diffusion-KTO: favourite × 3 or more: no" in said
    figures = json.loads((tmp_path / "taste.json").read_text("utf-8"))
    assert figures["ratios"]["liked"]["favourite"]["mean"] == pytest.approx(5)
    assert figures["differences in favourite"]["liked − kto"]["low"] == pytest.approx(0.3)
    assert (tmp_path / "taste.png").is_file()
