"""Where a source lies on the picture to be painted, what is painted anew, from what it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.images.canvas import lay_out
from generation.protocol.requests import Box, Source

HALF = Box(left=0.25, top=0.25, right=0.75, bottom=0.75)
LEFT_TWO_THIRDS = Box(left=0, top=0, right=2 / 3, bottom=1)


@pytest.fixture
def picture() -> Image.Image:
    """Noise on blue, red on its right edge."""
    pixels = np.zeros((96, 96, 3), np.uint8)
    pixels[..., 2] = np.random.default_rng(0).integers(150, 255, (96, 96))
    pixels[:, 88:] = (214, 32, 36)
    return Image.fromarray(pixels)


def laid_out(
    picture: Image.Image, size: tuple[int, int], mask: Image.Image | None = None, **where: Any
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    source = Source(path=Path("a.png"), digest="0" * 64, **where)
    canvas, anew = lay_out(picture, mask, source, size, 8)
    assert anew is not None
    assert canvas.size == anew.size == size
    assert set(np.unique(np.asarray(anew))) <= {0, 255}
    return np.asarray(canvas), np.asarray(anew) > 0


def test_without_a_part_all_of_it_is_painted_anew(picture: Image.Image) -> None:
    source = Source(path=Path("a.png"), digest="0" * 64)
    canvas, anew = lay_out(picture, None, source, (96, 96), 8)
    assert anew is None
    assert np.array_equal(np.asarray(canvas), np.asarray(picture))


def test_the_source_lies_where_it_should_and_the_rest_is_painted_anew(
    picture: Image.Image,
) -> None:
    canvas, anew = laid_out(picture, (144, 96), within=LEFT_TWO_THIRDS)
    assert np.array_equal(canvas[:, :96], np.asarray(picture))
    assert not anew[:, :96].any()
    assert anew[:, 96:].all()


def test_a_source_that_shrinks_is_resized_and_then_kept(picture: Image.Image) -> None:
    canvas, anew = laid_out(picture, (96, 96), within=HALF)
    small = picture.resize((48, 48), Image.Resampling.LANCZOS)
    assert np.array_equal(canvas[24:72, 24:72], np.asarray(small))
    assert not anew[24:72, 24:72].any()
    assert anew.sum() == 96 * 96 - 48 * 48


def test_its_edges_lie_on_whole_latents(picture: Image.Image) -> None:
    box = Box(left=0.3, top=0.02, right=0.7, bottom=1)
    _, anew = laid_out(picture, (96, 96), within=box)
    latents = anew.reshape(12, 8, 12, 8).mean(axis=(1, 3))
    assert set(np.unique(latents)) == {0, 1}


def test_the_edge_runs_on_and_the_streaks_are_softened(picture: Image.Image) -> None:
    noisy = Image.fromarray(np.asarray(picture)[:, :80])  # without the red
    canvas, _ = laid_out(noisy, (144, 96), within=LEFT_TWO_THIRDS)
    outside, edge = canvas[:, 96:, 2].astype(float), canvas[:, 95, 2].astype(float)
    assert abs(outside.mean() - edge.mean()) < 10, "its colours go on"
    assert outside.std() < edge.std() / 2, "its streaks do not"

    red, _ = laid_out(picture, (144, 96), within=LEFT_TWO_THIRDS)
    assert np.abs(red[:, 110:].astype(int) - (214, 32, 36)).max() < 16
    assert np.abs(red[:, 96].astype(int) - red[:, 95]).max() < 70, "and there is no frame"


def test_a_mask_and_boxes_count_within_the_source(picture: Image.Image) -> None:
    mask = Image.new("L", (10, 10), 0)
    mask.paste(255, (0, 0, 10, 5))
    right = Box(left=0.5, top=0, right=1, bottom=1)
    _, anew = laid_out(picture, (96, 96), mask, anew=(right,), within=HALF)
    inside = anew[24:72, 24:72]
    assert inside[:24].all()
    assert inside[24:, 24:].all()
    assert not inside[26:, :24].any()
    assert anew[:24].all()
