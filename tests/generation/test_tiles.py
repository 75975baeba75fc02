"""Large pictures in overlapping tiles: of one piece, whoever else is painted meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generation.messages import Failed, Finished, Paint
from generation.models import Model
from generation.studio import Studio
from generation.tiles import OVERLAP, Mosaic, starts
from tests.generation.painted import ended
from tests.generation.test_origins import source_at


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
    mosaic = Mosaic(torch.empty(1, 4, 20, 31), (12, 12))
    picture = torch.randn(1, 4, 20, 31)
    while mosaic.left:
        count = min(4, mosaic.left)
        mosaic.take(mosaic.next(picture, count))

    assert torch.allclose(mosaic.blended(), picture, atol=1e-6)
    assert mosaic.left > 1  # and the next call begins anew


def pixels(finished: object) -> np.ndarray:
    assert isinstance(finished, Finished)
    path = finished.pictures[0].path
    assert path is not None
    return np.asarray(Image.open(path)).astype(int)


def test_one_tile_is_the_whole_picture(studio: Studio, request_: Callable[..., Paint]) -> None:
    studio.begin(request_("whole", count=1))
    studio.begin(request_("tiled", count=1, tiled=True))
    events = ended(studio)

    assert np.abs(pixels(events["whole"]) - pixels(events["tiled"])).max() <= 2


def test_the_size_of_calls_changes_nothing(
    studio: Studio, model: Model, request_: Callable[..., Paint]
) -> None:
    rows: list[int] = []
    model.unet.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    large = {"count": 1, "tiled": True, "width": 192, "height": 160, "steps": 2}
    studio.begin(request_("alone", **large))
    alone = ended(studio)["alone"]
    seen, _ = sorted(set(rows)), rows.clear()

    studio.begin(request_("large", **large))
    studio.begin(request_("small", count=3, steps=5, guidance=1.0))
    events = ended(studio)

    assert set(rows) - set(seen)  # it shared calls with the others
    assert np.abs(pixels(alone) - pixels(events["large"])).max() <= 2


def test_a_large_picture_begins_from_a_small_one(
    studio: Studio, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    Image.new("RGB", (96, 96), "orange").save(tmp_path / "small.png")
    source = source_at(tmp_path / "small.png", strength=0.4)
    studio.begin(request_(count=1, tiled=True, width=384, height=384, source=source))

    assert pixels(ended(studio)["job"]).shape == (384, 384, 3)


def test_even_tiles_have_a_limit(studio: Studio, request_: Callable[..., Paint]) -> None:
    studio.begin(request_(tiled=True, width=392, height=384))

    failed = ended(studio)["job"]
    assert isinstance(failed, Failed)
    assert "it paints up to the area of 384 × 384" in failed.detail
