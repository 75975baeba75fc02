"""The trade-off between following the instruction and keeping the image (InstructPix2Pix, fig. 8).

Image similarity is the cosine of the CLIP embeddings before and after; directional similarity is
the cosine of their difference with the difference between the captions' embeddings (Gal et al.,
arXiv 2108.00946).  Editing by instruction is compared with image to image (SDEdit, Meng et al.,
arXiv 2108.01073) on the target's caption, over its strength, and with perfect edits, that is
drawings of the target.
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
"""Image guidance scales, in the range of the paper's curve."""
PUBLISHED = EditingDefaults()
"""The settings of the paper's figure.

A model whose default text guidance is lower is measured with that as well.
"""
STRENGTHS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Strengths of image to image."""
MONOTONE = 0.9
"""Least rank correlation at which a curve counts as rising or falling."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Point:
    """Means over tasks at one value of the varied setting; 0 where none is varied."""

    value: float
    image_similarity: float
    directional_similarity: float
    changed: float
    """Share of images in which the requested attribute has its new value."""
    kept: float
    """Share of images in which everything else is as it was."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curves:
    """Editing over image guidance, and image to image over strength, at one text guidance.

    perfect: drawings of the target.
    """

    obey: float
    editing: list[Point]
    image_to_image: list[Point]
    perfect: Point


@dataclasses.dataclass(frozen=True, kw_only=True)
class EditJudge:
    """The two towers of CLIP, which judge the edits."""

    see: Embedder
    understand: WordsEmbedder

    def point(self, value: float, outcomes: Sequence[Outcome]) -> Point:
        """Return the means of the outcomes at one value."""
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
    judge: EditJudge,
    wanted: Sequence[Task],
    folder: Path,
    *,
    model: str,
    obey: float,
) -> Curves:
    """Measure both curves on the same tasks and seeds; `folder` is new, or empty."""
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
    """Return rank correlations of the varied value with image and directional similarity."""
    values = [point.value for point in points]
    return (
        _rank_correlation(values, [point.image_similarity for point in points]),
        _rank_correlation(values, [point.directional_similarity for point in points]),
    )


def above(found: Curves) -> bool:
    """Return True if edits succeed more often than image to image at equal image similarity.

    Image to image is interpolated linearly between strengths; points beyond its range of
    similarities are compared with its nearest point.
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
    """Return each criterion as a phrase, and whether it is met."""
    rising, falling = correlations(found.editing)
    met = {
        f"image similarity rises with keep (Spearman ≥ {MONOTONE:g})": rising >= MONOTONE,
        f"directional similarity falls (Spearman ≤ −{MONOTONE:g})": falling <= -MONOTONE,
        "above image to image at equal image similarity, at every point": above(found),
    }
    return {f"at obey {found.obey:g}, {bar}": holds for bar, holds in met.items()}


def draw_curves(found: Sequence[Curves], path: Path) -> None:
    """Plot the paper's figure, and beside it the same by exact attributes; one row per guidance."""
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
    """Return Spearman's rank correlation; 0 if nothing varies with the values."""
    return float(spearmanr(values, measured).statistic) if len(set(measured)) > 1 else 0.0


def _cosines(some: Vectors, others: Vectors) -> Vectors:
    lengths = np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1)
    return (some * others).sum(axis=1) / np.maximum(lengths, 1e-8)
