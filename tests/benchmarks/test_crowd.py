"""Members who paint together are measured against the same members one after another."""

from __future__ import annotations

import pytest

from benchmarks.crowd import IN_TURN, TOGETHER, measure, percentile
from benchmarks.easel import Easel
from benchmarks.figures import Figure


@pytest.fixture(scope="module")
def figures(easel: Easel) -> list[Figure]:
    return list(measure(easel, members=(1, 3), rounds=(2,)))


def test_crowds_are_compared_by_total_time_and_by_waits(figures: list[Figure]) -> None:
    compared = [figure for figure in figures if figure.baseline]

    assert [figure.case for figure in compared] == [
        f"{crowd}: {case}"
        for crowd in (
            "1 member, a picture each",
            "3 members, a picture each",
            "2 members, 2 pictures each",
        )
        for case in ("total", "95 % have theirs")
    ]
    for figure in compared:
        assert (figure.kind, figure.baseline) == (TOGETHER, IN_TURN)
        assert figure.ratio is not None
        assert 0.05 < figure.ratio.median < 20


def test_a_newcomer_hears_of_progress_within_three_steps_of_the_crowd(
    figures: list[Figure],
) -> None:
    joined = [figure for figure in figures if figure.unit == "steps"]

    assert [figure.case for figure in joined] == [
        "3 members, a picture each, one joins",
        "2 members, 2 pictures each, one joins",
    ]
    assert all(0 <= figure.value <= 3 for figure in joined)


@pytest.mark.parametrize(
    ("values", "expected"), [([4.0], 4), ([3.0, 1.0, 2.0], 3), (range(1, 101), 95)]
)
def test_95_percent_do_not_exceed_their_percentile(values: list[float], expected: float) -> None:
    assert percentile(values, 95) == expected
