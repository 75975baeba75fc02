"""The studio and diffusers' pipeline are given the same work, and then compared."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.easel import Easel
from benchmarks.pipelines import difference, image_to_image, load_pipeline, paint_by_pipeline
from benchmarks.plain import measure


def test_both_compute_as_many_rows_of_words_and_of_pictures(easel: Easel) -> None:
    words, picture = measure(easel)

    assert words.rows == (8, 8)  # two pictures, two steps, two rows each
    assert picture.rows == (4, 4)  # of a strength of 0.6, one step of two
    for figure in (words, picture):
        assert figure.baseline == "diffusers"
        assert figure.ratio is not None
        assert 0.05 < figure.ratio.median < 20


@pytest.mark.parametrize("from_picture", [False, True], ids=["words", "picture"])
def test_both_paint_the_same_pictures(easel: Easel, from_picture: bool) -> None:
    pipeline = load_pipeline(easel.setting.options, easel.model.device, easel.model.dtype)
    source = easel.source("green") if from_picture else None
    request = easel.request(source=source, steps=4)
    twin = dataclasses.replace(request, out=easel.request().out)

    easel.paint([request])
    paint_by_pipeline(image_to_image(pipeline) if from_picture else pipeline, twin)

    assert difference(request, twin) <= 2


def test_no_two_requests_share_a_word_or_a_seed(easel: Easel) -> None:
    one, other = easel.request(), easel.request()

    assert one.prompt != other.prompt
    assert one.negative_prompt != other.negative_prompt
    seeds = [request.seed + place for request in (one, other) for place in range(request.count)]
    assert len(set(seeds)) == len(seeds)
