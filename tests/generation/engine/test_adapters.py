"""Requests with adapters: each painted under its own, beside others, as diffusers paints it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from PIL import Image

from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.images.tensors import digest_of
from generation.metadata.a1111 import read_a1111
from generation.metadata.record import Record, read_file
from generation.metadata.replay import MissingFiles, digests_of, found_in, request_of
from generation.models.loading import fuse
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.requests import Adapter, Axis, Imagic, Paint, Reference, Source
from tests.generation.loop import pixels
from tests.generation.painted import ended
from tests.lora import write_lora, write_random, write_vectors
from tests.tiny import TEXT_WIDTH

Make = Callable[..., Paint]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def first(folder: Path, tiny_folder: Path) -> Adapter:
    return write_lora(folder / "first.safetensors", tiny_folder, seed=1)


@pytest.fixture(scope="module")
def second(folder: Path, tiny_folder: Path) -> Adapter:
    return write_lora(folder / "second.safetensors", tiny_folder, seed=2, rank=2, alpha=3.0)


@pytest.fixture
def liked(tmp_path: Path) -> Reference:
    path = tmp_path / "red.png"
    Image.new("RGB", (96, 96), "red").save(path)
    return Reference(path=path, digest=digest_of(path.read_bytes()))


def at(adapter: Adapter, strength: float) -> Adapter:
    return dataclasses.replace(adapter, strength=strength)


def images(finished: object) -> npt.NDArray[np.int64]:
    assert isinstance(finished, Finished), finished
    return np.stack([pixels(picture.path) for picture in finished.pictures])


def painted(engine: Engine, request: Paint) -> npt.NDArray[np.int64]:
    engine.begin(request)
    return images(ended(engine)[request.job])


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`")  # of the pipeline
def test_pictures_with_two_adapters_equal_those_of_diffusers(
    engine: Engine, request_: Make, tiny_folder: Path, first: Adapter, second: Adapter
) -> None:
    request = request_(
        prompt="a red circle",
        scheduler="ddim",
        steps=6,
        guidance=6.0,
        seed=7,
        adapters=(at(first, 0.5), at(second, 0.8)),
    )
    ours = painted(engine, request)

    pipeline = StableDiffusionPipeline.from_pretrained(tiny_folder, use_safetensors=True)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config, clip_sample=False)
    pipeline.set_progress_bar_config(disable=True)
    for adapter in (first, second):
        pipeline.unet.load_lora_adapter(
            adapter.path.parent,
            weight_name=adapter.path.name,
            prefix=None,
            adapter_name=adapter.name,
        )
    pipeline.unet.set_adapters(["first", "second"], [0.5, 0.8])
    theirs = pipeline(
        request.prompt,
        num_images_per_prompt=2,
        num_inference_steps=6,
        guidance_scale=6.0,
        generator=[torch.Generator().manual_seed(7 + k) for k in range(2)],
        output_type="np",
    ).images

    assert np.abs(ours - theirs * 255).mean() <= 1


def test_each_set_of_adapters_keeps_to_its_own_pictures(
    engine: Engine,
    model: Model,
    request_: Make,
    tmp_path: Path,
    first: Adapter,
    second: Adapter,
    liked: Reference,
) -> None:
    asked: dict[str, dict[str, Any]] = {
        "plain": {},
        "one": {"adapters": (at(first, 0.7),)},
        "both": {"adapters": (at(first, 0.5), at(second, -0.8))},
        "steered": {"liked": (liked,), "steps": 4},
        "steered and one": {"liked": (liked,), "steps": 4, "adapters": (at(first, 0.7),)},
    }
    painted(engine, request_("before", count=1))
    alone = {job: painted(engine, request_(f"{job} alone", **asked[job])) for job in asked}
    for job, change in asked.items():
        engine.begin(request_(job, **change))
    together = {job: images(event) for job, event in ended(engine).items()}
    painted(engine, request_("after", count=1))

    for job in asked:
        assert np.abs(together[job] - alone[job]).max() <= 2, job
    assert np.abs(alone["one"] - alone["plain"]).mean() > 1
    assert np.abs(alone["both"] - alone["one"]).mean() > 1
    assert np.abs(alone["steered and one"] - alone["steered"]).mean() > 1
    before, after = (tmp_path / job / "0.png" for job in ("before", "after"))
    assert before.read_bytes() == after.read_bytes()
    # States that were read under an adapter are not those that were read without.
    with Writer() as writer:
        fresh = Engine(model, writer, name=model.card.name, reference_budget=2**28)
        assert (
            np.abs(painted(fresh, request_("x", **asked["steered"])) - alone["steered"]).max() <= 2
        )


def test_the_order_of_adapters_and_those_of_no_strength_change_nothing(
    engine: Engine, request_: Make, tmp_path: Path, first: Adapter, second: Adapter
) -> None:
    both = (at(first, 0.5), at(second, 0.8))
    forwards = painted(engine, request_("forwards", count=1, adapters=both))
    backwards = painted(engine, request_("backwards", count=1, adapters=both[::-1]))
    nothing = painted(engine, request_("nothing", count=1, adapters=(at(first, 0.0),)))
    plain = painted(engine, request_("plain", count=1))

    assert np.array_equal(forwards, backwards)
    assert np.array_equal(nothing, plain)


def test_an_adapter_that_is_gone_fails_its_request_alone(
    engine: Engine, request_: Make, tmp_path: Path, first: Adapter
) -> None:
    gone = dataclasses.replace(first, digest="0" * 64, path=tmp_path / "gone")
    engine.begin(request_("gone", adapters=(first, gone)))
    engine.begin(request_("other", adapters=(first,)))
    events = ended(engine)

    failed = events["gone"]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.detail) == (
        Reason.INVALID,
        "The adapter first cannot be read.",
    )
    assert isinstance(events["other"], Finished)


SOURCE = Source(path=Path("source.png"), digest="a" * 64)


@pytest.mark.parametrize(
    ("strengths", "change", "said"),
    [
        ([3.0], {}, "An adapter's strength must be between -2 and 2, not 3."),
        ([math.nan], {}, "An adapter's strength must be between -2 and 2, not nan."),
        ([0.1] * 9, {}, "At most 8 adapters can be used at once, not 9."),
        (
            [1.0, 0.5],
            {},
            "Use each adapter only once. To make it act more or less, change its strength.",
        ),
        (
            [1.0],
            {"source": SOURCE, "imagic": Imagic()},
            "Adapters cannot be used with a model tuned to one picture (Imagic).",
        ),
        (
            [1.0],
            {"source": SOURCE, "image_guidance": 1.5},
            "Adapters work when pictures are painted, not when they are edited by instruction.",
        ),
    ],
)
def test_what_cannot_act_is_refused(
    engine: Engine,
    request_: Make,
    first: Adapter,
    strengths: list[float],
    change: dict[str, Any],
    said: str,
) -> None:
    adapters = tuple(at(first, strength) for strength in strengths)
    size = {"width": 96, "height": 96} if change else {}
    engine.begin(request_(adapters=adapters, **size, **change))
    failed = ended(engine)["job"]

    assert isinstance(failed, Failed)
    assert (failed.reason, failed.detail) == (Reason.INVALID, said)


@pytest.fixture
def recorded(engine: Engine, request_: Make, first: Adapter, second: Adapter) -> Path:
    named = dataclasses.replace(first, name="ink: <wash>", strength=0.75)
    request = request_(prompt="a star", count=1, adapters=(named, at(second, -1.0)))
    painted(engine, request)
    return request.out / "0.png"


def test_a_picture_is_painted_again_with_its_adapters(
    engine: Engine, request_: Make, recorded: Path, folder: Path
) -> None:
    record = read_file(recorded)
    assert isinstance(record, Record)
    assert [(each.name, each.strength) for each in record.adapters] == [
        ("ink: <wash>", 0.75),
        ("second", -1.0),
    ]
    with pytest.raises(MissingFiles, match="2 of its adapters") as missing:
        request_of(record, model=record.model, files={}, out=Path())
    assert missing.value.adapters == 2
    files = found_in(folder.iterdir(), digests_of(record))
    again = request_("again").out
    request = request_of(record, model=request_().model, files=files, out=again)

    assert np.array_equal(painted(engine, request)[0], pixels(recorded))
    assert (again / "0.png").read_bytes() == recorded.read_bytes()


def test_other_programs_read_adapters_in_the_prompt(recorded: Path) -> None:
    with Image.open(recorded) as picture:
        text = picture.info["parameters"]

    assert text.startswith("a star <lora:ink_wash_:0.75> <lora:second:-1>\n")
    read = read_a1111(text)
    assert read is not None
    assert read.prompt == "a star"


# Rows of one call --------------------------------------------------------------------------


def rows_of_calls(model: Model) -> list[int]:
    """Return a list that grows by the number of rows of each call of the UNet."""
    rows: list[int] = []
    model.unet.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    return rows


def test_pictures_under_different_adapters_share_calls(
    engine: Engine,
    model: Model,
    request_: Make,
    first: Adapter,
    second: Adapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As many rows as come together, however slow the machine is just now.
    monkeypatch.setattr("generation.engine.batch_size.QUANTUM", 60.0)
    asked: dict[str, tuple[Adapter, ...]] = {
        "half": (at(first, 0.5),),
        "most": (at(second, 0.8),),
        "plain": (),
    }
    usual: dict[str, Any] = {"count": 1, "steps": 4, "scheduler": "ddim"}
    alone = {
        job: painted(engine, request_(f"{job} alone", adapters=adapters, **usual))
        for job, adapters in asked.items()
    }
    rows = rows_of_calls(model)
    for name, strengths in (("", 1), ("off ", 0)):
        for job, adapters in asked.items():
            adapters = tuple(at(each, each.strength * strengths) for each in adapters)
            engine.begin(request_(name + job, adapters=adapters, **usual))
        events = ended(engine)
        together = {job: images(events[name + job]) for job in asked}
        if strengths:
            for job in asked:
                assert np.abs(together[job] - alone[job]).max() <= 1, job
    assert rows == [6] * 8
    # Bit for bit what it is beside others that have none.
    files = (request_(job).out / "0.png" for job in ("plain", "off plain"))
    assert len({path.read_bytes() for path in files}) == 1


def test_text_encoders_and_words_leak_into_no_other_picture(
    engine: Engine, model: Model, request_: Make, folder: Path, liked: Reference
) -> None:
    [encoder] = model.text_encoders.encoders
    style = write_random(
        folder / "style.safetensors", {"unet": model.unet, "text_encoder": encoder.network}
    )
    rocky = write_vectors(folder / "rocky.safetensors", TEXT_WIDTH)
    asked: dict[str, dict[str, Any]] = {
        "plain": {},
        "style": {"adapters": (style,)},
        "word": {"adapters": (rocky,)},
        "both": {"adapters": (rocky, at(style, -0.6))},
        "steered style": {"adapters": (style,), "liked": (liked,)},
    }
    usual: dict[str, Any] = {"prompt": "a (rocky:1.1) star", "count": 1, "steps": 2}
    painted(engine, request_("before", **usual))
    alone = {job: painted(engine, request_(f"{job} alone", **asked[job] | usual)) for job in asked}
    for job, change in asked.items():
        engine.begin(request_(job, **change | usual))
    together = {job: images(event) for job, event in ended(engine).items()}
    painted(engine, request_("after", **usual))

    for job in asked:
        assert np.abs(together[job] - alone[job]).max() <= 2, job
        assert job == "plain" or np.abs(alone[job] - alone["plain"]).mean() > 0.5, job
    files = (request_(job).out / "0.png" for job in ("before", "after"))
    assert len({path.read_bytes() for path in files}) == 1


def test_a_model_that_is_fitted_beside_them_changes_nothing(
    engine: Engine, model: Model, request_: Make, first: Adapter, liked: Reference
) -> None:
    fuse(model.unet)
    usual: dict[str, Any] = {"count": 1, "steps": 4}
    adapted = {"adapters": (at(first, 0.7),)}
    alone = [
        painted(engine, request_(f"alone {n}", **c, **usual)) for n, c in enumerate(({}, adapted))
    ]
    source = Source(path=liked.path, digest=liked.digest, strength=1.0)
    settings = Imagic(embedding_steps=1, tuning_steps=2)
    engine.begin(request_("fitted", source=source, imagic=settings, **usual))
    for _ in range(3):
        engine.advance()
    engine.begin(request_("plain", **usual))
    engine.begin(request_("adapted", **adapted, **usual))
    events = ended(engine)

    assert isinstance(events["fitted"], Finished)
    for job, expected in zip(("plain", "adapted"), alone, strict=True):
        assert np.abs(images(events[job]) - expected).max() <= 1


# Called by a prompt ------------------------------------------------------------------------


def test_a_prompt_calls_adapters_that_are_offered(
    engine: Engine, request_: Make, first: Adapter, second: Adapter
) -> None:
    offered = {"offered": (first, second), "count": 1, "seed": 3}
    called = request_(
        "called", prompt="a star, <lora:First:.5>, <lora:second.safetensors:0.8:-1>", **offered
    )
    ours = painted(engine, called)
    said = dataclasses.replace(second, strength=-1.0, text_strength=0.8)
    by_hand = request_(
        "by hand", prompt="a star,", count=1, seed=3, adapters=(at(first, 0.5), said)
    )
    assert np.array_equal(ours, painted(engine, by_hand))
    for request in (called, by_hand):
        record = read_file(request.out / "0.png")
        assert isinstance(record, Record)
        assert record.prompt == "a star,"
        assert {(each.name, each.strength) for each in record.adapters} == {
            ("first", 0.5),
            ("second", -1.0),
        }
    with Image.open(called.out / "0.png") as picture:
        text = picture.info["parameters"]
    assert text.startswith("a star, <lora:first:0.5> <lora:second:0.8:-1>\n")
    # Without a call none of them acts.
    plain = painted(engine, request_("plain", prompt="a star,", **offered))
    nothing = painted(engine, request_("nothing", prompt="a star,", count=1, seed=3))
    assert np.array_equal(plain, nothing)


def test_each_picture_of_a_round_has_the_adapter_that_it_chose(
    engine: Engine, request_: Make, first: Adapter, second: Adapter
) -> None:
    request = request_(
        prompt="a star {<lora:first:1>|<lora:second:0.5>}", offered=(first, second), count=4
    )
    ours = painted(engine, request)
    chosen = set()
    for place in range(4):
        record = read_file(request.out / f"{place}.png")
        assert isinstance(record, Record)
        [adapter] = record.adapters
        chosen.add((adapter.name, adapter.strength))
        files = {each.digest: each.path for each in (first, second)}
        again = request_of(record, model=request.model, files=files, out=request_(f"{place}").out)
        repainted = painted(engine, dataclasses.replace(again, job=f"{place}"))
        assert np.abs(repainted[0] - ours[place]).max() <= 1
    assert chosen == {("first", 1.0), ("second", 0.5)}


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("a <lora:frist:1>", "There is no adapter frist here. Try one of these: first."),
        ("a <lora:x:1>", "There is no adapter x here. Try one of these: first, second."),
        (
            "a <lora:first:much>",
            "The strength of first must be a number, such as 0.8.",
        ),
        (
            "a <lora:first:1> <lora:first:1.5>",
            "An adapter's strength must be between -2 and 2, not 2.5.",
        ),
    ],
)
def test_a_call_of_none_is_refused(
    engine: Engine, request_: Make, first: Adapter, second: Adapter, prompt: str, said: str
) -> None:
    engine.begin(request_(prompt=prompt, adapters=(first,), offered=(second,)))
    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.detail) == (Reason.INVALID, said)


def test_an_embedding_is_named_in_the_record_and_not_as_a_lora(
    engine: Engine, model: Model, request_: Make, folder: Path
) -> None:
    rocky = write_vectors(folder / "rocky.safetensors", TEXT_WIDTH)
    unsaid = dataclasses.replace(rocky, embedding=False)
    request = request_(prompt="a rocky star", count=1, adapters=(unsaid,))
    ours = painted(engine, request)
    record = read_file(request.out / "0.png")
    assert isinstance(record, Record)
    assert [each.name for each in record.adapters] == ["rocky"]
    with Image.open(request.out / "0.png") as picture:
        assert picture.info["parameters"].startswith("a rocky star\n")
    out = request_("again").out
    again = request_of(record, model=request.model, files={rocky.digest: rocky.path}, out=out)
    assert np.array_equal(ours, painted(engine, again))
    assert (out / "0.png").read_bytes() == (request.out / "0.png").read_bytes()


def test_strengths_are_compared_on_a_sheet(
    engine: Engine, request_: Make, first: Adapter, second: Adapter
) -> None:
    axis = Axis(parameter="adapter_strength", values=(0.0, 0.5, 1.5))
    request = request_(
        "sheet", count=3, adapters=(at(first, 0.8),), offered=(second,), axes=(axis,)
    )
    ours = painted(engine, request)
    for place, strength in enumerate((0.0, 0.5, 1.5)):
        one = request_(f"{strength}", count=1, adapters=(at(first, strength),))
        assert np.abs(painted(engine, one)[0] - ours[place]).max() <= 1
    called = request_(
        "called", prompt="x <lora:first:0.3>", count=3, offered=(first,), axes=(axis,)
    )
    assert np.abs(painted(engine, called) - ours).max() <= 1

    engine.begin(request_("none", count=3, offered=(first,), axes=(axis,)))
    failed = ended(engine)["none"]
    assert isinstance(failed, Failed)
    assert failed.detail == "There is no adapter whose strength could be compared."
