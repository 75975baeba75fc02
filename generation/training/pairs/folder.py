"""A folder of picture pairs that grows prompt by prompt, and survives being killed at any moment.

`samples.jsonl` is its journal: a line for every prompt that is done, with the scores of all its
samples.  `metadata.jsonl` lists what is kept, and follows from the journal.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from generation.protocol.problems import Code
from generation.requests.refused import Refused
from generation.training.pairs.edit_prompts import EditPrompt
from generation.training.pairs.filtering import (
    PUBLISHED,
    USUAL_REJECTION,
    PairScores,
    Rejection,
    Thresholds,
    kept,
)
from generation.training.pairs.prompt_to_prompt import Sharing

SETTINGS, JOURNAL, METADATA = "pairs.json", "samples.jsonl", "metadata.jsonl"

Images = tuple[Image.Image, Image.Image]
"""A picture and its edit."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairFilter:
    """Which samples of a prompt are kept.

    rejection: the thresholds are found by it once `calibration` prompts are done, and nothing is
    kept until then; None for `thresholds` themselves.  Without either, all pass.
    """

    rejection: Rejection | None = USUAL_REJECTION
    thresholds: Thresholds | None = PUBLISHED
    calibration: int = 32
    most: int = 4

    def found(self, sample: Sequence[PairScores]) -> Thresholds | None:
        """Return the thresholds, given the scores of the first prompts."""
        return self.thresholds if self.rejection is None else self.rejection.thresholds(sample)


FILTERED = PairFilter()
UNFILTERED = PairFilter(rejection=None, thresholds=None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampled:
    """All samples of one prompt: how each was painted, and its scores."""

    prompt: EditPrompt
    sharing: tuple[Sharing, ...]
    scores: tuple[PairScores, ...]

    def dump(self) -> str:
        """Write it as one line of JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def load(cls, line: str) -> Sampled:
        """Read what `dump` wrote; ValueError, TypeError or KeyError for anything else."""
        values = json.loads(line)
        return cls(
            prompt=EditPrompt(**values["prompt"]),
            sharing=tuple(Sharing(**each) for each in values["sharing"]),
            scores=tuple(PairScores(**each) for each in values["scores"]),
        )


class PairFolder:
    """The pairs of a list of prompts in a folder, those that are done and those to come."""

    def __init__(
        self, folder: Path, about: Mapping[str, Any], prompts: int, filter_: PairFilter
    ) -> None:
        """Open a new folder, or one that holds some of the same pairs.

        about: settings that the pairs depend on; prompts: number of them.  Raises `Refused` for a
        folder with others.
        """
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)
        _check_settings(folder, about)
        self._filter = filter_
        self._calibrated = min(filter_.calibration if filter_.rejection else 0, prompts)
        self.done = read_journal(folder / JOURNAL)
        self.kept = 0
        """Number of pairs in metadata.jsonl."""
        self.thresholds: Thresholds | None = None
        self._settle()

    def add(self, sampled: Sampled, pictures: Sequence[Images]) -> None:
        """Add the samples of the next prompt."""
        number = len(self.done)
        waits = number < self._calibrated
        chosen = range(len(pictures)) if waits else self._chosen(sampled)
        for sample in chosen:
            for name, picture in zip(names_of(number, sample), pictures[sample], strict=True):
                picture.save(self.path / name)
        _append(self.path / JOURNAL, [sampled.dump()])
        self.done.append(sampled)
        if waits:
            self._settle()
        else:
            rows = self._rows(number)
            _append(self.path / METADATA, rows)
            self.kept += len(rows)

    def _settle(self) -> None:
        """Write metadata.jsonl anew, once the thresholds are known, and delete what is rejected."""
        metadata = self.path / METADATA
        metadata.unlink(missing_ok=True)
        if len(self.done) < self._calibrated:
            return
        first = [each for sampled in self.done[: self._calibrated] for each in sampled.scores]
        self.thresholds = self._filter.found(first)
        rows = [row for number in range(len(self.done)) for row in self._rows(number)]
        self.kept = len(rows)
        partial = metadata.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        _append(partial, rows)
        partial.replace(metadata)
        for number in range(self._calibrated):
            sampled = self.done[number]
            for sample in set(range(len(sampled.scores))) - set(self._chosen(sampled)):
                for name in names_of(number, sample):
                    (self.path / name).unlink(missing_ok=True)

    def _chosen(self, sampled: Sampled) -> list[int]:
        return kept(sampled.scores, self.thresholds, self._filter.most)

    def _rows(self, number: int) -> list[str]:
        """Return the lines of a prompt in metadata.jsonl."""
        sampled = self.done[number]
        rows = []
        for sample in self._chosen(sampled):
            before, after = names_of(number, sample)
            row = {
                "input_image": before,
                "edited_image": after,
                "edit_prompt": sampled.prompt.instruction,
                "original_prompt": sampled.prompt.caption,
                "edited_prompt": sampled.prompt.edited,
                # By these Hugging Face's image folders open the two of them.
                "input_image_file_name": before,
                "edited_image_file_name": after,
            }
            rows.append(json.dumps(row, ensure_ascii=False))
        return rows


def names_of(number: int, sample: int) -> tuple[str, str]:
    """Return the names of the files of a prompt's sample: the picture, and its edit."""
    return f"{number:06}-{sample:03}-input.png", f"{number:06}-{sample:03}-edited.png"


def _check_settings(folder: Path, about: Mapping[str, Any]) -> None:
    file = folder / SETTINGS
    wanted = json.loads(json.dumps(about))
    if file.exists():
        if json.loads(file.read_text(encoding="utf-8")) != wanted:
            raise Refused(Code.PAIRS_OTHER, folder=folder.name)
        return
    if any(folder.iterdir()):
        raise Refused(Code.PAIRS_OTHER, folder=folder.name)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(about, indent=1, ensure_ascii=False), encoding="utf-8")
    partial.replace(file)


def read_journal(file: Path) -> list[Sampled]:
    """Read the samples of all prompts that are done; cut off what a kill left of a last line."""
    if not file.exists():
        return []
    lines = file.read_bytes().splitlines(keepends=True)
    done = []
    for line in lines:
        try:
            done.append(Sampled.load(line.decode("utf-8")))
        except (ValueError, TypeError, KeyError):
            break
        if not line.endswith(b"\n"):
            done.pop()
            break
    with file.open("r+b") as opened:
        opened.truncate(sum(map(len, lines[: len(done)])))
    return done


def _append(file: Path, lines: Sequence[str]) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.writelines(f"{line}\n" for line in lines)
        opened.flush()
        os.fsync(opened.fileno())
