"""Damaged pictures through the engine: kept where they are whole, at their own size."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.engine.engine import Engine
from generation.images.tensors import digest_of
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.requests import Box, Paint, Restoration, Source
from generation.shapes.evaluation.restoration import spoilt
from tests.generation.painted import ended, read_record

SIZE = (93, 106)
WHOLE = (88, 104)
"""As many of its pixels as make whole latents."""


@pytest.fixture
def picture() -> Image.Image:
    ramp = np.linspace(0, 200, SIZE[0] * SIZE[1] * 3).reshape(SIZE[1], SIZE[0], 3)
    return Image.fromarray(ramp.astype(np.uint8))


@pytest.fixture
def mask() -> Image.Image:
    mask = Image.new("L", SIZE)
    mask.paste(255, (40, 10, 43, 90))
    return mask


@pytest.fixture
def restore(
    engine: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> Callable[..., Finished | Failed]:
    def restore(
        picture: Image.Image,
        mask: Image.Image | None = None,
        *,
        steps: int = 10,
        **change: Any,
    ) -> Finished | Failed:
        path, marked = tmp_path / "picture.png", tmp_path / "mask.png"
        picture.save(path)
        if mask is not None:
            mask.save(marked)
        source = Source(
            path=path,
            digest=digest_of(path.read_bytes()),
            strength=0.2,
            mask=None if mask is None else marked,
            mend=Restoration(),
        )
        source = dataclasses.replace(source, **change)
        asked = request_(source=source, count=1, steps=steps, guidance=1.0, tiled=True)
        engine.begin(asked)
        finished = ended(engine)["job"]
        assert isinstance(finished, Finished | Failed)
        return finished

    return restore


def opened(finished: Finished | Failed) -> tuple[Image.Image, dict[str, Any]]:
    assert isinstance(finished, Finished), finished
    [painted] = finished.pictures
    assert painted.path is not None
    record = read_record(painted.path)
    assert record is not None
    with Image.open(painted.path) as picture:
        return picture.convert("RGB"), record


def test_beside_the_scratches_not_a_pixel_changes(
    restore: Callable[..., Finished | Failed], picture: Image.Image, mask: Image.Image
) -> None:
    damaged = np.array(picture)
    damaged[np.asarray(mask) > 0] = 255
    restored, record = opened(restore(Image.fromarray(damaged), mask))

    # Two columns to the left, one row above: what was cut off to make whole latents.
    inner = (slice(1, 105), slice(2, 90))
    before, white = damaged[inner], np.asarray(mask)[inner] > 0
    assert restored.size == WHOLE
    assert np.array_equal(np.asarray(restored)[~white], before[~white])
    assert (np.asarray(restored)[white] != 255).any(axis=1).mean() > 0.9
    assert record["source"]["mend"] == {}
    assert record["tiled"]


def test_noise_goes_from_all_of_it(
    restore: Callable[..., Finished | Failed], picture: Image.Image
) -> None:
    damaged = spoilt(picture.resize((96, 96)), None, 0.1, Random(1))
    restored, record = opened(restore(damaged, mend=Restoration(noise=None)))
    assert restored.size == damaged.size
    assert not np.array_equal(np.asarray(restored), np.asarray(damaged))
    assert record["source"]["mend"]["noise"] is None


@pytest.mark.parametrize(("size", "painted"), [((40, 200), (64, 200)), ((768, 400), (528, 272))])
def test_sides_are_brought_to_what_can_be_painted(
    restore: Callable[..., Finished | Failed],
    picture: Image.Image,
    size: tuple[int, int],
    painted: tuple[int, int],
) -> None:
    restored, _ = opened(restore(picture.resize(size), steps=5, mend=Restoration(noise=0.1)))
    assert restored.size == painted


def test_a_restored_picture_can_be_larger(
    restore: Callable[..., Finished | Failed], picture: Image.Image, mask: Image.Image
) -> None:
    restored, _ = opened(restore(picture, mask, times=2))
    assert restored.size == (184, 208)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "There is nothing to restore: no scratches and no noise were found."),
        ({"mend": Restoration(noise=None, scratches=True)}, "There is nothing to restore"),
        (
            {"mask": Image.new("L", (93, 93))},
            "The mask is 93 × 93 pixels, but the picture is 93 × 106",
        ),
        ({"mask": Image.new("L", SIZE)}, "There is nothing to restore"),
        ({"mask": Image.new("L", SIZE, 255)}, "The whole mask is white"),
        ({"mend": Restoration(noise=0.6)}, "Noise must be between 0 (none) and 0.5, not 0.6."),
        (
            {"anew": (Box(left=0, top=0, right=1, bottom=0.5),)},
            "Only whole pictures can be restored",
        ),
    ],
)
def test_what_cannot_be_restored_is_a_sentence(
    restore: Callable[..., Finished | Failed],
    change: dict[str, Any],
    said: str,
) -> None:
    failed = restore(Image.new("RGB", SIZE, "teal"), **change)
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INVALID
    assert failed.detail.startswith(said)
