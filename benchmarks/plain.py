"""Benchmark of a round without feedback: the engine against diffusers' own pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.easel import Easel
from benchmarks.figures import Figure, compared
from benchmarks.pipelines import difference, image_to_image, load_pipeline, paint_by_pipeline
from benchmarks.timing import Work, alternate, counting
from generation.protocol.requests import Paint

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

NAME = "plain"
ENGINE, DIFFUSERS = "engine", "diffusers"


def measure(easel: Easel, *, channels_last: bool = False) -> Iterator[Figure]:
    """Measure text to image and image to image, from the request to the files on disk."""
    pipeline = load_pipeline(
        easel.setting.options, easel.model.device, easel.model.dtype, channels_last=channels_last
    )
    yield _compare(easel, "text to image", pipeline, easel.request)
    yield _compare(
        easel,
        "image to image",
        image_to_image(pipeline),
        lambda: easel.request(source=easel.source("green")),
    )


def _compare(
    easel: Easel, case: str, pipeline: DiffusionPipeline, request: Callable[[], Paint]
) -> Figure:
    rows, apart = _same_request(easel, pipeline, request())

    def by_engine() -> Work:
        return partial(easel.paint, [request()])

    def by_diffusers() -> Work:
        return partial(paint_by_pipeline, pipeline, request())

    blocks = [{ENGINE: by_engine}, {DIFFUSERS: by_diffusers}]
    runs = alternate(blocks, easel.setting.repeats, easel.watch)
    return compared(
        [run.seconds for run in runs[ENGINE]],
        [run.seconds for run in runs[DIFFUSERS]],
        benchmark=NAME,
        case=f"{case}, {easel.setting.pictures} pictures",
        kind=ENGINE,
        baseline=DIFFUSERS,
        rows=rows,
        remark=f"for the same request, pixels differ by at most {apart} of 255",
    )


def _same_request(
    easel: Easel, pipeline: DiffusionPipeline, request: Paint
) -> tuple[tuple[int, int], int]:
    """Run one request by both; return the UNet rows of each, and the largest pixel difference."""
    twin = dataclasses.replace(request, out=_folder_beside(request.out))
    with counting(easel.model.unet) as ours:
        easel.paint([request])
    with counting(pipeline.unet) as theirs:
        paint_by_pipeline(pipeline, twin)
    return (ours.rows, theirs.rows), difference(request, twin)


def _folder_beside(folder: Path) -> Path:
    twin = folder.with_name(f"{folder.name}-twin")
    twin.mkdir()
    return twin
