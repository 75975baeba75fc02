"""Data of a training's card: what the store and the generator say of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from generation.protocol.events import Stage, TrainProgress
from generation.protocol.problems import Problem
from storage.records import Job
from storage.style_records import Style
from storage.training_records import Training, TrainingCheckpoint


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainingStanding:
    """How far a training is, as its generator said last."""

    position: int | None = None
    """Its place in the queue; None if it does not wait."""
    attempt: int = 1
    progress: TrainProgress | None = None
    """The last word on the present stage."""
    step: int = 0
    """Steps of training that are done."""
    seconds_left: float | None = None

    @property
    def stage(self) -> Stage | None:
        """The present stage; None before the first word."""
        return None if self.progress is None else self.progress.stage


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LossCurve:
    """Losses by step, to draw."""

    training: Sequence[tuple[int, float]] = ()
    validation: Sequence[tuple[int, float]] = ()
    checkpoints: Sequence[int] = ()

    def __bool__(self) -> bool:
        return len(self.training) > 1 or len(self.validation) > 1


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """Everything that the message of a training shows."""

    job: Job
    training: Training
    name: str
    """Of the style, or of the model that comes."""
    trigger: str = ""
    checkpoints: Sequence[TrainingCheckpoint] = ()
    standing: TrainingStanding = TrainingStanding()
    style: Style | None = None
    dataset_message_id: int | None = None
    """The message that shows its data set."""
    pictures: int = 0
    """Number of pictures that it trains on."""
    curve: str | None = None
    """Name of the attachment with the curve."""
    losses: LossCurve = LossCurve()
    """What is drawn there."""
    sheet: str | None = None
    """Name of the attachment with the samples."""
    sheet_step: int | None = None
    checkpoint_days: int = 0
    waits_for: str | None = None
    """The model that it was begun with, if another one is `loaded`."""
    loaded: str = ""
    granted: bool = True
    """True if the host allows training in its server."""

    @property
    def method(self) -> str:
        """The method by the name that requests have it under."""
        return str(self.training.request.get("method", {}).get("kind", ""))

    @property
    def steps(self) -> int:
        """Steps that were asked for."""
        return int(self.training.request.get("recipe", {}).get("steps") or 0)

    @property
    def step(self) -> int:
        """Steps that are done: at least those of the last checkpoint."""
        return max((self.standing.step, *(each.step for each in self.checkpoints)))

    @property
    def remarks(self) -> list[Problem]:
        """What was said of the pictures."""
        loaded = [Problem.load(str(each)) for each in self.result.get("remarks", ())]
        return [each for each in loaded if each is not None]

    @property
    def result(self) -> Mapping[str, Any]:
        """What came of the training so far."""
        return self.training.result

    @property
    def choices(self) -> list[TrainingCheckpoint]:
        """The checkpoints that can become the style."""
        return [each for each in self.checkpoints if each.adapter_digest is not None]

    @property
    def suggested(self) -> int | None:
        """Step of the checkpoint that the style is as long as nobody chose one."""
        return None if self.style is None else self.style.evaluation.get("step")
