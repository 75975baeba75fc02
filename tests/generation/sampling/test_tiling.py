"""Large pictures in overlapping tiles: of one piece, whoever else is painted meanwhile."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Failed, Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint
from generation.sampling.tiling import OVERLAP, TiledPrediction, starts
from generation.shapes.world import COLOURS
from tests.generation.painted import ended
from tests.generation.sampling.test_init_image import source_at


@pytest.mark.parametrize(
    ("side", "tile", "expected"),
    [
        (12, 12, [0]),
        (8, 12, [0]),
        (13, 12, [0, 1]),
        (24, 12, [0, 6, 12]),
        (48, 12, [0, 9, 18, 27, 36]),
    ],
)
def test_tiles_cover_a_side_and_overlap(side: int, tile: int, expected: Sequence[int]) -> None:
    assert starts(side, tile) == expected
    assert all(b - a <= tile * (1 - OVERLAP) for a, b in itertools.pairwise(expected))


def test_what_tiles_agree_on_is_kept() -> None:
    tiled = TiledPrediction(torch.empty(1, 4, 20, 31), (12, 12))
    picture = torch.randn(1, 4, 20, 31)
    while tiled.left:
        count = min(4, tiled.left)
        tiled.take(tiled.next(picture, count))

    assert torch.allclose(tiled.blended(), picture, atol=1e-6)
    assert tiled.left > 1  # and the next call begins anew


def pixels(finished: object) -> np.ndarray:
    assert isinstance(finished, Finished)
    path = finished.pictures[0].path
    assert path is not None
    return np.asarray(Image.open(path)).astype(int)


def test_one_tile_is_the_whole_picture(engine: Engine, request_: Callable[..., Paint]) -> None:
    engine.begin(request_("whole", count=1))
    engine.begin(request_("tiled", count=1, tiled=True))
    events = ended(engine)

    assert np.abs(pixels(events["whole"]) - pixels(events["tiled"])).max() <= 2


def test_the_size_of_calls_changes_nothing(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    rows: list[int] = []
    model.unet.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    large = {"count": 1, "tiled": True, "width": 192, "height": 160, "steps": 2}
    engine.begin(request_("alone", **large))
    alone = ended(engine)["alone"]
    seen, _ = sorted(set(rows)), rows.clear()

    engine.begin(request_("large", **large))
    engine.begin(request_("small", count=3, steps=5, guidance=1.0))
    events = ended(engine)

    assert set(rows) - set(seen)  # it shared calls with the others
    assert np.abs(pixels(alone) - pixels(events["large"])).max() <= 2


def test_a_large_picture_begins_from_a_small_one(
    engine: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    Image.new("RGB", (96, 96), "orange").save(tmp_path / "small.png")
    source = source_at(tmp_path / "small.png", strength=0.4)
    engine.begin(request_(count=1, tiled=True, width=384, height=384, source=source))

    assert pixels(ended(engine)["job"]).shape == (384, 384, 3)


def test_even_tiles_have_a_limit(engine: Engine, request_: Callable[..., Paint]) -> None:
    engine.begin(request_(tiled=True, width=392, height=384))

    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert "It can paint up to 384 × 384" in failed.detail


def test_a_picture_that_is_enlarged_stays_what_it_is(
    request_: Callable[..., Paint], tmp_path: Path
) -> None:
    model = load_model(WorkerOptions(model="shapes", device="cpu"))
    small = Image.new("RGB", (96, 96), COLOURS["blue"])
    ImageDraw.Draw(small).rectangle((24, 24, 71, 71), fill=COLOURS["red"])
    small.save(tmp_path / "small.png")
    source = source_at(tmp_path / "small.png", strength=0.15, times=2)
    asked = request_(prompt="a red square", count=1, steps=20, guidance=1.0, source=source)
    with Writer() as writer:
        engine = Engine(model, writer, name="shapes", reference_budget=2**28)
        engine.begin(dataclasses.replace(asked, model="shapes", tiled=True))
        finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    assert finished.native is None  # nobody has to be warned of its size
    large = pixels(finished)
    expected = np.asarray(small.resize((192, 192), Image.Resampling.NEAREST)).astype(int)
    assert (np.abs(large - expected).max(axis=-1) < 48).mean() > 0.95
