"""Captions as jobs of the engine: beside pictures and trainings, and where memory is short."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BlipForConditionalGeneration

from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.captioners.captioner import Captioner
from generation.models.captioners.lazy import LazyCaptioner
from generation.models.model import Model
from generation.protocol.captions import Caption
from generation.protocol.events import (
    Cancelled,
    Captioned,
    CaptionWritten,
    Event,
    Failed,
    Finished,
    Reason,
    Terminal,
    Trained,
    TrainProgress,
)
from generation.protocol.requests import Paint
from tests.captioners import COLOURS, NAMES_DRAWINGS, SHAPES, build_git, drawing
from tests.generation.trainings import training


@pytest.fixture
def captioner(model: Model) -> LazyCaptioner:
    return LazyCaptioner(str(NAMES_DRAWINGS), None, model)


@pytest.fixture
def engine(model: Model, captioner: LazyCaptioner) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(
            model,
            writer,
            name=model.card.name,
            reference_budget=2**28,
            captioner=captioner,
        )


def draw(folder: Path, *what: str) -> tuple[Path, ...]:
    """Files of drawings, each named by its colour and shape."""
    files = []
    for number, each in enumerate(what):
        colour, shape = each.split()
        files.append(folder / f"{number}.png")
        drawing(colour, shape, shift=3).save(files[-1])
    return tuple(files)


def heard(engine: Engine, *jobs: str) -> list[Event]:
    """Advance until these jobs have ended; all events."""
    events: list[Event] = []
    while not set(jobs) <= {event.job for event in events if isinstance(event, Terminal)}:
        engine.advance()
        events += engine.take_events()
    return events


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, CaptionWritten)]


def test_pictures_are_described_one_after_the_other(
    engine: Engine, captioner: LazyCaptioner, tmp_path: Path
) -> None:
    what = [f"{colour} {shape}" for colour, shape in itertools.product(COLOURS, SHAPES)]
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, *what)))
    assert not captioner.is_loaded
    events = heard(engine, "captions")
    assert texts(events) == [f"a {each}" for each in what]
    written = [event for event in events if isinstance(event, CaptionWritten)]
    assert [event.place for event in written] == list(range(len(what)))
    assert isinstance(events[-1], Captioned)
    assert not captioner.is_loaded
    assert not engine.busy


def test_a_picture_that_was_taken_back_is_passed_over(engine: Engine, tmp_path: Path) -> None:
    pictures = draw(tmp_path, "red star", "blue ring", "green square")
    pictures[0].unlink()
    pictures[1].write_bytes(b"no picture")
    engine.begin(Caption(job="captions", pictures=pictures))
    events = heard(engine, "captions")
    assert texts(events) == ["", "", "a green square"]
    assert isinstance(events[-1], Captioned)


def test_captions_can_be_cancelled(
    engine: Engine, captioner: LazyCaptioner, tmp_path: Path
) -> None:
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star", "red star")))
    while not texts(engine.take_events()):
        engine.advance()
    engine.cancel("captions")
    assert engine.take_events() == [Cancelled(job="captions")]
    assert not captioner.is_loaded
    assert not engine.busy


def test_nothing_painted_beside_captions_changes(
    engine: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    # One picture each: how many are painted together shows in the last bit.
    engine.begin(request_("alone", seed=5, count=1))
    (alone,) = [event for event in heard(engine, "alone") if isinstance(event, Finished)]
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star", "blue ring")))
    engine.begin(request_("beside", seed=5, count=1))
    events = heard(engine, "beside", "captions")
    (beside,) = [event for event in events if isinstance(event, Finished)]
    assert [one.digest for one in beside.pictures] == [one.digest for one in alone.pictures]
    assert texts(events) == ["a red star", "a blue ring"]


def test_captions_do_not_wait_for_a_training(engine: Engine, model: Model, tmp_path: Path) -> None:
    engine.begin(training(model.card.name, tmp_path))
    for _ in range(3):
        engine.advance()
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
    events = heard(engine, "captions")
    assert texts(events) == ["a red star"]
    assert not any(isinstance(event, Trained) for event in events)
    engine.cancel("training")


def test_no_step_of_a_training_comes_between_two_captions(
    engine: Engine, model: Model, tmp_path: Path
) -> None:
    engine.begin(training(model.card.name, tmp_path, steps=40))
    for _ in range(5):
        engine.advance()
    engine.take_events()
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, *["red star"] * 3)))
    events = heard(engine, "captions")
    engine.cancel("training")
    assert texts(events) == ["a red star"] * 3
    assert not any(isinstance(event, TrainProgress) for event in events)


@pytest.mark.parametrize("name", [None, "missing/model", "/nowhere"])
def test_a_model_that_is_not_there_fails_the_job_alone(
    model: Model, name: str | None, tmp_path: Path
) -> None:
    with Writer() as writer:
        engine = Engine(
            model,
            writer,
            name="x",
            reference_budget=0,
            captioner=LazyCaptioner(name, tmp_path, model),
        )
        engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
        (failed,) = heard(engine, "captions")
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.MODEL


def test_weights_that_are_missing_are_not_made_up(model: Model, tmp_path: Path) -> None:
    folder = build_git(tmp_path / "git")
    weights = load_file(folder / "model.safetensors")
    weights.pop(next(name for name in weights if "encoder" in name))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with Writer() as writer:
        captioner = LazyCaptioner(str(folder), None, model)
        engine = Engine(model, writer, name="x", reference_budget=0, captioner=captioner)
        engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
        (failed,) = heard(engine, "captions")
    assert isinstance(failed, Failed)
    assert "1 of its weights are missing" in failed.detail


def test_another_kind_of_caption_model_runs_as_well(model: Model, tmp_path: Path) -> None:
    folder = build_git(tmp_path / "git")
    with Writer() as writer:
        captioner = LazyCaptioner(str(folder), None, model)
        engine = Engine(model, writer, name="x", reference_budget=0, captioner=captioner)
        pictures = draw(tmp_path, "red star", "red star")
        engine.begin(Caption(job="captions", pictures=pictures))
        events = heard(engine, "captions")
    assert isinstance(events[-1], Captioned)
    first, second = texts(events)
    assert first == second  # of the same picture


def test_where_memory_is_short_the_captions_make_way(
    engine: Engine,
    captioner: LazyCaptioner,
    request_: Callable[..., Paint],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star", "red star")))
    while not captioner.is_loaded:
        engine.advance()
    engine.begin(request_("picture"))
    predict, calls = Model.predict, itertools.count()

    def short(*arguments: Any, **named: Any) -> torch.Tensor:
        if next(calls) == 0:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predict(*arguments, **named)

    monkeypatch.setattr(Model, "predict", short)
    events = heard(engine, "picture", "captions")
    assert any(isinstance(event, Finished) for event in events)
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.job, failed.reason) == ("captions", Reason.MEMORY)


def test_a_captioner_without_room_in_main_memory_is_not_called_broken(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def short(*_: Any, **__: Any) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(BlipForConditionalGeneration, "from_pretrained", short)
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
    (failed,) = heard(engine, "captions")
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.MEMORY


def test_a_captioner_without_room_on_the_device_runs_in_main_memory(
    engine: Engine, captioner: LazyCaptioner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(LazyCaptioner, "shares_memory", False)
    load, asked = LazyCaptioner.load, []

    def short(self: LazyCaptioner, *, on_cpu: bool = False) -> None:
        asked.append(on_cpu)
        if not on_cpu:
            raise torch.OutOfMemoryError("CUDA out of memory")
        load(self, on_cpu=on_cpu)

    monkeypatch.setattr(LazyCaptioner, "load", short)
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
    assert texts(heard(engine, "captions")) == ["a red star"]
    assert asked == [False, True]


def test_an_error_in_the_captioner_fails_its_job_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(self: Captioner, picture: object) -> str:
        raise ValueError("something in a library")

    monkeypatch.setattr(Captioner, "describe", broken)
    engine.begin(Caption(job="captions", pictures=draw(tmp_path, "red star")))
    (failed,) = heard(engine, "captions")
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INTERNAL
    assert not engine.busy
