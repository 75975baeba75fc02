"""What the study has measured so far: one JSON line for each arm in each trial.

A study that is stopped goes on where it was; what it has measured stays readable whatever
becomes of the defaults, since every line states its settings in full.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generation.shapes.evaluation.arms import key_of


class OtherStudy(Exception):
    """The folder holds a study of another model or setup; the message says what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialRound:
    """Everything measured of a round's pictures; tuples have an element for each of them."""

    number: int
    preference: tuple[float, ...]
    favourite: tuple[bool, ...]
    named: tuple[float, ...]
    diversity: float
    to_liked: float | None
    to_disliked: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One arm in one trial; `liked` and `disliked` are the preferences of what was rated."""

    arm: str
    settings: Mapping[str, Any]
    trial: int
    half: str
    kind: str
    favourite: str
    prompt: str
    liked: tuple[float, ...]
    disliked: tuple[float, ...]
    rounds: tuple[TrialRound, ...]

    @classmethod
    def from_line(cls, line: str) -> TrialRecord:
        """The record that a line of the file holds."""
        fields = json.loads(line)
        rounds = tuple(
            TrialRound(**{name: _frozen(value) for name, value in each.items()})
            for each in fields.pop("rounds")
        )
        return cls(rounds=rounds, **{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Ledger:
    """The folder of one study: what it is of, and its records."""

    def __init__(self, folder: Path) -> None:
        self._about = folder / "study.json"
        self._file = folder / "trials.jsonl"

    def about(self) -> dict[str, Any]:
        """What the study is of.  Raises OtherStudy where there is none."""
        if not self._about.exists():
            raise OtherStudy(f"There is no study in {self._about.parent} yet.")
        return dict(json.loads(self._about.read_text(encoding="utf-8")))

    def open(self, about: Mapping[str, Any]) -> None:
        """Begin a study of this model and setup, or go on with it.  Raises OtherStudy."""
        if self._file.exists() and self.about() != about:
            raise OtherStudy(
                f"{self._about.parent} holds a study of another model or setup; give another "
                f"folder, or delete {self._file.name} there to begin anew."
            )
        self._about.parent.mkdir(parents=True, exist_ok=True)
        self._about.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        if self._file.exists() and not self._file.read_bytes().endswith(b"\n"):
            self._append("\n")  # a line that was being written when the study was stopped
        self._file.touch()

    def write(self, record: TrialRecord) -> None:
        """Add a record; several processes may."""
        self._append(json.dumps(dataclasses.asdict(record), ensure_ascii=False) + "\n")

    def _append(self, text: str) -> None:
        # Unbuffered, so that each line is one write and lands whole at the end of the file.
        with self._file.open("ab", buffering=0) as file:
            file.write(text.encode())

    def records(self) -> Iterator[TrialRecord]:
        """Every whole line, in the order of writing."""
        if not self._file.exists():
            return
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                yield TrialRecord.from_line(line)
            except (json.JSONDecodeError, TypeError, KeyError):
                continue  # cut short when the study was stopped

    def done(self) -> set[tuple[str, int]]:
        """Which settings have played which trials."""
        return {(key_of(record.settings), record.trial) for record in self.records()}
