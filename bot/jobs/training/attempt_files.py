"""Files that a training leaves in its job's folder: checkpoints with their scores, and the curve.

The generator writes them, each whole or not at all; here they are only read.  All of it blocks.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.views.training.card_data import LossCurve
from bot.views.training.curve import smoothed, thinned

DATA, OUT = "data", "out"
"""Folders within the job's."""
CHECKPOINTS, UNTOUCHED, SCORES = "checkpoints", "untouched", "scores.json"
SHEET, CURVE = "samples.png", "curve.jsonl"
SCORED = ("validation", "fidelity", "dino", "following", "drift", "diversity")
"""The scores that are kept."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class WrittenCheckpoint:
    """A checkpoint on the disk."""

    step: int
    adapter: Path | None
    """The adapter's file; None if the result is a whole model."""
    sheet: Path | None
    scores: Mapping[str, Any]


def checkpoints_in(out: Path, name: str) -> list[WrittenCheckpoint]:
    """Return the checkpoints of a training with results of this name, by step."""
    found = []
    for folder in (out / CHECKPOINTS).glob("step-*"):
        if (step := re.fullmatch(r"step-(\d+)", folder.name)) is None:
            continue
        adapter, sheet = folder / f"{name}.safetensors", folder / SHEET
        found.append(
            WrittenCheckpoint(
                step=int(step[1]),
                adapter=adapter if adapter.is_file() else None,
                sheet=sheet if sheet.is_file() else None,
                scores=scores_in(folder),
            )
        )
    return sorted(found, key=lambda each: each.step)


def scores_in(folder: Path) -> dict[str, float]:
    """Return the scores of what was painted into a folder."""
    try:
        values = json.loads((folder / SCORES).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        name: float(values[name])
        for name in SCORED
        if isinstance(values.get(name), int | float) and math.isfinite(values[name])
    }


def curve_in(out: Path, until: int | None = None) -> LossCurve:
    """Return the curve of a training so far, or up to a step, the same whenever it is read."""
    try:
        lines = (out / CURVE).read_text("utf-8").splitlines()
    except OSError:
        lines = []
    losses: list[tuple[int, float]] = []
    validations: list[tuple[int, float]] = []
    for row in map(_row, lines):
        if until is not None and row and row["step"] > until:
            continue
        for name, points in (("loss", losses), ("validation", validations)):
            value = row.get(name)
            if isinstance(value, int | float) and math.isfinite(value):
                points.append((int(row["step"]), float(value)))
    # The first validation is of the untouched model, at step 0.
    return LossCurve(
        training=thinned(smoothed(losses)),
        validation=thinned(validations),
        checkpoints=[step for step, _ in validations if step],
    )


def _row(line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}  # cut off by a crash
    return row if isinstance(row, dict) and isinstance(row.get("step"), int) else {}


def curve_as_json(curve: LossCurve) -> dict[str, Sequence[Any]]:
    """Return a curve as plain JSON, for the training's row."""
    return {
        "training": [[step, float(f"{loss:.5g}")] for step, loss in curve.training],
        "validation": [[step, float(f"{loss:.5g}")] for step, loss in curve.validation],
        "checkpoints": list(curve.checkpoints),
    }


def curve_of(stored: Mapping[str, Any]) -> LossCurve:
    """Return the curve that a training's row has."""
    return LossCurve(
        training=[(int(step), float(loss)) for step, loss in stored.get("training", ())],
        validation=[(int(step), float(loss)) for step, loss in stored.get("validation", ())],
        checkpoints=[int(step) for step in stored.get("checkpoints", ())],
    )


def keep_model(result: Path, models: Path, name: str) -> Path:
    """Copy a whole model into the folder of models and return its place; the files are linked.

    The same again replaces it, so that a training which is completed twice has one.
    """
    place, partial = models / name, models / f".{name}.partial"
    models.mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(result, partial, copy_function=_link)
    shutil.rmtree(place, ignore_errors=True)
    partial.replace(place)
    return place


def _link(source: str, target: str) -> str:
    try:
        Path(target).hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copy2(source, target)
    return target
