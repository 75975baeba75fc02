"""Trainings as jobs of the engine: beside pictures, paused, stopped, short of memory or of disk."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from generation.engine import train_job
from generation.engine.engine import Engine
from generation.engine.train_job import PAUSED_SECONDS, ROOM_SECONDS, TrainJob
from generation.models.model import Model
from generation.protocol.events import (
    Cancelled,
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    Reason,
    Stage,
    Trained,
    TrainProgress,
)
from generation.protocol.problems import Code
from generation.protocol.requests import Paint
from generation.protocol.training import Action, DreamBooth, Lora, Method, Train
from generation.training.controls import Controls
from generation.training.run import run
from tests.generation.trainings import METHODS, files_of, training
from tests.tiny import build_tiny, load_tiny

Make = Callable[..., Train]


@pytest.fixture(scope="module")
def smaller_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("smaller"), unet_widths=(32, 32), head_width=16)


@pytest.fixture
def model(smaller_folder: Path) -> Model:
    return load_tiny(smaller_folder)


@pytest.fixture
def train(model: Model, tmp_path: Path) -> Make:
    return partial(training, model.card.name, tmp_path)


def heard(engine: Engine, job: str = "training", *, until: int = 10**9) -> list[Event]:
    """Advance until a training has ended or taken so many steps; its events."""
    events: list[Event] = []
    while not any(ends(event, until) for event in events):
        engine.advance()
        events += [event for event in engine.take_events() if event.job == job]
    return events


def ends(event: Event, until: int) -> bool:
    match event:
        case TrainProgress(stage=Stage.TRAINING, step=step):
            return step >= until
        case Trained() | Failed() | Cancelled():
            return True
    return False


def trained(engine: Engine, request: Train) -> Trained:
    engine.begin(request)
    ended = heard(engine, request.job)[-1]
    assert isinstance(ended, Trained), ended
    return ended


def painted(engine: Engine, request: Paint) -> dict[str, bytes]:
    """Paint a picture beside whatever runs; its files."""
    engine.begin(request)
    events: list[Event] = []
    while not any(isinstance(event, Finished | Failed) for event in events):
        engine.advance()
        events += [event for event in engine.take_events() if event.job == request.job]
    assert isinstance(events[-1], Finished), events[-1]
    return {path.name: path.read_bytes() for path in sorted(request.out.glob("?.png"))}


def one(request_: Callable[..., Paint], job: str, **change: Any) -> Paint:
    """A single picture: those of one request may share a call, or not, as their time allows."""
    return request_(job, prompt="a red thing", count=1, **change)


def steps_in(events: list[Event], stage: Stage = Stage.TRAINING) -> list[int]:
    return [e.step for e in events if isinstance(e, TrainProgress) and e.stage is stage]


def test_a_training_runs_beside_pictures_to_its_result(engine: Engine, train: Make) -> None:
    engine.begin(train())
    events = heard(engine)

    assert steps_in(events) == [0, 1, 2, 3, 4]
    assert [e.step for e in events if isinstance(e, CheckpointSaved)] == [2, 4]
    assert isinstance(events[-1], Trained)
    assert events[-1].result.is_file()
    assert not engine.busy


def test_the_time_that_is_left_is_measured(engine: Engine, train: Make) -> None:
    engine.begin(train(steps=6))
    left = [
        event.seconds_left
        for event in heard(engine)
        if isinstance(event, TrainProgress) and event.step >= 2 and event.stage is Stage.TRAINING
    ]
    assert left[-1] == 0
    assert all(seconds is not None and seconds > 0 for seconds in left[:-1])


@pytest.mark.parametrize("name", METHODS)
def test_pictures_are_bit_identical_while_and_after_anything_trains(
    engine: Engine, request_: Callable[..., Paint], train: Make, name: str
) -> None:
    before = painted(engine, one(request_, "before"))
    engine.begin(train(method=METHODS[name]))
    heard(engine, until=1)
    beside = painted(engine, one(request_, "beside"))
    ended = heard(engine)[-1]
    after = painted(engine, one(request_, "after"))

    assert isinstance(ended, Trained)
    assert before == beside == after


def test_a_training_beside_pictures_has_the_same_result(
    engine: Engine, request_: Callable[..., Paint], train: Make, tmp_path: Path
) -> None:
    alone = trained(engine, train("alone"))
    picture = request_("picture", steps=8)
    engine.begin(picture)
    engine.advance()
    beside = trained(engine, train("beside"))

    assert files_of(beside.result) == files_of(alone.result)


FAULTS = (Stage.PREPARING, Stage.CLASS_PICTURES, Stage.TRAINING, Stage.SAMPLING)
CLASSED = DreamBooth(class_prompt="a thing", class_pictures=2, lora=Lora(rank=2))


class Faulty:
    """The loop of a training in which a step fails, once in each of the first `times` runs."""

    def __init__(
        self, model: Model, request: Train, stage: Stage, error: Callable[[], Exception], times: int
    ) -> None:
        self.runs = 0
        self._parts = model, request
        self._stage, self._error, self._times = stage, error, times

    def __call__(self, controls: Controls) -> Iterator[Event]:
        self.runs += 1
        loop: Any = run(*self._parts, controls)
        for event in loop:
            yield event
            reached = isinstance(event, TrainProgress) and event.stage is self._stage
            # The first event of training comes before its first step.
            begun = reached and (event.step > 0 or self._stage is not Stage.TRAINING)
            if begun and self.runs <= self._times:
                loop.throw(self._error())


def faulty(
    engine: Engine, model: Model, request: Train, stage: Stage, error: type[Exception], times: int
) -> Faulty:
    loop = Faulty(model, request, stage, lambda: error("a fault"), times)
    engine.add(TrainJob(request, model.card, loop))
    return loop


@pytest.mark.parametrize("stage", FAULTS)
def test_pictures_are_bit_identical_after_a_failure_in_any_stage(
    engine: Engine, model: Model, request_: Callable[..., Paint], train: Make, stage: Stage
) -> None:
    before = painted(engine, one(request_, "before"))
    faulty(engine, model, train(method=CLASSED), stage, ValueError, 1)
    failed = heard(engine)[-1]

    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INTERNAL
    assert painted(engine, one(request_, "after")) == before


@pytest.mark.parametrize(
    "name",
    [name if name == "lora" else pytest.param(name, marks=pytest.mark.slow) for name in METHODS],
)
def test_it_goes_on_exactly_from_its_checkpoint_with_pictures_in_between(
    engine: Engine, request_: Callable[..., Paint], train: Make, name: str
) -> None:
    method: Method = METHODS[name]
    whole = trained(engine, train("whole", method=method, steps=5, every=2))
    engine.begin(train("parts", method=method, steps=5, every=2))
    heard(engine, "parts", until=3)
    engine.cancel("parts")
    painted(engine, one(request_, "picture"))
    engine.begin(train("parts", method=method, steps=5, every=2))
    engine.begin(one(request_, "beside", steps=6))
    events = heard(engine, "parts")

    assert steps_in(events) == [3, 4, 5]
    assert isinstance(parts := events[-1], Trained)
    assert files_of(parts.result) == files_of(whole.result)


def test_a_cancelled_training_leaves_its_checkpoints(engine: Engine, train: Make) -> None:
    request = train()
    engine.begin(request)
    heard(engine, until=3)
    engine.cancel("training")

    assert engine.take_events()[-1] == Cancelled(job="training")
    assert [folder.name for folder in (request.out / "checkpoints").iterdir()] == ["step-000002"]
    assert not engine.busy


def test_a_paused_training_takes_no_steps_and_says_so_now_and_then(
    engine: Engine, model: Model, request_: Callable[..., Paint], train: Make
) -> None:
    now, request = [0.0], train()
    engine.add(TrainJob(request, model.card, partial(run, model, request), lambda: now[0]))
    heard(engine, until=1)
    engine.control("training", Action.PAUSE)
    painted(engine, one(request_, "picture"))
    assert not engine.advance()
    assert engine.wait > 0.1
    said = engine.take_events()
    now[0] += PAUSED_SECONDS
    assert not engine.advance()

    assert [event.stage for event in said if isinstance(event, TrainProgress)] == []
    assert steps_in(engine.take_events(), Stage.PAUSED) == [1]
    engine.control("training", Action.RESUME)
    assert steps_in(heard(engine)) == [2, 3, 4]


def test_a_paused_training_saves_and_samples_when_asked(engine: Engine, train: Make) -> None:
    engine.begin(train(every=100, steps=50))
    heard(engine, until=1)
    engine.control("training", Action.PAUSE)
    for action, kind in ((Action.SAVE, CheckpointSaved), (Action.SAMPLE, TrainProgress)):
        engine.control("training", action)
        while engine.advance():
            pass
        events = [event for event in engine.take_events() if isinstance(event, kind)]
        assert any(event.sheet is not None for event in events)
    assert not engine.advance()
    engine.cancel("training")


def test_a_stopped_training_keeps_what_there_is(engine: Engine, train: Make) -> None:
    engine.begin(train(every=100, steps=50))
    heard(engine, until=3)
    engine.control("training", Action.PAUSE)
    engine.advance()
    engine.control("training", Action.STOP)
    events = heard(engine)

    assert isinstance(ended := events[-1], Trained)
    assert ended.step == 3
    assert ended.result.is_file()


def test_short_of_memory_once_it_goes_on_from_its_checkpoint(
    engine: Engine, model: Model, train: Make
) -> None:
    whole = trained(engine, train("whole"))
    loop = faulty(engine, model, train(), Stage.SAMPLING, torch.OutOfMemoryError, 1)
    ended = heard(engine)[-1]

    assert isinstance(ended, Trained)
    assert loop.runs == 2
    assert files_of(ended.result) == files_of(whole.result)


@pytest.mark.parametrize(
    ("recipe", "advice"),
    [
        ({"batch": 4}, "Use a batch size of 2 with 2 accumulation steps"),
        ({}, "turn on gradient checkpointing"),
        ({"gradient_checkpointing": True}, "Train at 64 × 64 pixels"),
        ({"gradient_checkpointing": True, "side": 64}, "a smaller model"),
    ],
)
def test_short_of_memory_for_good_fails_it_alone_and_says_what_takes_less(
    engine: Engine,
    model: Model,
    request_: Callable[..., Paint],
    train: Make,
    recipe: dict[str, Any],
    advice: str,
) -> None:
    faulty(engine, model, train(**recipe), Stage.TRAINING, torch.OutOfMemoryError, 9)
    engine.begin(one(request_, "picture"))
    failed = heard(engine)[-1]

    assert isinstance(failed, Failed)
    assert failed.reason is Reason.MEMORY
    assert advice in failed.detail
    assert failed.problem is not None
    assert failed.problem.code is Code.TRAIN_OUT_OF_MEMORY
    assert painted(engine, one(request_, "after"))


class Disk:
    """A disk with so many free bytes, and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.now = 10, 0.0
        monkeypatch.setattr(
            train_job.shutil, "disk_usage", lambda _: SimpleNamespace(free=self.free)
        )


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_waited_for(
    engine: Engine, model: Model, train: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, request = Disk(monkeypatch), train()
    loop = Faulty(model, request, Stage.SAMPLING, full_disk, 1)
    engine.add(TrainJob(request, model.card, loop, lambda: disk.now))
    while engine.advance():
        pass
    disk.now += 60
    assert not engine.advance()
    assert steps_in(engine.take_events(), Stage.PAUSED)
    disk.free, disk.now = 20, disk.now + 60

    assert isinstance(heard(engine)[-1], Trained)
    assert loop.runs == 2


def test_checkpoints_that_may_not_become_so_large_are_waited_for(
    engine: Engine, model: Model, train: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, request = Disk(monkeypatch), train()
    engine.add(TrainJob(request, model.card, partial(run, model, request), lambda: disk.now))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        while engine.advance():
            pass
        told = engine.take_events()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert steps_in(told, Stage.PAUSED)
    assert not [each for each in told if isinstance(each, CheckpointSaved | Failed)]
    disk.free, disk.now = 20, disk.now + 60

    assert isinstance(heard(engine)[-1], Trained)


def test_room_that_came_before_the_disk_was_looked_at_is_used(
    engine: Engine, model: Model, train: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, request = Disk(monkeypatch), train()
    disk.free = 10**12
    loop = Faulty(model, request, Stage.SAMPLING, full_disk, 1)
    engine.add(TrainJob(request, model.card, loop, lambda: disk.now))
    while engine.advance():
        pass
    disk.now += 59

    assert isinstance(heard(engine)[-1], Trained)


def test_a_disk_that_stays_full_is_said_and_leaves_the_last_checkpoint(
    engine: Engine, model: Model, train: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, request = Disk(monkeypatch), train(every=1)
    engine.add(TrainJob(request, model.card, partial(run, model, request), lambda: disk.now))
    heard(engine, until=2)
    engine.cancel("training")
    kept = files_of(request.out / "checkpoints" / "step-000001")
    engine.take_events()
    loop = Faulty(model, request, Stage.SAMPLING, full_disk, 9)
    engine.add(TrainJob(request, model.card, loop, lambda: disk.now))
    while engine.advance():
        pass
    disk.now += ROOM_SECONDS + 60
    failed = heard(engine)[-1]

    assert isinstance(failed, Failed)
    assert "Free up space and start the training again" in failed.detail
    assert files_of(request.out / "checkpoints" / "step-000001") == kept
    disk.free = 10**12
    assert trained(engine, request).step == 4
