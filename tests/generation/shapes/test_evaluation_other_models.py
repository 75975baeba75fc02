"""The report on likes with models that nobody tuned for: the worst of them decides."""

from __future__ import annotations

from pathlib import Path

from generation.__main__ import main
from generation.catalog.files import EMBEDDED
from generation.shapes.evaluation.arms import (
    CLOSER_ELSEWHERE,
    ELSEWHERE,
    PAPERS,
    PLAIN,
    TUTORIALS,
    Arm,
    tried,
)
from generation.shapes.evaluation.easel import Setup
from generation.shapes.evaluation.ledger import Ledger, TrialRecord, TrialRound
from generation.shapes.evaluation.study import StudyPlan
from generation.shapes.evaluation.trials import trial

ABOUT = {"weights": "0123456789ab", "steps": 20, "guidance": 5.0, "scheduler": "euler_a", "seed": 0}
TRIALS = 60
OWN = tried("strength=3 guidance=setup")


def record(arm: Arm, number: int, shown: int) -> TrialRecord:
    """A trial in whose last round the first `shown` pictures of four show the favourite."""
    its = trial(number)
    return TrialRecord(
        arm=arm.name,
        settings=arm.settings,
        trial=number,
        half=its.half,
        kind=its.favourite.kind,
        favourite=str(its.favourite),
        prompt=its.prompt,
        liked=(),
        disliked=(),
        rounds=(
            TrialRound(
                number=3,
                preference=(0.5,) * 4,
                favourite=tuple(place < shown for place in range(4)),
                named=(1.0,) * 4,
                diversity=0.3,
                to_liked=None,
                to_disliked=None,
            ),
        ),
    )


def study(folder: Path, shown: dict[str, int]) -> Path:
    ledger = Ledger(folder)
    ledger.open(ABOUT)
    for arm in (PLAIN, PAPERS, TUTORIALS, ELSEWHERE, CLOSER_ELSEWHERE, OWN):
        for number in range(TRIALS):
            # Plain pictures show it in every second trial, the others in all.
            count = (number // 2) % 2 if arm is PLAIN else shown.get(arm.name, 1)
            ledger.write(record(arm, number, count))
    return folder


def lines(text: str, start: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(start)]


def test_a_default_has_to_hold_on_every_model(tmp_path: Path) -> None:
    good = study(tmp_path / "good", {ELSEWHERE.name: 2, OWN.name: 3})
    poor = study(tmp_path / "poor", {PAPERS.name: 2, OWN.name: 2})

    assert main(["evaluate", "other-models", str(good), str(poor), "--out", str(tmp_path)]) == 0

    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    reached, missed = lines(text, "| good | yes: 4.00")[0], lines(text, "| poor | no: 2.00")[0]
    assert reached.count("yes") == 4
    assert missed.count("no") == 2  # less often than 2.5 times, and than the paper's settings
    chosen = lines(text, f"| {OWN.name} | yes |")
    assert len(chosen) == 1
    assert "| 4.00 |" in chosen[0]  # the worst of 6 and 4
    assert lines(text, f"| {ELSEWHERE.name} | no |")


def test_a_folder_of_another_study_is_said_to_hold_none(tmp_path: Path) -> None:
    assert main(["evaluate", "other-models", str(tmp_path / "x"), "--out", str(tmp_path)]) != 0
    assert not (tmp_path / "report.md").exists()


def test_a_study_names_the_model_without_its_folder() -> None:
    about = StudyPlan(setup=Setup(model=str(EMBEDDED))).about()
    assert about["model"] == EMBEDDED.name
