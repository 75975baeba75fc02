"""The report on restoring: what each kind of damage leaves of drawings, and what is won back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.catalog import locate
from generation.messages import WorkerOptions
from generation.shapes.evaluation.easel import painter, unchecked_studio
from generation.shapes.evaluation.reading import ATTRIBUTES
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
"""Scenes of each kind of damage on the sheet."""


def evaluate_restoring(options: WorkerOptions, out: Path, *, count: int, seed: int) -> None:
    """Measure, print the table, and leave the figures and a sheet of examples in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    distance = clip_distance(locate(options.model))
    kept, examples = [], []
    print(f"{count} drawn scenes a kind of damage: those that read as before it, and differences")
    print(f"{'':24}{'all':>6}" + "".join(f"{name:>12}" for name in ATTRIBUTES) + "  distance")
    with unchecked_studio(options) as studio, TemporaryDirectory() as scratch:
        paint = painter(studio)
        for number, damage in enumerate(DAMAGES):
            folder = Path(scratch) / str(number)
            done = list(cases(paint, damage, folder, model=options.model, count=count, seed=seed))
            found = figures(done, distance)
            change = largest_change(done)
            _print(damage, found, change)
            kept.append(
                {
                    "damage": dataclasses.asdict(damage),
                    "largest_change": change,
                    **{stage: dataclasses.asdict(found[stage]) for stage in STAGES},
                }
            )
            examples.append(done[:SHOWN])
    sheet_of_cases(examples).save(out / "restore.png")
    figures_kept = {"model": options.model, "scenes": count, "seed": seed, "damages": kept}
    (out / "restore.json").write_text(json.dumps(figures_kept, indent=2) + "\n", encoding="utf-8")


def _print(damage: Damage, found: dict[str, Figures], change: int) -> None:
    print(f"scratches {damage.scratched:.0%}, noise {damage.noise:g}")
    for stage, row in found.items():
        shares = "".join(f"{share:12.0%}" for share in row.attributes.values())
        print(f"  {stage:<22}{row.agreeing:6.0%}{shares}{row.distance:10.4f}")
    if not damage.noise:
        print(f"  largest change beside the scratches: {change} of 255")
