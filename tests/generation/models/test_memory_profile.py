"""Memory needs are predicted before painting, from measurements at loading."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from torch import Tensor

from generation.catalog.entries import ModelUnavailable
from generation.engine import batch_size
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.fabric.reference_cache import NoiseLevel, ReferenceCache
from generation.fabric.reference_cache import StateKey as StatesNeed
from generation.fabric.steering import RatedImage
from generation.fabric.unet import ReferenceAttention
from generation.images.tensors import digest_of
from generation.models import memory_profile
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.options import MemoryProfile, WorkerOptions
from generation.protocol.requests import Paint, Reference
from generation.requests.memory import (
    MemoryNeed,
    bytes_for,
    reading_bytes,
    row_bytes,
    shortage,
    states_bytes,
)
from tests.generation.painted import ended
from tests.tiny import build_tiny_xl

MIB = 2**20

MEMORY = MemoryProfile(
    limit=1000 * MIB,
    weights=200 * MIB,
    references=100 * MIB,
    row=64 * 1024,
    pixel=4096,
    states=((1, 1280), (2, 2560)),
    scale=8,
    tile=64,
)


def with_room(model: Model, rows: int, latents: int = 144) -> None:
    """Leave the model room for so many rows of so many latents, and nothing else."""
    memory = model.card.memory
    assert memory is not None
    limit = memory.weights + rows * row_bytes(memory, latents)
    memory = dataclasses.replace(memory, limit=limit, references=0, pixel=1)
    model.card = dataclasses.replace(model.card, memory=memory)


@pytest.fixture
def limited(tiny_folder: Path) -> Model:
    return load_model(WorkerOptions(model=str(tiny_folder), device="cpu", memory_limit_mb=500))


@pytest.fixture
def small_engine(limited: Model) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(limited, writer, name=limited.card.name, reference_budget=2**28)


@pytest.fixture
def liked(tmp_path: Path) -> tuple[Reference, ...]:
    references = []
    for colour in ("red", "green", "blue", "white"):
        path = tmp_path / f"{colour}.png"
        Image.new("RGB", (96, 96), colour).save(path)
        references.append(Reference(path=path, digest=digest_of(path.read_bytes())))
    return tuple(references)


def test_without_a_limit_nothing_is_weighed(model: Model) -> None:
    assert model.card.memory is None


def test_what_a_call_takes_is_weighed(limited: Model) -> None:
    memory = limited.card.memory
    assert memory is not None
    sample = limited.empty_latents(192, 192).zero_()
    rows = [limited.unconditional(192, 192)] * 2
    steps = sample.new_full((2,), 500.0)

    called = memory_profile._peak(
        limited.device, lambda: limited.predict(sample.repeat(2, 1, 1, 1), steps, rows)
    )
    decoded = memory_profile._peak(limited.device, lambda: limited.decode(sample))

    # Weighed at a quarter of the native area, it holds at eight times the native one.
    assert called <= 2 * row_bytes(memory, 24 * 24) <= 2 * called
    assert decoded <= memory.pixel * 192 * 192 <= 2 * decoded


@pytest.mark.parametrize("size", [(12, 12), (9, 15)])
@pytest.mark.parametrize("family", ["tiny", "xl"])
def test_the_states_of_a_reference_are_known_exactly(
    tiny_folder: Path, tmp_path: Path, family: str, size: tuple[int, int]
) -> None:
    folder = tiny_folder if family == "tiny" else build_tiny_xl(tmp_path)
    model = load_model(WorkerOptions(model=str(folder), device="cpu"))
    states = ReferenceCache(model, ReferenceAttention(model.unet), budget=2**30)
    picture = RatedImage("digest", *size)
    states.encode(picture, model.decode(model.empty_latents(size[1] * 8, size[0] * 8).zero_()))
    before = states.size

    states.make([StatesNeed(picture, NoiseLevel(500.0, 0.5))])

    memory = dataclasses.replace(MEMORY, states=memory_profile.layers_of(model.unet))
    assert states_bytes(memory, *size) == states.size - before


def test_calls_have_no_more_rows_than_fit(
    limited: Model,
    small_engine: Engine,
    request_: Callable[..., Paint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    limited.unet.register_forward_pre_hook(lambda _, words: calls.append(len(words[0])))
    monkeypatch.setattr(batch_size, "QUANTUM", 1e3)  # so that time sets no limit on any machine
    small_engine.begin(request_("warm", count=1, steps=1))
    ended(small_engine)  # so that the cost of a row is known
    calls.clear()
    with_room(limited, 5)

    small_engine.begin(request_(count=4, steps=2))

    assert isinstance(ended(small_engine)["job"], Finished)
    assert max(calls) == 4


def test_what_does_not_fit_is_refused_before_it_starts(
    limited: Model, small_engine: Engine, request_: Callable[..., Paint]
) -> None:
    with_room(limited, 2)

    small_engine.begin(request_(width=192, height=96))
    small_engine.begin(request_("fits", width=96, height=96))

    failed = ended(small_engine)
    assert isinstance(failed["fits"], Finished)
    assert isinstance(failed["job"], Failed)
    assert failed["job"].reason is Reason.MEMORY
    assert failed["job"].detail.startswith("192 × 96 needs ")
    assert failed["job"].detail.endswith(" GB may be used. Ask for at most 136 × 64.")


def test_too_many_references_are_refused_with_how_many_fit(
    limited: Model,
    small_engine: Engine,
    request_: Callable[..., Paint],
    liked: tuple[Reference, ...],
) -> None:
    memory = limited.card.memory
    assert memory is not None
    memory = dataclasses.replace(memory, pixel=1)
    two = bytes_for(memory, MemoryNeed(width=96, height=96, rows=2, references=2))
    limited.card = dataclasses.replace(
        limited.card, memory=dataclasses.replace(memory, limit=two, references=0)
    )

    small_engine.begin(request_(liked=liked))
    small_engine.begin(request_("fits", liked=liked[:2]))

    failed = ended(small_engine)
    assert isinstance(failed["fits"], Finished)
    assert isinstance(failed["job"], Failed)
    assert "steer by at most 2" in failed["job"].detail


def test_requests_that_steer_by_others_pictures_keep_to_the_limit_together(
    limited: Model,
    small_engine: Engine,
    request_: Callable[..., Paint],
    liked: tuple[Reference, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_size, "QUANTUM", 1e3)  # so that time sets no limit on any machine
    memory = limited.card.memory
    assert memory is not None
    memory = dataclasses.replace(memory, pixel=1, references=0)
    alone = bytes_for(memory, MemoryNeed(width=96, height=96, rows=2, references=2))
    memory = dataclasses.replace(memory, limit=alone)
    limited.card = dataclasses.replace(limited.card, memory=memory)
    row, state = row_bytes(memory, 144), states_bytes(memory, 12, 12)
    taken: list[int] = []

    def weigh(_: object, words: tuple[Tensor, ...]) -> None:
        rows, steps = len(words[0]), small_engine._attention.recorded is None
        read = reading_bytes(memory, 12, 12, 2) if steps else (rows > 1) * rows * state
        made = 0 if steps else rows * state
        taken.append(memory.weights + small_engine.reference_bytes + made + rows * row + read)

    limited.unet.register_forward_pre_hook(weigh)

    for job, pair in (("one", liked[:2]), ("other", liked[2:]), ("third", liked[1:3])):
        small_engine.begin(request_(job, count=2, steps=4, liked=pair))
    small_engine.begin(request_("plain", count=4, steps=4))

    assert all(isinstance(each, Finished) for each in ended(small_engine).values())
    latents = 4 * 4 * 144 * len(liked)  # of the references themselves, which nothing reckons with
    assert max(taken) <= alone + latents


def test_a_model_larger_than_the_limit_is_not_loaded(tiny_folder: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", memory_limit_mb=1)
    with pytest.raises(ModelUnavailable, match=r"raise KONOMI_MEMORY_LIMIT_MB"):
        load_model(options)


def test_need_grows_by_rows_and_references_and_not_by_the_picture_in_tiles() -> None:
    plain = MemoryNeed(width=256, height=256, rows=2)
    many = dataclasses.replace(plain, references=8)
    fewer = dataclasses.replace(plain, references=4)
    tiled = MemoryNeed(width=1024, height=1024, rows=2, tile=(256, 256))

    base, four, eight = (bytes_for(MEMORY, need) for need in (plain, fewer, many))
    assert eight - base == 2 * (four - base) > 0
    whole = bytes_for(MEMORY, dataclasses.replace(tiled, tile=None))
    assert bytes_for(MEMORY, tiled) < whole


def test_what_would_fit_is_the_most_that_does() -> None:
    need = MemoryNeed(width=512, height=512, rows=2)
    assert shortage(MEMORY, need, 8, 64) is None
    larger = MemoryNeed(width=2048, height=1024, rows=2)
    short = shortage(MEMORY, larger, 8, 64)

    assert short is not None
    assert short.references is None
    assert short.size is not None
    width, height = short.size
    assert (width, height) != (2048, 1024)
    assert abs(width / height - 2) < 0.05
    fitting = dataclasses.replace(larger, width=width, height=height)
    assert shortage(MEMORY, fitting, 8, 64) is None
    beyond = dataclasses.replace(larger, width=width + 16, height=height + 8)
    assert shortage(MEMORY, beyond, 8, 64) is not None


def test_nothing_fits_beside_weights_that_fill_the_limit() -> None:
    full = dataclasses.replace(MEMORY, limit=MEMORY.weights + 1)
    short = shortage(full, MemoryNeed(width=64, height=64, rows=1), 8, 64)

    assert short is not None
    assert short.size is None
    assert short.references is None
