"""Sizes: at which references are read, which an image has by default, and which are possible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation.engine.engine import Engine
from generation.models.model import Model
from generation.protocol.events import Failed, Finished
from generation.protocol.options import ModelCard
from generation.protocol.requests import Box, Paint, Source
from generation.requests.sizes import read_size, size_like, usual_size
from tests.generation.painted import ended

HALF = Box(left=0.25, top=0.25, right=0.75, bottom=0.75)
LEFT_TWO_THIRDS = Box(left=0, top=0, right=2 / 3, bottom=1)
CARD = ModelCard(
    name="m", licence="MIT", width=512, height=512, has_safety_checker=False, device="CPU"
)


@pytest.mark.parametrize(
    ("size", "read"),
    [
        ((96, 96), (96, 96)),
        ((512, 512), (96, 96)),
        ((200, 100), (136, 64)),
        ((100, 200), (64, 136)),
        ((20_000, 1), (192, 48)),
        ((1, 1), (96, 96)),
    ],
)
def test_references_keep_their_aspect_at_the_requests_area(
    size: tuple[int, int], read: tuple[int, int]
) -> None:
    assert read_size(size, 96 * 96, 8) == read


def test_a_reference_shaped_like_the_request_is_read_at_its_size() -> None:
    assert read_size((104, 88), 104 * 88, 8) == (104, 88)


def beginning(**change: Any) -> Source:
    return Source(path=Path("x.png"), digest="0", **change)


@pytest.mark.parametrize(
    ("source", "within", "size"),
    [
        ((512, 512), None, (512, 512)),
        ((400, 200), None, (728, 360)),
        ((512, 512), LEFT_TWO_THIRDS, (768, 512)),
        ((512, 512), Box(left=0, top=1 / 3, right=1, bottom=1), (512, 768)),
        ((64, 64), LEFT_TWO_THIRDS, (768, 512)),
        ((768, 512), LEFT_TWO_THIRDS, (1088, 480)),
        ((512, 512), HALF, (512, 512)),
        ((768, 512), HALF, (624, 416)),
    ],
)
def test_the_picture_grows_to_one_side_and_stays_as_large_when_zoomed_out(
    source: tuple[int, int], within: Box | None, size: tuple[int, int]
) -> None:
    assert usual_size(source, beginning(within=within), 512 * 512, 8) == size


def test_no_side_is_shorter_than_can_be_painted() -> None:
    assert usual_size((900, 100), beginning(), 96 * 96, 8) == (192, 64)


@pytest.mark.parametrize(("source", "size"), [((96, 96), (192, 192)), ((100, 51), (200, 104))])
def test_an_enlarged_picture_has_its_sources_sides_so_many_times(
    source: tuple[int, int], size: tuple[int, int]
) -> None:
    assert usual_size(source, beginning(times=2), 512 * 512, 8) == size


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (512, 768, (512, 768, None)),
        (832, 1216, (832, 1216, None)),
        (1024, 1536, (None, None, 2 / 3)),
        (513, 513, (None, None, 1.0)),
        (8, 8, (None, None, 1.0)),
        (8, 4096, (None, None, 0.25)),
        (0, 512, (None, None, None)),
        (None, 512, (None, None, None)),
    ],
)
def test_sizes_of_elsewhere_are_kept_where_they_can_be_painted(
    width: int | None, height: int | None, size: tuple[object, ...]
) -> None:
    assert size_like(width, height, CARD) == size


def test_a_size_by_aspect_is_the_native_area(
    engine: Engine, request_: Callable[..., Paint], model: Model
) -> None:
    assert (model.card.width, model.card.height) == (96, 96)
    engine.begin(request_(count=1, steps=1, aspect=3 / 2))
    engine.begin(request_("ribbon", count=1, aspect=9.0))
    events = ended(engine)

    assert isinstance(events["job"], Finished)
    picture = events["job"].pictures[0]
    assert (picture.width, picture.height) == (120, 80)
    assert isinstance(events["ribbon"], Failed)
    assert "at most 4 times as long" in events["ribbon"].detail
