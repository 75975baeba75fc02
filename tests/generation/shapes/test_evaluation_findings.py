"""Intervals, and what the study says of them; nothing is painted here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from random import Random

import pytest

from generation.protocol.requests import Influence
from generation.shapes.evaluation.arms import (
    AT_ONCE,
    BOTH,
    DROPPED,
    LIKES,
    OURS,
    PAPERS,
    PLAIN,
    SECOND_HALF,
    WHOLE,
    Arm,
    arm_of,
    tried,
)
from generation.shapes.evaluation.findings import Verdict, beats, judge
from generation.shapes.evaluation.intervals import interval, ratio
from generation.shapes.evaluation.ledger import TrialRecord, TrialRound
from generation.shapes.evaluation.results import StudyResults
from generation.shapes.evaluation.tables import report
from generation.shapes.evaluation.trials import trial

ABOUT = {
    "model": "shapes",
    "weights": "0123456789ab",
    "steps": 20,
    "guidance": 6.0,
    "scheduler": "euler_a",
    "seed": 0,
}
EACH, TOTAL = AT_ONCE[Influence.EACH], AT_ONCE[Influence.TOTAL]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Level:
    """The value of an arm in rounds 2 and 3, apart from chance."""

    preference: float = 0.3
    named: float = 0.9
    diversity: float = 0.4
    to_liked: float = 0.6
    to_disliked: float = 0.5


def record(arm: Arm, number: int, level: Level) -> TrialRecord:
    """A trial of an arm; luck is the trial's, and a little of it the arm's own."""
    its = trial(number)
    luck = Random(number).gauss(0, 0.1) + Random(f"{number}/{arm.name}").gauss(0, 0.01)
    rounds = [
        TrialRound(
            number=each,
            preference=tuple(
                place + luck + (0.3 if each == 1 else level.preference)
                for place in (-0.1, 0.0, 0.0, 0.1)
            ),
            favourite=(True, False, False, False),
            named=(level.named,) * 4,
            diversity=level.diversity + 0.1 * luck,
            to_liked=None if each == 1 else level.to_liked + 0.1 * luck,
            to_disliked=None if each == 1 else level.to_disliked + 0.1 * luck,
        )
        for each in (1, 2, 3)
    ]
    return TrialRecord(
        arm=arm.name,
        settings=arm.settings,
        trial=number,
        half=its.half,
        kind=its.favourite.kind,
        favourite=str(its.favourite),
        prompt=its.prompt,
        liked=(0.5,),
        disliked=(0.1,),
        rounds=tuple(rounds[-1:] if arm.bank else rounds),
    )


def results(levels: Mapping[Arm, Level], count: int = 30) -> StudyResults:
    return StudyResults(
        record(arm, k, level) for arm, level in levels.items() for k in range(count)
    )


AS_PUBLISHED = {
    PLAIN: Level(),
    LIKES: Level(preference=0.5, diversity=0.25),
    BOTH: Level(preference=0.6, diversity=0.2, to_liked=0.8, to_disliked=0.4),
    SECOND_HALF: Level(preference=0.3, named=0.8),
    WHOLE: Level(preference=0.55),
    DROPPED: Level(preference=0.5, diversity=0.3),
    EACH[0]: Level(named=0.9),
    EACH[-1]: Level(named=0.4),
    TOTAL[-1]: Level(named=0.85),
}
"""A world in which the paper is right about everything."""


def test_an_interval_lies_around_the_mean_and_narrows_with_more_trials():
    few, many = ([Random(k).random() for k in range(count)] for count in (20, 500))
    narrow, wide = interval(many), interval(few)
    assert narrow.low < narrow.mean < narrow.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3


def test_a_ratio_is_resampled_with_both_numbers_of_a_trial():
    random = Random(4)
    below = [random.uniform(0.5, 1.5) for _ in range(60)]
    above = [3 * value + random.gauss(0, 0.01) for value in below]

    found = ratio(above, below)

    assert found is not None
    assert found.low < 3 < found.high
    assert found.high - found.low < 0.02, "what trials have in common cancels out"
    assert ratio([1.0, 2.0], [0.0, 0.0]) is None
    assert ratio([1.0], [1.0]) is None


def test_the_same_values_give_the_same_interval():
    assert interval([0.1, 0.5, 0.9]) == interval([0.1, 0.5, 0.9])


def test_an_interval_holds_the_truth_nineteen_times_in_twenty():
    random = Random(0)
    found = [interval([random.gauss(1, 1) for _ in range(40)]) for _ in range(100)]
    assert 0.9 <= sum(each.low <= 1 <= each.high for each in found) / 100 <= 0.99


def test_of_one_trial_nothing_is_known_but_its_value():
    alone = interval([0.7])
    assert (alone.mean, alone.side, str(alone)) == (0.7, 0, "0.700")
    assert interval([]) is None


def test_differences_are_taken_trial_by_trial_over_common_trials():
    found = StudyResults(
        [record(LIKES, k, Level(preference=0.35)) for k in range(20)]
        + [record(PLAIN, k, Level()) for k in range(10, 60)]
    )
    difference = found.contrast({(LIKES, 3): 1, (PLAIN, 3): -1}, "preference")
    assert difference.trials == 10
    assert difference.side == 1
    # Though the trials' own luck hides it when the arms are looked at one by one.
    assert not found.mean(LIKES, "preference", 3).above(found.mean(PLAIN, "preference", 3))


def test_arms_of_equal_settings_are_one():
    found = results({BOTH: Level(preference=0.6)}, count=4)
    same = Arm(name="by another name")
    assert found.values(same, "preference", 3) == found.values(BOTH, "preference", 3) != {}


@pytest.mark.parametrize("arm", [PLAIN, OURS, DROPPED, EACH[-1]])
def test_an_arm_comes_back_from_its_settings(arm: Arm):
    assert arm_of(arm.name, arm.settings).key == arm.key


def test_an_arm_of_ones_own_changes_what_is_said():
    arm = tried("end=0.4 influence=each")
    assert (arm.feedback.end, arm.feedback.influence) == (0.4, Influence.EACH)
    assert arm.feedback.strength == OURS.feedback.strength
    with pytest.raises(ValueError, match="colour=red is not a setting of an arm"):
        tried("colour=red")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("start=0.9 end=0.1", "Feedback must start and end between 0 and 1"),
        ("strength=-1", "strength must be between 0 and 10, not -1"),
        ("explore=2", "share of wildcards must be between 0 and 1, not 2"),
        ("strength=nan", "strength must be between 0 and 10"),
    ],
)
def test_an_arm_out_of_range_is_refused_in_a_sentence(words: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tried(words)


def test_every_finding_holds_where_the_paper_is_right():
    answers = list(judge(results(AS_PUBLISHED)))
    assert {answer.verdict for answer in answers} == {Verdict.HOLDS}
    assert len(answers) == 8


def one(says: str, levels: Mapping[Arm, Level]) -> Verdict:
    [answer] = [a for a in judge(results(levels)) if says in a.finding.says]
    return answer.verdict


@pytest.mark.parametrize(
    ("says", "arm", "level", "verdict"),
    [
        ("Dislikes help", LIKES, Level(preference=0.9), Verdict.FAILS),
        ("Dislikes help", LIKES, Level(preference=0.6), Verdict.NOT_SHOWN),
        ("Diversity falls", PLAIN, Level(diversity=0.1), Verdict.FAILS),
        ("first half", WHOLE, Level(preference=0.9), Verdict.IN_PART),
        ("second half", SECOND_HALF, Level(preference=0.3, named=0.95), Verdict.IN_PART),
        ("overwhelm", EACH[-1], Level(named=0.87), Verdict.IN_PART),
        ("rises", BOTH, Level(preference=0.1), Verdict.FAILS),
    ],
)
def test_a_finding_fails_where_the_paper_is_wrong(
    says: str, arm: Arm, level: Level, verdict: Verdict
):
    assert one(says, {**AS_PUBLISHED, arm: level}) is verdict


def test_nothing_is_said_of_what_was_not_measured():
    assert {answer.verdict for answer in judge(StudyResults([]))} == {Verdict.UNKNOWN}


WINNING = {
    PLAIN: Level(),
    PAPERS: Level(preference=0.4, diversity=0.2),
    OURS: Level(preference=0.7, named=0.87, diversity=0.25),
}


@pytest.mark.parametrize(
    ("level", "met"),
    [
        (WINNING[OURS], [True, True, True]),
        (dataclasses.replace(WINNING[OURS], named=0.8), [False, True, True]),
        (dataclasses.replace(WINNING[OURS], preference=0.42), [True, False, True]),
        (dataclasses.replace(WINNING[OURS], diversity=0.1), [True, True, False]),
    ],
)
def test_ours_wins_if_it_is_likelier_as_true_and_as_diverse(level: Level, met: list[bool]):
    assert [bar.met for bar in beats(results({**WINNING, OURS: level}), OURS, PAPERS)] == met


def test_only_the_reporting_half_decides():
    def found(wins: Callable[[int], bool]) -> StudyResults:
        level = {True: WINNING[OURS], False: Level(preference=0.0)}
        return StudyResults(
            [record(arm, k, WINNING[arm]) for arm in (PLAIN, PAPERS) for k in range(30)]
            + [record(OURS, k, level[wins(k)]) for k in range(30)]
        )

    assert beats(found(lambda k: trial(k).half == "report"), OURS, PAPERS)[1].met
    assert not beats(found(lambda k: trial(k).half == "choose"), OURS, PAPERS)[1].met


def test_the_report_says_what_was_found_and_of_which_half():
    text = report(results({**AS_PUBLISHED, **WINNING}, count=12), ABOUT)
    assert "**ours against paper: beaten**" in text
    assert "**ours against tutorial: not measured**" in text
    assert "**Dislikes help: holds**" in text
    for title, half in (
        ("Ours against theirs", "reporting half"),
        ("Round by round", "reporting half"),
        ("The paper's findings", "both halves"),
        ("To choose by", "choosing half"),
    ):
        [heading] = [line for line in text.splitlines() if line.startswith(f"## {title}")]
        assert half in heading


def test_the_first_line_to_choose_by_is_the_best_that_may_be_chosen():
    rash = tried("strength=3")
    levels = {**WINNING, rash: Level(preference=0.9, named=0.2)}
    text = report(results(levels, count=12), ABOUT).partition("## To choose by")[2]
    rows = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows == [["| ours", "yes"], ["| paper", "yes"], ["| strength=3", "no"]]
