"""Feedback costs little, and next to nothing once its references are known."""

import time
from pathlib import Path

import pytest

from benchmarks.feedback import measure, ratio
from generation.loading import load_model
from generation.messages import WorkerOptions


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_one_like_and_one_dislike_stay_within_their_bars(tiny_folder: Path) -> None:
    model = load_model(WorkerOptions(model=str(tiny_folder), device="cpu"))

    times = measure(model, model.card.name, 5, time.process_time)

    assert ratio(times, "new") <= 1.25
    assert ratio(times, "cached") <= 1.1
