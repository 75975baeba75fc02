"""Imagic: fitted to a picture in stages, judged along η, and the model as it was afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from generation.editing.imagic import Tuning, choose, denoising_error
from generation.engine.engine import Engine
from generation.images.tensors import digest_of
from generation.models.adapters.trained import TrainedAdapters
from generation.models.model import Model
from generation.protocol.events import Cancelled, Failed, Finished, Progress, Reason
from generation.protocol.requests import Axis, Imagic, Paint, Source
from tests.generation.painted import ended, read_record
from tests.tiny import build_tiny

SETTINGS = Imagic(embedding_steps=8, tuning_steps=8, rank=2)
ETAS = Axis(parameter="eta", values=(0.5, 0.7, 0.9))


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a UNet of one level, which is fitted hundreds of times here."""
    return build_tiny(tmp_path_factory.mktemp("one-level"), unet_widths=(32,))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    drawn = Image.new("RGB", (96, 96), (36, 84, 220))
    ImageDraw.Draw(drawn).ellipse((20, 30, 70, 80), fill=(214, 32, 36))
    drawn.save(tmp_path / "picture.png")
    data = (tmp_path / "picture.png").read_bytes()
    return Source(path=tmp_path / "picture.png", digest=digest_of(data))


@pytest.fixture
def edit(request_: Callable[..., Paint], source: Source) -> Callable[..., Paint]:
    def make(job: str = "job", **change: Any) -> Paint:
        usual = {
            "prompt": "a blue circle",
            "source": source,
            "imagic": SETTINGS,
            "axes": (ETAS,),
            "count": 3,
        }
        return request_(job, **(usual | change))

    return make


def one(engine: Engine, request: Paint) -> str | None:
    """The digest of the only picture of a request."""
    engine.begin(request)
    finished = ended(engine)[request.job]
    assert isinstance(finished, Finished), finished
    return finished.pictures[0].digest


def test_a_strip_along_eta_with_the_best_one_named(
    engine: Engine, edit: Callable[..., Paint]
) -> None:
    engine.begin(edit())
    finished = ended(engine)["job"]
    assert isinstance(finished, Finished), finished
    assert finished.chosen in (0, 1, 2)
    assert finished.sheet is not None
    records = [read_record(picture.path) for picture in finished.pictures if picture.path]
    assert [record["imagic"]["eta"] for record in records if record] == [0.5, 0.7, 0.9]
    assert len({picture.digest for picture in finished.pictures}) == 3


def test_all_stages_count_as_progress(engine: Engine, edit: Callable[..., Paint]) -> None:
    engine.begin(edit(steps=4))
    told = []
    while engine.busy:
        engine.advance()
        told += [event for event in engine.take_events() if isinstance(event, Progress)]
    assert [event.step for event in told] == sorted(event.step for event in told)
    assert told[-1].step == told[-1].steps == 8 + 8 + 4


def test_others_paint_meanwhile_as_if_alone(
    engine: Engine, edit: Callable[..., Paint], request_: Callable[..., Paint]
) -> None:
    alone = one(engine, request_("alone", count=1, steps=12))
    engine.begin(edit())
    for _ in range(3):
        engine.advance()
    engine.begin(request_("beside", count=1, steps=12))
    endings = ended(engine)
    beside = endings["beside"]
    assert isinstance(beside, Finished)
    assert isinstance(endings["job"], Finished)
    assert beside.pictures[0].digest == alone


@pytest.mark.parametrize("quanta", [1, 5, 9, 15, 21, 23])
def test_cancelled_in_any_stage_it_leaves_the_model_as_it_was(
    engine: Engine, edit: Callable[..., Paint], request_: Callable[..., Paint], quanta: int
) -> None:
    before = one(engine, request_("before", count=1))
    engine.begin(edit())
    for _ in range(quanta):
        engine.advance()
    engine.cancel("job")
    assert any(isinstance(event, Cancelled) for event in engine.take_events())
    assert one(engine, request_("after", count=1)) == before


@pytest.mark.parametrize("stage", ["A", "B", "C"])
def test_failing_in_any_stage_it_leaves_the_model_as_it_was(
    engine: Engine,
    model: Model,
    edit: Callable[..., Paint],
    request_: Callable[..., Paint],
    stage: str,
) -> None:
    before = one(engine, request_("before", count=1))
    calls = 0

    def fail(*_: Any) -> None:
        nonlocal calls
        calls += 1
        # Each prediction of a stage is one call: eight embed, eight tune, then it paints.
        if calls == {"A": 4, "B": 12, "C": 18}[stage]:
            raise RuntimeError("a fault of the device")

    engine.begin(edit())
    hook = model.unet.register_forward_pre_hook(fail)
    endings = ended(engine)
    hook.remove()
    failed = endings["job"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INTERNAL
    assert one(engine, request_("after", count=1)) == before


def test_finished_it_leaves_no_trace(
    engine: Engine, model: Model, edit: Callable[..., Paint], request_: Callable[..., Paint]
) -> None:
    weights = {name: each.clone() for name, each in model.unet.state_dict().items()}
    before = one(engine, request_("before", count=1))
    engine.begin(edit())
    ended(engine)
    left = model.unet.state_dict()
    assert left.keys() == weights.keys()
    assert all(torch.equal(left[name], weights[name]) for name in weights)
    assert one(engine, request_("after", count=1)) == before


def test_each_stage_reconstructs_the_picture_better(model: Model) -> None:
    settings = Imagic(embedding_steps=60, tuning_steps=60, embedding_rate=5e-3, batch=4)
    picture = torch.randn((1, 4, 12, 12), generator=torch.Generator().manual_seed(1))
    adapters = TrainedAdapters(model.unet)
    with torch.inference_mode():
        target, _ = model.encode_prompt("a red circle", "", 7.5, 96, 96)
    tuning = Tuning(
        model, adapters, "fit", picture=picture, target=target, settings=settings, seed=0
    )
    errors = [_error(model, picture, tuning)]
    for _ in range(2):
        tuning.work(60)
        with adapters.using("fit" if tuning.done > 60 else None):
            errors.append(_error(model, picture, tuning))
    tuning.end()
    assert errors[0] > errors[1] > errors[2]


def _error(model: Model, picture: Tensor, tuning: Tuning) -> float:
    chance = torch.Generator().manual_seed(5)
    timesteps = torch.arange(20, 1000, 50)
    noise = torch.randn((len(timesteps), 4, 12, 12), generator=chance)
    with torch.inference_mode():
        levels = model.training_levels
        condition = tuning.between(0.0)
        return float(denoising_error(model, picture, condition, levels, timesteps, noise).mean())


def test_at_eta_one_the_words_are_the_target_itself(model: Model) -> None:
    with torch.inference_mode():
        target, _ = model.encode_prompt("a red circle", "", 7.5, 96, 96)
    picture = torch.zeros((1, 4, 12, 12))
    tuning = Tuning(
        model,
        TrainedAdapters(model.unet),
        "fit",
        picture=picture,
        target=target,
        settings=SETTINGS,
        seed=0,
    )
    tuning.work(4)
    assert torch.equal(tuning.between(1.0).states, target.states)
    assert not torch.equal(tuning.between(0.5).states, target.states)


def test_the_best_reaches_the_words_and_stays_near() -> None:
    # The words are reached at the third, the picture is left at the fourth.
    assert choose([0.0, 0.2, 0.9, 1.0], [1.0, 0.95, 0.8, 0.0], before=0.0) == 2
    assert choose([0.3], [0.1], before=0.0) == 0
    assert choose([0.5, 0.5], [0.2, 0.2], before=0.0) == 0


def test_what_all_have_reached_is_not_told_apart_by_a_hair() -> None:
    # They gained so much upon the picture that what they differ by says nothing.
    assert choose([0.80, 0.82, 0.83], [0.95, 0.9, 0.85], before=0.1) == 0


def test_where_the_picture_fits_better_than_all_the_best_of_them_is_chosen() -> None:
    assert choose([0.2, 0.4, 0.3], [0.9, 0.8, 0.7], before=0.6) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": None}, "There is no picture to tune the model to."),
        ({"axes": (), "count": 1, "eta": 3.0}, "η must be between 0 and 2, not 3."),
        (
            {"imagic": dataclasses.replace(SETTINGS, tuning_steps=0)},
            "The model can be tuned for 1 to 5,000 steps, not 0.",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    engine: Engine, edit: Callable[..., Paint], change: dict[str, Any], said: str
) -> None:
    engine.begin(edit(**change))
    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INVALID
    assert failed.detail == said
