"""What doctor says of trainings: for whom, how far, what they take, and what is left behind."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from bot.host.check import CheckState
from bot.host.training_notes import (
    TrainingNote,
    look_at_trainings,
    read_notes,
    write_notes,
)

NOTE = TrainingNote(
    job_id=12,
    name="rocky",
    member_id=5,
    server_id=7,
    since=time.time() - 1800,
    step=300,
    steps=1000,
    state="running",
)


def test_notes_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == []
    write_notes(tmp_path, [NOTE])
    assert read_notes(tmp_path) == [NOTE]
    (tmp_path / "trainings.json").write_text('[{"job": 1}]')
    assert read_notes(tmp_path) == []
    write_notes(tmp_path / "nowhere", [NOTE])


def test_nothing_is_said_where_nothing_trains(tmp_path: Path) -> None:
    assert list(look_at_trainings(tmp_path)) == []


def test_it_names_trainings_models_and_what_is_left(tmp_path: Path) -> None:
    write_notes(tmp_path, [dataclasses.replace(NOTE, since=time.time() - 1800)])
    for place in ("work/12/out", "work/9/out", "work/scratch-x/out", "models/fine-3/unet"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "file").write_bytes(b"." * 10_000_000)
    (tmp_path / "work" / "13").mkdir()
    (tmp_path / "models" / ".fine-4.partial").mkdir()

    training, model, left = look_at_trainings(tmp_path)

    assert training.verdict is CheckState.GOOD
    assert training.sentence == (
        "“rocky” for member 5 in server 7: running, step 300 of 1000, started 30 minutes ago, "
        "0.01 GB of working files."
    )
    assert str(tmp_path / "models" / "fine-3") in model.sentence
    assert (left.verdict, left.subject) == (CheckState.NOTICE, "training")
    assert str(tmp_path / "work" / "9") in left.sentence
