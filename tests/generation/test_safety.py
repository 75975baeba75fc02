"""The model's own safety checker decides what is handed out."""

from pathlib import Path

import pytest

from generation.messages import Paint, Painted, WorkerOptions
from tests.generation.loop import running
from tests.tiny import build_tiny


@pytest.mark.parametrize("withheld", [True, False])
def test_the_models_own_checker_is_honoured(tmp_path: Path, withheld: bool) -> None:
    folder = build_tiny(tmp_path / "model", safety_threshold=-2.0 if withheld else 2.0)
    request = Paint(job="job", model=str(folder), prompt="x", count=2, steps=1, out=tmp_path)

    with running(WorkerOptions(model=str(folder), device="cpu", threads=1)) as worker:
        finished = worker.paint(request)

    assert worker.card.has_safety_checker
    assert [picture.withheld for picture in finished.pictures] == [withheld, withheld]
    assert (tmp_path / "0.png").exists() is not withheld
    if withheld:
        assert finished.pictures[1] == Painted(
            path=None, digest=None, seed=1, width=96, height=96, withheld=True
        )


def test_a_model_without_a_checker_says_so(tiny_folder: Path) -> None:
    with running(WorkerOptions(model=str(tiny_folder), device="cpu", threads=1)) as worker:
        assert not worker.card.has_safety_checker
