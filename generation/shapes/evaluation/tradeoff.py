"""Obeying the words against keeping the picture: the curve of InstructPix2Pix's figure 8.

Image similarity is the cosine of a picture before and after to CLIP; directional similarity that
of the change between them with the change between captions of what they are to show (Gal et al.,
arXiv 2108.00946).  Beside editing by instruction stands what did it before: image to image
(SDEdit, Meng et al., arXiv 2108.01073) with the caption of what is wanted, over its strength; and
what both would come to if every edit were as it was meant.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from generation.catalog.entries import Defaults, EditingDefaults
from generation.shapes.evaluation.easel import Painter
from generation.shapes.evaluation.instructed import (
    Outcome,
    Task,
    captions_of,
    edit_all,
    fulfil,
    request,
)
from generation.shapes.evaluation.similarity import Embedder, Vectors, WordsEmbedder
from generation.shapes.world import draw

KEEPS = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2)
"""Guidances by the picture, the range of the paper's curve."""
PUBLISHED = EditingDefaults()
"""What the paper's figure fixes; a model that wants less guidance by words is held against its own
usual one as well."""
STRENGTHS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of image to image."""
MONOTONE = 0.9
"""The least rank correlation at which a curve counts as rising or falling."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Point:
    """Means over tasks at one value of what is varied; 0 where nothing is."""

    value: float
    image_similarity: float
    directional_similarity: float
    changed: float
    """Share of pictures in which the asked attribute is as asked."""
    kept: float
    """Share of pictures in which all else is as it was."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curves:
    """Editing over how much is kept, and image to image over its strength, at one guidance.

    perfect: the drawings that were meant.
    """

    obey: float
    editing: list[Point]
    image_to_image: list[Point]
    perfect: Point


@dataclasses.dataclass(frozen=True, kw_only=True)
class Judge:
    """The two towers of CLIP."""

    see: Embedder
    understand: WordsEmbedder

    def point(self, value: float, outcomes: Sequence[Outcome]) -> Point:
        """What one value gives."""
        before = self.see([outcome.task.before for outcome in outcomes])
        after = self.see([outcome.picture for outcome in outcomes])
        said = [captions_of(outcome.task) for outcome in outcomes]
        was = self.understand([first for first, _ in said])
        wanted = self.understand([second for _, second in said])
        return Point(
            value=value,
            image_similarity=float((before * after).sum(axis=1).mean()),
            directional_similarity=float(_cosines(after - before, wanted - was).mean()),
            changed=fmean(outcome.changed for outcome in outcomes),
            kept=fmean(outcome.kept for outcome in outcomes),
        )


def curves(
    paint: Painter,
    judge: Judge,
    wanted: Sequence[Task],
    folder: Path,
    *,
    model: str,
    obey: float,
) -> Curves:
    """Both curves over the same tasks and seeds; `folder` is new, or empty."""
    settings, editing, image_to_image = dataclasses.replace(PUBLISHED, guidance=obey), [], []
    for keep in KEEPS:
        place, at = folder / f"keep-{keep:g}", dataclasses.replace(settings, image_guidance=keep)
        editing.append(judge.point(keep, edit_all(paint, wanted, place, model=model, editing=at)))
    for strength in STRENGTHS:
        place = folder / f"strength-{strength:g}"
        outcomes = _repaint_all(
            paint, wanted, place, model=model, settings=settings, strength=strength
        )
        image_to_image.append(judge.point(strength, outcomes))
    meant = [Outcome.of(task, draw(task.edit.after)) for task in wanted]
    return Curves(
        obey=obey,
        editing=editing,
        image_to_image=image_to_image,
        perfect=judge.point(0, meant),
    )


def correlations(points: Sequence[Point]) -> tuple[float, float]:
    """Rank correlations of the varied value with image and with directional similarity."""
    values = [point.value for point in points]
    return (
        _rank_correlation(values, [point.image_similarity for point in points]),
        _rank_correlation(values, [point.directional_similarity for point in points]),
    )


def above(found: Curves) -> bool:
    """Whether editing changes more as asked than image to image does, at equal image similarity.

    Between two strengths image to image is taken to be straight; of points beyond all of its
    similarities, it is the nearest that they are held against.
    """
    others = sorted(found.image_to_image, key=lambda point: point.image_similarity)
    theirs = np.interp(
        [point.image_similarity for point in found.editing],
        [point.image_similarity for point in others],
        [point.directional_similarity for point in others],
    )
    return all(
        point.directional_similarity > their
        for point, their in zip(found.editing, theirs, strict=True)
    )


def bars(found: Curves) -> dict[str, bool]:
    """Each bar in words, and whether it is met."""
    rising, falling = correlations(found.editing)
    met = {
        f"image similarity rises with keep (Spearman ≥ {MONOTONE:g})": rising >= MONOTONE,
        f"directional similarity falls (Spearman ≤ −{MONOTONE:g})": falling <= -MONOTONE,
        "above image to image at equal image similarity, at every point": above(found),
    }
    return {f"at obey {found.obey:g}, {bar}": holds for bar, holds in met.items()}


def draw_curves(found: Sequence[Curves], path: Path) -> None:
    """The paper's figure, and beside it the same by exact attributes; a row for each guidance."""
    figure = Figure(figsize=(11, 4.5 * len(found)), layout="constrained")
    for each, (by_clip, by_pixels) in zip(
        found, figure.subplots(len(found), 2, squeeze=False), strict=True
    ):
        _draw(each, by_clip, by_pixels)
    figure.savefig(path, dpi=120)


def _draw(found: Curves, by_clip: Axes, by_pixels: Axes) -> None:
    kinds = {
        "editing by instruction (keep 1 to 2.2)": found.editing,
        "image to image (strength .2 to 1)": found.image_to_image,
    }
    for label, points in kinds.items():
        for axes, across, up in (
            (by_clip, "image_similarity", "directional_similarity"),
            (by_pixels, "kept", "changed"),
        ):
            along = [getattr(point, across) for point in points]
            height = [getattr(point, up) for point in points]
            axes.plot(along, height, marker="o", label=label)
            for point, at in zip(points, zip(along, height, strict=True), strict=True):
                axes.annotate(f"{point.value:g}", at, fontsize=7)
    perfect = found.perfect
    by_clip.plot(
        perfect.image_similarity, perfect.directional_similarity, "k*", label="as it was meant"
    )
    by_clip.set_title(f"obey {found.obey:g}")
    by_clip.set_xlabel("image similarity (CLIP)")
    by_clip.set_ylabel("directional similarity (CLIP)")
    by_pixels.set_xlabel("all else kept (share of pictures)")
    by_pixels.set_ylabel("changed as asked (share of pictures)")
    by_clip.legend()


def _repaint_all(
    paint: Painter,
    wanted: Sequence[Task],
    folder: Path,
    *,
    model: str,
    settings: Defaults,
    strength: float,
) -> list[Outcome]:
    return fulfil(
        paint,
        wanted,
        lambda task: request(
            task,
            captions_of(task)[1],
            folder,
            model=model,
            settings=settings,
            strength=strength,
        ),
    )


def _rank_correlation(values: Sequence[float], measured: Sequence[float]) -> float:
    """Spearman's; 0 where nothing varies with the values."""
    return float(spearmanr(values, measured).statistic) if len(set(measured)) > 1 else 0.0


def _cosines(some: Vectors, others: Vectors) -> Vectors:
    lengths = np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1)
    return (some * others).sum(axis=1) / np.maximum(lengths, 1e-8)
