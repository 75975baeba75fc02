"""Baselines for the engine: diffusers' own pipelines, given the same requests."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers import EulerAncestralDiscreteScheduler
from PIL import Image

from benchmarks.figures import CannotMeasure
from generation.catalog.files import locate
from generation.images.tensors import encode_png
from generation.metadata.record import parameter_texts
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint, Source

if TYPE_CHECKING:  # importing the pipelines takes seconds, and most measurements need none
    from diffusers import DiffusionPipeline

COMMUNITY_CLASS = "FabricPipeline"


def load_pipeline(
    options: WorkerOptions, device: torch.device, dtype: torch.dtype, *, channels_last: bool = False
) -> DiffusionPipeline:
    """Load a second copy of the model the way diffusers does, with Euler ancestral.

    The same precision and device as the engine's, and no safety checker either; convolutions in
    channels_last, as in the engine, only if asked for.
    """
    from diffusers import DiffusionPipeline, StableDiffusionPipeline

    path = locate(options.model, options.models_dir)
    if path.is_dir():
        pipeline = DiffusionPipeline.from_pretrained(
            path,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            variant=_variant(path),
            **_without_checker(path),
        )
    else:
        pipeline = StableDiffusionPipeline.from_single_file(
            str(path), dtype=dtype, cache_dir=options.models_dir, local_files_only=True
        )
    pipeline.scheduler = EulerAncestralDiscreteScheduler.from_config(pipeline.scheduler.config)
    if channels_last:
        pipeline.unet.to(memory_format=torch.channels_last)
        pipeline.vae.to(memory_format=torch.channels_last)
    return _quiet(pipeline.to(device))


def image_to_image(pipeline: DiffusionPipeline) -> DiffusionPipeline:
    """Return the image-to-image pipeline with the same parts."""
    from diffusers import AutoPipelineForImage2Image

    return _quiet(AutoPipelineForImage2Image.from_pipe(pipeline))


def load_community(file: Path, pipeline: DiffusionPipeline) -> DiffusionPipeline:
    """Load the community's FABRIC pipeline from its file, with the parts of `pipeline`.

    Runs the file's code.  Raises CannotMeasure.
    """
    spec = importlib.util.spec_from_file_location("community_fabric", file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise CannotMeasure(
            f"There is no Python file {file}; docs/benchmarks says which to download."
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, COMMUNITY_CLASS):
        raise CannotMeasure(
            f"{file} has no {COMMUNITY_CLASS}; docs/benchmarks says which file to download."
        )
    fabric = getattr(module, COMMUNITY_CLASS)(
        vae=pipeline.vae,
        text_encoder=pipeline.text_encoder,
        tokenizer=pipeline.tokenizer,
        unet=pipeline.unet,
        scheduler=pipeline.scheduler,
        requires_safety_checker=False,
    )
    return _quiet(fabric)


def paint_by_pipeline(pipeline: DiffusionPipeline, request: Paint) -> None:
    """Run the request, from its prompt to the same files that the engine writes."""
    begin: dict[str, Any] = {"width": request.width, "height": request.height}
    if request.source is not None:
        begin = {"image": _opened(request.source), "strength": request.source.strength}
    pictures = pipeline(
        request.prompt,
        negative_prompt=request.negative_prompt,
        num_images_per_prompt=request.count,
        num_inference_steps=request.steps,
        guidance_scale=request.guidance,
        generator=[
            torch.Generator().manual_seed(request.seed + place) for place in range(request.count)
        ],
        **begin,
    ).images
    _write(pictures, request)


def paint_by_community(pipeline: DiffusionPipeline, request: Paint) -> None:
    """Run the request with its references, in the same window, with the same weights and count."""
    feedback = request.feedback
    pictures = pipeline(
        request.prompt,
        negative_prompt=request.negative_prompt,
        liked=[str(reference.path) for reference in request.liked],
        disliked=[str(reference.path) for reference in request.disliked],
        num_images=request.count,
        num_inference_steps=request.steps,
        guidance_scale=request.guidance,
        width=request.width,
        height=request.height,
        generator=torch.Generator().manual_seed(request.seed),
        feedback_start_ratio=feedback.start,
        feedback_end_ratio=feedback.end,
        min_weight=feedback.floor,
        max_weight=feedback.strength,
        neg_scale=feedback.dislike_scale,
    ).images
    _write(pictures, request)


def difference(one: Paint, other: Paint) -> int:
    """Return the largest difference of a channel between two requests' files, of 255."""
    return max(
        int(np.abs(_pixels(one, place) - _pixels(other, place)).max()) for place in range(one.count)
    )


def _pixels(request: Paint, place: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    with Image.open(request.out / f"{place}.png") as picture:
        return np.asarray(picture, dtype=np.int16)


def _write(pictures: Sequence[Image.Image], request: Paint) -> None:
    for place, picture in enumerate(pictures):
        texts = parameter_texts(request, request.seed + place, picture.width, picture.height)
        data = encode_png(np.asarray(picture), texts)
        (request.out / f"{place}.png").write_bytes(data)


def _opened(source: Source) -> Image.Image:
    with Image.open(source.path) as picture:
        return picture.convert("RGB")


def _variant(folder: Path) -> str | None:
    """Return "fp16" for models that are published in half precision only, else None."""
    whole = [*(folder / "unet").glob("*model.safetensors*")]
    return None if whole else "fp16"


def _without_checker(folder: Path) -> dict[str, object]:
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    if "safety_checker" not in index:
        return {}
    return {"safety_checker": None, "requires_safety_checker": False}


def _quiet(pipeline: DiffusionPipeline) -> DiffusionPipeline:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
