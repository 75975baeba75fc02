"""Measure the restoration of damaged images with the scorers and a CLIP-based distance."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

import numpy as np
from PIL import Image, ImageDraw

from generation.catalog.entries import INTACT, RESTORED, RESTORING
from generation.editing.restoration import repair
from generation.images.tensors import digest_of
from generation.protocol.requests import Paint, Restoration, Source
from generation.shapes.evaluation.easel import Painter
from generation.shapes.evaluation.reading import ATTRIBUTES
from generation.shapes.evaluation.similarity import Distance
from generation.shapes.scorers import read
from generation.shapes.world import SIDE, draw, random_scene

STAGES = ("damaged", "repaired", "restored")
"""Stages: damaged; after `generation.editing.restoration` alone; after diffusion."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Damage:
    """Scratches over a share of the image, and noise of a standard deviation (of 1)."""

    scratched: float = 0.0
    noise: float = 0.0


DAMAGES = (
    Damage(scratched=0.05),
    Damage(scratched=0.15),
    Damage(noise=0.05),
    Damage(noise=0.1),
    Damage(noise=0.2),
    Damage(scratched=0.15, noise=0.1),
    Damage(scratched=0.15, noise=0.2),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One image at every stage; `mask` is white where it was scratched."""

    original: Image.Image
    mask: Image.Image | None
    damaged: Image.Image
    repaired: Image.Image
    restored: Image.Image


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figures:
    """Measurements of one stage: shares that read like the originals, and perceptual distance."""

    agreeing: float
    attributes: dict[str, float]
    distance: float


def cases(
    paint: Painter, damage: Damage, folder: Path, *, model: str, count: int, seed: int
) -> Iterator[Case]:
    """Damage scenes and restore each through the engine."""
    random = Random(f"restoration/{seed}")
    for number in range(count):
        original = draw(random_scene(random))
        mask = scratches(random, damage.scratched) if damage.scratched else None
        damaged = spoilt(original, mask, damage.noise, random)
        wanted = Restoration(noise=None if damage.noise else 0.0)
        place = folder / f"{number:03}"
        place.mkdir(parents=True)
        yield Case(
            original=original,
            mask=mask,
            damaged=damaged,
            repaired=repair(damaged, mask, wanted).picture,
            restored=_restored(paint, damaged, mask, wanted, place, model=model, seed=number),
        )


def figures(done: Sequence[Case], distance: Distance) -> dict[str, Figures]:
    """Return the measurements of each stage."""
    originals = [case.original for case in done]
    meant = [read(original) for original in originals]
    found = {}
    for stage in STAGES:
        pictures = [getattr(case, stage) for case in done]
        right = [
            [getattr(seen, name) == getattr(was, name) for name in ATTRIBUTES]
            for seen, was in zip(map(read, pictures), meant, strict=True)
        ]
        found[stage] = Figures(
            agreeing=fmean(map(all, right)),
            attributes=dict(zip(ATTRIBUTES, map(fmean, zip(*right, strict=True)), strict=True)),
            distance=fmean(distance(pictures, originals)),
        )
    return found


def largest_change(done: Sequence[Case]) -> int:
    """Return the largest change of a channel, of 255, that restoring makes outside the masks."""
    largest = 0
    for case in done:
        change = np.abs(np.asarray(case.restored, int) - np.asarray(case.damaged, int)).max(axis=2)
        if case.mask is not None:
            change = change[np.asarray(case.mask) < 128]
        largest = max(largest, int(change.max()))
    return largest


def sheet_of_cases(groups: Sequence[Sequence[Case]]) -> Image.Image:
    """Draw original, damaged, repaired and restored side by side, one row per case."""
    columns = ("original", *STAGES)
    rows = [case for group in groups for case in group]
    sheet = Image.new("RGB", (len(columns) * SIDE, len(rows) * SIDE), "white")
    for row, case in enumerate(rows):
        for column, name in enumerate(columns):
            sheet.paste(getattr(case, name), (column * SIDE, row * SIDE))
    return sheet


def scratches(random: Random, share: float) -> Image.Image:
    """Draw bent white lines, one to three pixels wide, until they cover the share of the image."""
    mask = Image.new("L", (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(mask)
    while np.asarray(mask).mean() < 255 * share:
        x, y = random.uniform(0, SIDE), random.uniform(0, SIDE)
        angle, length = random.uniform(0, math.pi), random.uniform(0.3, 1) * SIDE
        points = [(x, y)]
        for _ in range(6):
            angle += random.uniform(-0.25, 0.25)
            x, y = x + math.cos(angle) * length / 6, y + math.sin(angle) * length / 6
            points.append((x, y))
        pen.line(points, fill=255, width=random.choice((1, 2, 3)))
    return mask


def spoilt(
    picture: Image.Image, mask: Image.Image | None, noise: float, random: Random
) -> Image.Image:
    """Add Gaussian noise, clipped as in a file, and draw the scratches over it."""
    grains = np.random.default_rng(random.getrandbits(32))
    pixels = np.asarray(picture) + grains.normal(0, 255 * noise, (SIDE, SIDE, 3))
    pixels = pixels.round().clip(0, 255).astype(np.uint8)
    if mask is not None:
        pixels[np.asarray(mask) > 127] = random.choice((0, 255))
    return Image.fromarray(pixels)


def _restored(
    paint: Painter,
    damaged: Image.Image,
    mask: Image.Image | None,
    wanted: Restoration,
    folder: Path,
    *,
    model: str,
    seed: int,
) -> Image.Image:
    path = folder / "damaged.png"
    damaged.save(path)
    if mask is not None:
        mask.save(folder / "mask.png")
    source = Source(
        path=path,
        digest=digest_of(path.read_bytes()),
        strength=RESTORED,
        mask=None if mask is None else folder / "mask.png",
        mend=wanted,
    )
    request = Paint(
        job=folder.name,
        model=model,
        prompt=INTACT,
        count=1,
        seed=seed,
        source=source,
        tiled=True,
        previews=False,
        out=folder,
        **dataclasses.asdict(RESTORING),
    )
    [[painted]] = paint([request])
    if painted.path is None:
        raise ValueError("a restored picture was withheld")
    with Image.open(painted.path) as picture:
        return picture.convert("RGB")
