"""Notes of the running bot on what trains, and what trainings take on the disk, for `doctor`.

`doctor` is another process, which opens no second connection to a database in use.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.host.check import CheckResult, good, notice

log = logging.getLogger(__name__)

NOTES = "trainings.json"
WORK, MODELS = "work", "models"
"""Folders of the data folder: of jobs under way, and of whole models that were trained."""
GIGABYTE = 1e9
MINUTE, HOUR = 60, 3600


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainingNote:
    """A training under way."""

    job_id: int
    name: str
    member_id: int
    server_id: int
    since: float
    """When it was started, in seconds since 1970."""
    step: int
    steps: int
    state: str
    """"queued", "running" or "paused"."""


def write_notes(data_dir: Path, notes: Sequence[TrainingNote]) -> None:
    """Write what trains; blocks.  A missing folder is only logged."""
    file = data_dir / NOTES
    new = file.with_suffix(".new")
    try:
        new.write_text(json.dumps([dataclasses.asdict(note) for note in notes]), "utf-8")
        new.replace(file)
    except OSError as error:
        log.warning("cannot note what trains: %s", error)


def read_notes(data_dir: Path) -> list[TrainingNote]:
    """Read what trains, or trained when the bot was stopped; empty if there are no notes."""
    try:
        return [TrainingNote(**note) for note in json.loads((data_dir / NOTES).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def look_at_trainings(data_dir: Path) -> Iterator[CheckResult]:
    """Report what trains and for whom, whole models, and folders that trainings left behind."""
    notes = read_notes(data_dir)
    for note in notes:
        taken = folder_bytes(data_dir / WORK / str(note.job_id)) / GIGABYTE
        yield good(
            "training",
            f"“{note.name}” for member {note.member_id} in server {note.server_id}: {note.state}, "
            f"step {note.step} of {note.steps}, started {_ago(note.since)} ago, "
            f"{taken:.2f} GB of working files.",
        )
    for folder, size in models_in(data_dir):
        yield good(
            "trained model",
            f"{folder} takes {size / GIGABYTE:.2f} GB. Set KONOMI_MODEL (of edit training "
            "KONOMI_EDITOR) to it, or delete the folder.",
        )
    for folder, size in left_behind(data_dir, {note.job_id for note in notes}):
        yield notice(
            "training",
            f"{folder} is left of a training that is over ({size / GIGABYTE:.2f} GB). The bot "
            "removes it at a start, a day later.",
        )


def models_in(data_dir: Path) -> list[tuple[Path, int]]:
    """Return the whole models that were trained, with their sizes in bytes; blocks."""
    folders = sorted((data_dir / MODELS).glob("[!.]*"))
    return [(folder, folder_bytes(folder)) for folder in folders if folder.is_dir()]


def left_behind(data_dir: Path, under_way: set[int]) -> list[tuple[Path, int]]:
    """Return the folders of trainings that are over, with their sizes in bytes; blocks."""
    folders = sorted((data_dir / WORK).glob("*/out"))
    over = [each.parent for each in folders if each.parent.name not in map(str, under_way)]
    return [(folder, folder_bytes(folder)) for folder in over if folder.name.isdecimal()]


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder; 0 if there is none.  Blocks."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def _ago(since: float) -> str:
    seconds = max(0.0, time.time() - since)
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} minutes"
    return f"{seconds / HOUR:.1f} hours"
