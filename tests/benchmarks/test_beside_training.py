"""Drawing while training: rounds take turns, and training gets its share."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.beside_training import ALLOWED, latest, measure
from benchmarks.easel import Setting
from generation.protocol.options import WorkerOptions


def test_the_latest_is_by_nearest_rank() -> None:
    assert latest([3.0]) == 3.0
    assert latest([float(number) for number in range(1, 21)]) == 19.0
    assert latest([float(number) for number in range(1, 41)]) == 38.0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rounds_beside_a_training_keep_their_time(setting: Setting) -> None:
    """On the embedded model; the training gets its tenth."""
    options = WorkerOptions(model="shapes", device="cpu")
    setting = dataclasses.replace(
        setting, options=options, steps=20, pictures=4, size=None, repeats=20
    )
    round_, late, training = measure(setting)

    assert round_.ratio is not None
    assert late.against is not None
    step = float(late.remark.split(" step of ")[1].split()[0])
    assert late.value <= ALLOWED * late.against + step, late.remark
    assert float(training.remark.split("%")[0]) >= 8, training.remark
