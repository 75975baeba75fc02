"""States of references take memory by their number, never by the pictures that read them."""

from __future__ import annotations

import pytest
import torch

from benchmarks.easel import Setting
from benchmarks.memory import Case, forget_peak, measure, peak, weigh


def states(setting: Setting, references: int, pictures: int) -> int:
    return weigh(Case(setting=setting, references=references, pictures=pictures)).states


def test_states_grow_with_references_and_not_with_pictures(setting: Setting) -> None:
    one = states(setting, 1, 1)

    assert one > 0
    assert states(setting, 4, 1) == 4 * one
    assert states(setting, 1, 4) == one
    assert states(setting, 0, 1) == 0


def test_the_peak_remembers_what_was_held_for_a_moment_only() -> None:
    cpu = torch.device("cpu")
    forget_peak(cpu)
    before = peak(cpu)
    torch.ones(2**24)  # 64 MiB, let go at once
    held = peak(cpu) - before
    forget_peak(cpu)

    assert 60 * 2**20 < held < 70 * 2**20
    assert peak(cpu) < before + held / 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_case_is_weighed_in_a_process_of_its_own(setting: Setting) -> None:
    figures = list(measure(setting, references=(1, 2), pictures=(1, 2)))

    by_references = {
        figure.case: figure.ratio.median
        for figure in figures
        if figure.ratio and "states of 1 reference" in (figure.baseline or "")
    }
    assert by_references == {
        "2 references, 1 picture": 2,
        "1 reference, 2 pictures": 1,
        "2 references, 2 pictures": 2,
    }
    peaks = [figure for figure in figures if figure.kind.startswith("growth of the peak")]
    assert len(peaks) == 4
