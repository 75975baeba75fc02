"""The record of a training's evaluation: pictures and scores in folders, from them the page.

One folder for the untouched model and one in each checkpoint, so that a training that was
interrupted knows them all again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from generation.training.checkpoints import load_json, save_json
from generation.training.evaluation.loss_curve import Losses
from generation.training.evaluation.page import SheetRow, TrainingPage, write_page
from generation.training.evaluation.probe import Evaluated, Probe
from generation.training.evaluation.scores import Scores
from generation.training.evaluation.stopping import CheckpointScores, best_checkpoint

SCORES = "scores.json"
MOST_REFERENCES = 16
"""Training pictures that pictures are compared with, and that the page shows."""


def save_evaluated(
    folder: Path, found: Evaluated, *, step: int | None = None, validation: float | None = None
) -> None:
    """Write the pictures and then their scores into a folder."""
    for name, pictures in (("sample", found.pictures), ("plain", found.plain)):
        for number, picture in enumerate(pictures):
            picture.save(folder / f"{name}-{number}.png")
    scores = dataclasses.asdict(found.scores)
    save_json(folder / SCORES, {"step": step, "validation": validation, **scores})


def load_row(folder: Path) -> SheetRow | None:
    """Read what `save_evaluated` wrote; None if there is nothing whole."""
    values = load_json(folder / SCORES)
    if values is None:
        return None
    fields = {field.name for field in dataclasses.fields(Scores)}
    return SheetRow(
        step=values["step"],
        pictures=_pictures(folder, "sample"),
        plain=_pictures(folder, "plain"),
        scores=Scores(**{name: values.get(name) for name in fields}),
        validation=values["validation"],
    )


def load_rows(folders: Iterable[Path]) -> list[SheetRow]:
    """Read the rows of several folders, in order of their steps, the untouched model's first."""
    rows = [row for folder in folders if (row := load_row(folder)) is not None]
    return sorted(rows, key=lambda row: -1 if row.step is None else row.step)


def best_of(rows: Sequence[SheetRow]) -> int | None:
    """Return the step of the best checkpoint; None if there is none."""
    untouched = next((row.scores for row in rows if row.step is None), None)
    checkpoints = [
        CheckpointScores(step=row.step, scores=row.scores, validation=row.validation)
        for row in rows
        if row.step is not None
    ]
    return best_checkpoint(checkpoints, untouched).step if checkpoints else None


def report(
    folder: Path,
    rows: Sequence[SheetRow],
    *,
    title: str,
    references: Sequence[Image.Image],
    probe: Probe,
    curve: Sequence[Mapping[str, Any]],
    settings: Mapping[str, object],
) -> Path:
    """Write the page on a training so far into its folder; return the page's path.

    curve: a row for each step, with its loss or its validation.
    """
    steps = [row.step for row in rows if row.step is not None]
    proposed = best_of(rows)
    return write_page(
        TrainingPage(
            title=title,
            references=references,
            wishes=probe.wishes,
            plain_wishes=probe.plain_wishes,
            rows=rows,
            proposed=proposed,
            losses=Losses(
                training=[(row["step"], row["loss"]) for row in curve if "loss" in row],
                validation=[
                    (row["step"], row["validation"]) for row in curve if "validation" in row
                ],
                checkpoints=steps,
                proposed=proposed,
            ),
            settings=settings,
        ),
        folder,
    )


def _pictures(folder: Path, name: str) -> list[Image.Image]:
    files = sorted(folder.glob(f"{name}-*.png"), key=lambda file: int(file.stem.split("-")[1]))
    return [_opened(file) for file in files]


def _opened(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        return opened.convert("RGB")
