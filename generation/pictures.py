"""Pictures as tensors and back; PNGs that say how they were made."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from generation.feedback import explores, exploring
from generation.messages import Paint
from generation.requests import sides_of

MAX_ASPECT = 4.0
"""Beyond this a reference is cropped: a ribbon says little that a picture can follow."""

SAMPLER_NAMES = {
    "euler_a": "Euler a",
    "euler": "Euler",
    "heun": "Heun",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_karras": "DPM++ 2M Karras",
    "dpmpp_sde": "DPM++ SDE",
    "unipc": "UniPC",
    "ddim": "DDIM",
    "pndm": "PLMS",
    "lms": "LMS",
    "lcm": "LCM",
}
"""What A1111's web UI, whose `parameters` text many tools read, calls our schedulers."""

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3)"""


def read_size(picture: Image.Image, area: int, multiple: int) -> tuple[int, int]:
    """Width and height at which a reference is read: its own aspect, about `area` pixels.

    Sides are multiples of `multiple`, the aspect at most `MAX_ASPECT`.  References of the
    aspect of the request are read at exactly its size; others are not squashed to it.
    """
    return fitting_sides(picture.width / picture.height, area, multiple)


def fitting_sides(aspect: float, area: float, multiple: int) -> tuple[int, int]:
    """Width and height of about this aspect, within `MAX_ASPECT`, and area."""
    return sides_of(min(max(aspect, 1 / MAX_ASPECT), MAX_ASPECT), area, multiple)


def fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture at this size; what sticks out is cut off evenly."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def resized(picture: Image.Image, width: int, height: int) -> Tensor:
    """The picture at this size, as `fitted` cuts it: (1, 3, height, width), 0 … 1."""
    pixels = torch.from_numpy(np.array(fitted(picture, (width, height)))).permute(2, 0, 1)
    return pixels.unsqueeze(0).float() / 255


def to_pixels(pictures: Tensor) -> Tensor:
    """(B, 3, H, W) in 0 … 1 to (B, H, W, 3) bytes, rounded as diffusers rounds."""
    return (pictures.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)


def encode_png(pixels: Pixels, texts: dict[str, str]) -> bytes:
    """A PNG with text chunks; equal pixels and texts give equal bytes."""
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=chunks, compress_level=6)
    return buffer.getvalue()


def digest_of(data: bytes) -> str:
    """SHA-256 in hex: a file's name in the store and in caches."""
    return hashlib.sha256(data).hexdigest()


def parameter_texts(
    request: Paint, seed: int, width: int, height: int, *, flagged: bool = False
) -> dict[str, str]:
    """How a picture was made, twice: as A1111 writes it, and whole as JSON.

    Says nothing of who asked or where files lie, and nothing that differs between two
    runs of the same request.
    """
    record = _as_record(request, seed, width, height)
    if flagged:
        record["flagged"] = True
    return {
        "parameters": _as_a1111(request, seed, width, height),
        "konomi": json.dumps(record, ensure_ascii=False, sort_keys=True),
    }


def _as_a1111(request: Paint, seed: int, width: int, height: int) -> str:
    lines = [request.prompt]
    if request.negative_prompt:
        lines.append(f"Negative prompt: {request.negative_prompt}")
    lines.append(
        f"Steps: {request.steps}, Sampler: {SAMPLER_NAMES[request.scheduler]}, "
        f"CFG scale: {request.guidance:g}, Seed: {seed}, Size: {width}x{height}, "
        f"Model: {request.model}, "
        + (f"Denoising strength: {request.source.strength:g}, " if request.source else "")
        + "Version: Konomi"
    )
    return "\n".join(lines)


def _as_record(request: Paint, seed: int, width: int, height: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "version": 1,
        "model": request.model,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": seed,
        "steps": request.steps,
        "guidance": request.guidance,
        "scheduler": request.scheduler,
        "width": width,
        "height": height,
    }
    feedback = request.feedback
    liked = request.liked
    if explores(feedback, seed - request.seed, request.count, len(liked)):
        feedback, liked = exploring(feedback), ()
    if liked or request.disliked:
        record["feedback"] = {
            "liked": [[reference.digest, reference.weight] for reference in liked],
            "disliked": [[reference.digest, reference.weight] for reference in request.disliked],
            "start": feedback.start,
            "end": feedback.end,
            "strength": feedback.strength,
            "floor": feedback.floor,
            "dislike_scale": feedback.dislike_scale,
            "influence": feedback.influence.value,
        }
        if feedback.drop == 1 and not request.prompt:
            record["feedback"]["prompt_dropped"] = True
    if request.image_guidance is not None:
        record["image_guidance"] = request.image_guidance
    if request.tiled:
        record["tiled"] = True
    if source := request.source:
        record["source"] = {"digest": source.digest, "strength": source.strength}
        if source.mask is not None:
            record["source"]["mask"] = digest_of(source.mask.read_bytes())
        if source.anew:
            record["source"]["anew"] = [list(dataclasses.astuple(box)) for box in source.anew]
        if source.within is not None:
            record["source"]["within"] = list(dataclasses.astuple(source.within))
    return record


def read_record(path: Path) -> dict[str, Any] | None:
    """The JSON that a picture of ours carries; None if it carries none."""
    with Image.open(path, formats=("PNG",)) as picture:
        text = getattr(picture, "text", {}).get("konomi")
    return None if text is None else json.loads(text)
