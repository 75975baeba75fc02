"""The report on restoration: how much each kind of damage destroys, and how much is recovered."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.catalog.files import locate
from generation.protocol.options import WorkerOptions
from generation.shapes.evaluation.easel import in_batches, painter, unchecked_engine
from generation.shapes.evaluation.reading import ATTRIBUTES
from generation.shapes.evaluation.reports import leave, percent, table
from generation.shapes.evaluation.restoration import (
    DAMAGES,
    STAGES,
    Damage,
    Figures,
    cases,
    figures,
    largest_change,
    sheet_of_cases,
)
from generation.shapes.evaluation.similarity import clip_distance

SHOWN = 2
"""Number of scenes of each kind of damage on the sheet."""


def evaluate_restoring(options: WorkerOptions, out: Path, *, count: int, seed: int) -> None:
    """Measure, print the table, and write it, the figures and a sheet of examples to `out`."""
    distance = clip_distance(locate(options.model))
    kept, examples = [], []
    with unchecked_engine(options) as engine, TemporaryDirectory() as scratch:
        paint = painter(engine)
        for number, [damage] in enumerate(in_batches(DAMAGES, 1, "kinds of damage")):
            folder = Path(scratch) / str(number)
            done = list(cases(paint, damage, folder, model=options.model, count=count, seed=seed))
            found = figures(done, distance)
            kept.append(
                RestorationResult(damage=damage, found=found, largest_change=largest_change(done))
            )
            examples.append(done[:SHOWN])
    leave(
        out,
        "restore",
        figures={
            "model": options.model,
            "scenes": count,
            "seed": seed,
            "damages": [one.figures() for one in kept],
        },
        lines=describe(kept, count),
        sheet=sheet_of_cases(examples),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestorationResult:
    """Measurements of images with one kind of damage."""

    damage: Damage
    found: dict[str, Figures]
    """Figures by stage."""
    largest_change: int

    def figures(self) -> dict[str, object]:
        """Return the measurements in JSON types."""
        return {
            "damage": dataclasses.asdict(self.damage),
            "largest_change": self.largest_change,
            **{stage: dataclasses.asdict(self.found[stage]) for stage in STAGES},
        }


def describe(kept: Sequence[RestorationResult], count: int) -> Iterator[str]:
    """Yield the table, in Markdown."""
    yield (
        f"{count} drawn scenes a kind of damage: those that read as before it, in per cent, and "
        "how different they look (0: not at all)."
    )
    yield ""
    yield from table(
        ("damage", "stage", "all", *ATTRIBUTES, "distance"),
        (
            (
                f"scratches {one.damage.scratched:.0%}, noise {one.damage.noise:g}",
                stage,
                percent(row.agreeing),
                *map(percent, row.attributes.values()),
                f"{row.distance:.4f}",
            )
            for one in kept
            for stage, row in one.found.items()
        ),
    )
    for one in kept:
        if not one.damage.noise:
            yield (
                f"Scratches {one.damage.scratched:.0%}: the largest change beside them is "
                f"{one.largest_change} of 255."
            )
