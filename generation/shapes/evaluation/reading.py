"""Measure the scorers' accuracy, on fresh drawings and on their VAE reconstructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import torch
from PIL import Image

from generation.images.tensors import to_pixels
from generation.models.model import Model
from generation.shapes.scorers import read
from generation.shapes.world import (
    FILLS,
    RESERVED_FILLS,
    RESERVED_SHAPES,
    SHAPES,
    Scene,
    draw,
    random_scene,
)

Again = Callable[[Sequence[Image.Image]], list[Image.Image]]
"""Function from images to processed copies of them, such as VAE reconstructions."""

ATTRIBUTES = ("shape", "colour", "background", "fill", "size", "count", "place")
"""Attributes that are prompted for and read, in the order of the tables."""
BARRED = ATTRIBUTES[:-1]
"""Attributes with a minimum accuracy: all but place."""
FRESH, ROUND_TRIP = 0.99, 0.97
"""Least share of drawings, and of reconstructions, in which each of them must be read correctly."""

BATCH = 32


def fresh_scenes(count: int, seed: int) -> list[Scene]:
    """Draw ordinary scenes from a random stream of their own."""
    random = Random(f"reading/{seed}")
    return [random_scene(random) for _ in range(count)]


def reserved_scenes(count: int, seed: int) -> list[Scene]:
    """Draw scenes with a shape or a fill that is never trained on, or with both."""
    random = Random(f"reserved/{seed}")
    shapes, fills = (*SHAPES, *RESERVED_SHAPES), (*FILLS, *RESERVED_FILLS)
    pairs = [
        (shape, fill)
        for shape in shapes
        for fill in fills
        if shape in RESERVED_SHAPES or fill in RESERVED_FILLS
    ]
    scenes = []
    for _ in range(count):
        shape, fill = random.choice(pairs)
        scenes.append(random_scene(random, shape=shape, fill=fill))
    return scenes


def round_trip(model: Model) -> Again:
    """Return a function that encodes and decodes images with the model's autoencoder."""

    @torch.inference_mode()
    def again(pictures: Sequence[Image.Image]) -> list[Image.Image]:
        after = []
        for first in range(0, len(pictures), BATCH):
            batch = np.stack([np.asarray(each) for each in pictures[first : first + BATCH]])
            floats = torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255
            pixels = to_pixels(model.decode(model.encode(floats))).cpu().numpy()
            after += [Image.fromarray(each) for each in pixels]
        return after

    return again


def reading_shares(scenes: Sequence[Scene], again: Again | None = None) -> dict[str, float]:
    """Return the share of drawings in which each attribute is read as drawn."""
    pictures = [draw(scene) for scene in scenes]
    readings = [read(picture) for picture in (again(pictures) if again else pictures)]
    return {
        attribute: sum(
            getattr(reading, attribute) == getattr(scene, attribute)
            for reading, scene in zip(readings, scenes, strict=True)
        )
        / len(scenes)
        for attribute in ATTRIBUTES
    }


def reading_table(model: Model, *, count: int, seed: int) -> dict[str, dict[str, float]]:
    """Return the accuracy on drawings and reconstructions, of ordinary and reserved scenes."""
    kinds = {"drawings": fresh_scenes(count, seed), "reserved": reserved_scenes(count, seed)}
    table = {}
    for kind, scenes in kinds.items():
        table[kind] = reading_shares(scenes)
        table[f"{kind} after the VAE"] = reading_shares(scenes, round_trip(model))
    return table


def bars(table: dict[str, dict[str, float]]) -> dict[str, bool]:
    """Return each criterion as a phrase, and whether every attribute meets it."""
    columns = {"drawings": FRESH, "drawings after the VAE": ROUND_TRIP}
    return {
        f"scorers right in {least:.0%} of {column}": all(
            table[column][attribute] >= least for attribute in BARRED
        )
        for column, least in columns.items()
    }
