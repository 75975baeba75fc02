"""The study itself: the protocol, what it costs, stopping and going on, the command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from generation.__main__ import main
from generation.catalog.files import EMBEDDED
from generation.images.tensors import digest_of
from generation.protocol.events import Painted
from generation.protocol.requests import Influence, Paint
from generation.requests.feedback import explores
from generation.shapes.evaluation.arms import (
    AT_ONCE,
    BOTH,
    DROPPED,
    LIKES,
    OURS,
    PLAIN,
    PLAIN_AS_OURS,
    Arm,
)
from generation.shapes.evaluation.easel import Easel, Setup
from generation.shapes.evaluation.ledger import Ledger, TrialRecord
from generation.shapes.evaluation.protocol import Sitting
from generation.shapes.evaluation.similarity import Embedder, clip_embedder
from generation.shapes.evaluation.study import StudyPlan, fingerprint, paint_trials
from generation.shapes.evaluation.trials import Trial, trials
from generation.shapes.scorers import read
from generation.shapes.world import COLOURS, SHAPES, draw, random_scene


class Draughtsman:
    """Draws what the prompt says and, for what it leaves open, what the last like shows."""

    def __init__(self) -> None:
        self.requests: list[Paint] = []

    def __call__(self, requests: Sequence[Paint]) -> Sequence[Sequence[Painted]]:
        self.requests += requests
        return [[self._paint(each, place) for place in range(each.count)] for each in requests]

    def _paint(self, request: Paint, place: int) -> Painted:
        words = request.prompt.split()
        colours = [word for word in words if word in COLOURS]
        named = {
            "shape": next((word for word in words if word in SHAPES), None),
            "background": colours[-1] if colours else None,
            "colour": colours[0] if len(colours) > 1 else None,
        }
        attributes = {"size": "large", **{name: word for name, word in named.items() if word}}
        if request.liked and not explores(
            request.feedback, place, request.count, len(request.liked)
        ):
            with Image.open(request.liked[-1].path) as liked:
                shown = read(liked)
            attributes = {"colour": str(shown.colour), "fill": str(shown.fill), **attributes}
        seed = request.seed + place
        path = request.out / f"{place}.png"
        draw(random_scene(Random(seed), counts=(1,), **attributes)).save(path)
        digest = digest_of(path.read_bytes())
        return Painted(path=path, digest=digest, seed=seed, width=96, height=96)


@pytest.fixture
def draughtsman() -> Draughtsman:
    return Draughtsman()


@pytest.fixture
def easel(draughtsman: Draughtsman, tmp_path: Path) -> Easel:
    (tmp_path / "pictures").mkdir()
    return Easel(draughtsman, Setup(), tmp_path / "pictures")


@pytest.fixture(scope="session")
def embed() -> Embedder:
    return clip_embedder(EMBEDDED)


@pytest.fixture
def trial() -> Trial:
    return next(trials(1))


@pytest.fixture
def sitting(easel: Easel, embed: Embedder, trial: Trial) -> Sitting:
    return Sitting(easel, embed, trial)


def test_pictures_resemble_themselves_more_than_others(embed: Embedder):
    vectors = embed([draw(random_scene(Random(seed))) for seed in range(8)])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(8), abs=1e-5)
    cosines = vectors @ vectors.T
    assert (cosines.argmax(axis=1) == np.arange(8)).all()


def test_the_best_is_liked_and_the_worst_disliked_and_both_stay(
    sitting: Sitting, draughtsman: Draughtsman
):
    played = sitting.play(BOTH)
    assert [(len(r.liked), len(r.disliked)) for r in draughtsman.requests] == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    assert played.liked == tuple(max(each.preference) for each in played.rounds)
    assert played.disliked == tuple(min(each.preference) for each in played.rounds)


def test_likes_bring_the_favourite_where_likes_are_followed(easel: Easel, embed: Embedder):
    gains = []
    for trial in trials(4, kinds=("colour",)):
        sitting = Sitting(easel, embed, trial)
        with_likes, without = sitting.play(LIKES), sitting.play(PLAIN)
        gains.append(
            np.mean(with_likes.rounds[2].preference) - np.mean(without.rounds[2].preference)
        )
        assert with_likes.rounds[2].named == (1, 1, 1, 1)
    assert np.mean(gains) > 0.2


def test_arms_of_a_trial_share_what_is_alike(
    sitting: Sitting, easel: Easel, draughtsman: Draughtsman, trial: Trial
):
    plain, likes, both = (sitting.play(arm) for arm in (PLAIN, LIKES, BOTH))
    assert plain.rounds[0] == likes.rounds[0] == both.rounds[0]
    assert easel.painted == 12 + 8 + 8
    assert [r.seed for r in draughtsman.requests[:3]] == [trial.seed + k for k in (0, 4, 8)]
    assert all(r.seed in (trial.seed + 4, trial.seed + 8) for r in draughtsman.requests[3:])


def test_arms_of_another_guidance_share_their_own_first_round(sitting: Sitting, easel: Easel):
    sitting.play(PLAIN)
    ours, plain = (sitting.play(arm) for arm in (OURS, PLAIN_AS_OURS))
    assert plain.rounds[0] == ours.rounds[0]
    assert easel.painted == 12 + 12 + 8


def test_ratings_fade_where_an_arm_lets_them(sitting: Sitting, draughtsman: Draughtsman):
    sitting.play(BOTH)
    assert [each.weight for each in draughtsman.requests[-1].liked] == [1, 1]
    sitting.play(OURS)
    assert [each.weight for each in draughtsman.requests[-1].liked] == [0.5, 1]
    assert [each.weight for each in draughtsman.requests[-1].disliked] == [0.5, 1]


def test_a_plain_arm_rates_but_is_not_steered(sitting: Sitting, draughtsman: Draughtsman):
    played = sitting.play(PLAIN)
    assert not any(request.liked or request.disliked for request in draughtsman.requests)
    assert played.rounds[0].to_liked is None
    assert played.rounds[1].to_liked is not None


def test_a_prompt_is_dropped_only_once_something_steers(
    easel: Easel, draughtsman: Draughtsman, embed: Embedder
):
    for each in trials(4):
        Sitting(easel, embed, each).play(DROPPED)
    steered = [request for request in draughtsman.requests if request.liked]
    dropped = [request for request in draughtsman.requests if not request.prompt]
    assert len(steered) == 4 * 2 * 4
    assert all(request.liked for request in dropped)
    assert 0.1 < len(dropped) / len(steered) < 0.45


def test_likes_given_at_once_are_the_best_of_the_bank(sitting: Sitting, draughtsman: Draughtsman):
    played = sitting.play(AT_ONCE[Influence.EACH][2])
    worth = [picture.preference for picture in sitting.best_of_bank()]
    assert len(worth) == 48
    assert list(played.liked) == sorted(worth, reverse=True)[:3]
    assert [each.number for each in played.rounds] == [3]
    [steered] = [request for request in draughtsman.requests if request.liked]
    assert len(steered.liked) == 3
    assert not steered.disliked


def test_a_prompt_is_not_dropped_where_pictures_explore():
    with pytest.raises(ValueError, match="not both"):
        Arm(name="both", feedback=OURS.feedback, drop=0.3)


def plan_of(*arms: Arm, count: int = 2) -> StudyPlan:
    return StudyPlan(main=arms, others=(), main_trials=count, other_trials=0)


def paint_all(
    plan: StudyPlan, painter: Draughtsman, embed: Embedder, folder: Path
) -> list[TrialRecord]:
    ledger = Ledger(folder)
    ledger.open(plan.about())
    paint_trials(plan, plan.trials(), painter, embed, ledger)
    return list(ledger.records())


def test_a_study_that_was_stopped_goes_on_where_it_was(tmp_path: Path, embed: Embedder):
    class Impatient(Draughtsman):
        def __call__(self, requests: Sequence[Paint]) -> Sequence[Sequence[Painted]]:
            if len(self.requests) == 6:
                raise KeyboardInterrupt
            return super().__call__(requests)

    plan, folder = plan_of(PLAIN, LIKES, count=2), tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        paint_all(plan, Impatient(), embed, folder)
    early = list(Ledger(folder).records())
    with (folder / "trials.jsonl").open("a") as file:
        file.write('{"arm": "cut sho')
    resumed = paint_all(plan, Draughtsman(), embed, folder)
    assert [(each.trial, each.arm) for each in early] == [(0, "plain"), (0, "likes")]
    assert resumed[:2] == early
    assert resumed == paint_all(plan, Draughtsman(), embed, tmp_path / "whole")
    assert len(resumed) == 4


def test_what_is_there_is_not_painted_again(tmp_path: Path, embed: Embedder):
    paint_all(plan_of(PLAIN, LIKES), Draughtsman(), embed, tmp_path)
    again = Draughtsman()
    paint_all(plan_of(PLAIN, Arm(name="another name", dislikes=False)), again, embed, tmp_path)
    assert not again.requests


def test_weights_that_do_not_paint_make_no_other_study(tmp_path: Path):
    for part in ("unet", "edit"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "model.safetensors").write_bytes(b"first")
    before = fingerprint(tmp_path)
    (tmp_path / "edit" / "model.safetensors").write_bytes(b"second")
    assert fingerprint(tmp_path) == before
    (tmp_path / "unet" / "model.safetensors").write_bytes(b"second")
    assert fingerprint(tmp_path) != before


def test_half_a_study_plays_half_the_trials():
    plan = StudyPlan(main_trials=10, other_trials=4, halves=["report"])
    assert [each.number for each in plan.trials()] == [1, 3, 5, 7, 9]
    first, last = plan.trials()[0], plan.trials()[-1]
    assert len(plan.arms(first)) > len(plan.arms(last)) == len(plan.main)


def test_the_whole_study_is_large_enough():
    plan = StudyPlan()
    counts = [len(plan.arms(each)) for each in plan.trials()]
    assert len(counts) >= 100
    assert sum(count > len(plan.main) for count in counts) >= 40


def test_the_command_paints_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    words = ["evaluate", "feedback", "--out", str(tmp_path), "--steps", "2"]
    small = ["--trials", "2", "--ablation-trials", "2", "--half", "report", "--only"]
    assert main([*words, *small, "--try", "strength=1.2"]) == 0
    painted = [(record.arm, record.trial) for record in Ledger(tmp_path).records()]
    assert painted == [("plain", 1), ("strength=1.2", 1)]
    files = [str(tmp_path / name) for name in ("report.md", "rounds.png")]
    assert capsys.readouterr().out.split() == files
    for name in files:
        Path(name).unlink()
    assert main([*words, "--report-only"]) == 0
    assert capsys.readouterr().out.split() == files


def test_the_shortest_form_compares_a_hidden_colour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    words = f"evaluate likes --count 1 --steps 2 --strength 0.5 --out {tmp_path}"
    assert main(words.split()) == 0
    printed = capsys.readouterr().out
    assert "| round 3 |" in printed
    assert "Favourite × 3 or more: " in printed
    figures = json.loads((tmp_path / "likes.json").read_text())
    assert figures["feedback"]["strength"] == 0.5
    assert {record.kind for record in Ledger(tmp_path).records()} == {"colour"}
    assert (tmp_path / "likes.png").exists()


def test_a_study_of_another_setup_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ledger = Ledger(tmp_path)
    ledger.open(plan_of().about())
    words = ["evaluate", "feedback", "--out", str(tmp_path), "--steps", "2"]
    assert main(words) == 2
    assert "holds a study of another model or setup" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--report-only", "There is no study in {out} yet."),
        ("--model {out}", "{out} has no model_index.json"),
    ],
)
def test_what_cannot_be_done_is_answered_by_one_sentence(
    words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    asked = ["evaluate", "feedback", "--out", str(tmp_path), *words.format(out=tmp_path).split()]
    assert main(asked) == 2
    assert capsys.readouterr().err.startswith(sentence.format(out=tmp_path))


def test_a_setting_that_no_arm_has_is_answered_by_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "feedback", "--out", str(tmp_path), "--try", "colour=red"])
    assert ended.value.code == 2
    assert "colour=red is not a setting of an arm" in capsys.readouterr().err
