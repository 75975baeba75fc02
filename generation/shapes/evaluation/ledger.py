"""The study's measurements so far: one JSON line for each arm in each trial.

A stopped study resumes where it was.  What it has measured stays readable even when the defaults
change, because every line states its settings in full.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from generation.shapes.evaluation.arms import key_of


class OtherStudy(Exception):
    """The folder holds a study of another model or setup; the message says what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialRound:
    """All measurements of a round; tuples have one element per image."""

    number: int
    preference: tuple[float, ...]
    favourite: tuple[bool, ...]
    named: tuple[float, ...]
    diversity: float
    to_liked: float | None
    to_disliked: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One arm in one trial; `liked` and `disliked` are the rated images' preference scores."""

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
        """Parse a line of the file."""
        fields = json.loads(line)
        rounds = tuple(
            TrialRound(**{name: _frozen(value) for name, value in each.items()})
            for each in fields.pop("rounds")
        )
        return cls(rounds=rounds, **{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Line(Protocol):
    """A measurement that is written as one line: a dataclass that can be read back from it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Parse a line of the file."""


Record = TypeVar("Record", bound=Line)


class StudyFolder(Generic[Record]):
    """The folder of one study: its model and setup, and its records of one kind."""

    def __init__(self, folder: Path, kind: type[Record]) -> None:
        self._about = folder / "study.json"
        self._file = folder / "trials.jsonl"
        self._kind = kind

    def about(self) -> dict[str, Any]:
        """The study's model and setup.  Raises OtherStudy if there is no study."""
        if not self._about.exists():
            raise OtherStudy(f"There is no study in {self._about.parent} yet.")
        return dict(json.loads(self._about.read_text(encoding="utf-8")))

    def open(self, about: Mapping[str, Any]) -> None:
        """Begin a study of this model and setup, or resume it.  Raises OtherStudy."""
        if self._file.exists() and self.about() != about:
            raise OtherStudy(
                f"{self._about.parent} holds a study of another model or setup; choose another "
                f"folder, or delete {self._file.name} there to begin anew."
            )
        self._about.parent.mkdir(parents=True, exist_ok=True)
        self._about.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        if self._file.exists() and not self._file.read_bytes().endswith(b"\n"):
            self._append("\n")  # ends a line that was cut short when the study was stopped
        self._file.touch()

    def write(self, record: Record) -> None:
        """Append a record; several processes may do so at the same time."""
        self._append(json.dumps(dataclasses.asdict(record), ensure_ascii=False) + "\n")

    def _append(self, text: str) -> None:
        # Unbuffered, so that each line is one write and lands whole at the end of the file.
        with self._file.open("ab", buffering=0) as file:
            file.write(text.encode())

    def records(self) -> Iterator[Record]:
        """Yield every complete line's record, in the order of writing."""
        if not self._file.exists():
            return
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                yield self._kind.from_line(line)
            except (json.JSONDecodeError, TypeError, KeyError):
                continue  # cut short when the study was stopped


class Ledger(StudyFolder[TrialRecord]):
    """The folder of the study of likes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TrialRecord)

    def done(self) -> set[tuple[str, int]]:
        """Return the (settings, trial) pairs that have been measured."""
        return {(key_of(record.settings), record.trial) for record in self.records()}
