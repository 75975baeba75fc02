"""The training set: images drawn once from a seed and cached as one array of bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from generation.shapes.train.scribbles import scribble
from generation.shapes.world import SIDE, Scene, draw, random_scene

PICTURES, SEED = 24_000, 1
"""Number of training images that every stage learns from, and the seed they are drawn from."""
SCRIBBLES = 4_000
CHUNK = 500
HELD_OUT = 256
"""Number of images at the end of the training set that are held out for evaluation."""


def scenes(count: int, seed: int) -> list[Scene]:
    """Draw `count` random scenes, the same for the same seed, without any held-out combination."""
    random = Random(seed)
    drawn: list[Scene] = []
    while len(drawn) < count:
        scene = random_scene(random)
        if not scene.held_out:
            drawn.append(scene)
    return drawn


def drawings(drawn: Sequence[Scene], cache: Path) -> Tensor:
    """Return images of scenes: (count, 3, SIDE, SIDE) uint8, cached as a .npy file."""
    return _cached(draw, drawn, cache)


def scribbles(count: int, seed: int, cache: Path) -> Tensor:
    """Return images of random scribbles: (count, 3, SIDE, SIDE) uint8, cached as a .npy file."""
    return _cached(scribble, [Random(f"{seed}/{k}") for k in range(count)], cache)


def _cached(paint: Callable[[Any], Image.Image], what: Sequence[Any], cache: Path) -> Tensor:
    if not cache.exists():
        chunks = [what[k : k + CHUNK] for k in range(0, len(what), CHUNK)]
        with ProcessPoolExecutor() as pool:
            painted = list(pool.map(partial(_paint_all, paint), chunks))
        save_array(cache, np.concatenate(painted))
    pixels = torch.from_numpy(np.load(cache)).permute(0, 3, 1, 2).contiguous()
    if pixels.shape != (len(what), 3, SIDE, SIDE):
        raise ValueError(f"{cache} holds {tuple(pixels.shape)}: delete it to draw it again")
    return pixels


def _paint_all(paint: Callable[[Any], Image.Image], chunk: Sequence[Any]) -> np.ndarray:
    return np.stack([np.asarray(paint(each)) for each in chunk])


def save_array(cache: Path, array: np.ndarray) -> None:
    """Write a .npy file atomically, because half a cache cannot be told from a whole one."""
    unfinished = cache.with_suffix(".partial")
    with unfinished.open("wb") as file:
        np.save(file, array)
    unfinished.replace(cache)


def to_model(pixels: Tensor) -> Tensor:
    """Convert bytes 0..255 to floats -1..1."""
    return pixels.float() / 127.5 - 1
