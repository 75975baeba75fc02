"""The report on the world: the model that paints it, and the scorers that read it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.messages import WorkerOptions
from generation.shapes.evaluation import prompts, reading
from generation.shapes.evaluation.easel import Setup, painter, unchecked_studio


def evaluate_world(
    options: WorkerOptions, out: Path, *, setup: Setup, count: int, seed: int
) -> None:
    """Measure, print the tables, and leave them, the figures and a contact sheet in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with unchecked_studio(options) as studio, TemporaryDirectory() as scratch:
        read = reading.reading_table(studio.model, count=count, seed=seed)
        answers = prompts.paint_answers(
            painter(studio), Path(scratch), setup=setup, count=count, seed=seed
        )
    right = prompts.right_shares(answers)
    met = {**prompts.bars(right), **reading.bars(read)}
    figures = {
        "setup": dataclasses.asdict(setup),
        "prompts": count,
        "seed": seed,
        "right": right,
        "read": read,
        "bars": met,
    }
    (out / "world.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    prompts.contact_sheet(answers).save(out / "world.png")
    report = "\n".join(describe(right, read, met, setup=setup, count=count)) + "\n"
    (out / "world.md").write_text(report, encoding="utf-8")
    print(report, end="")


def describe(
    right: prompts.Shares,
    read: dict[str, dict[str, float]],
    met: dict[str, bool],
    *,
    setup: Setup,
    count: int,
) -> Iterator[str]:
    """Both tables and the bars, in Markdown."""
    yield (
        f"{count} prompts that name everything, each in English and in Japanese; {setup.steps} "
        f"steps, guidance {setup.guidance:g}, {setup.scheduler}. Right in per cent; what cannot "
        "be read is wrong."
    )
    yield ""
    columns = list(right["shape"])
    yield f"| | {' | '.join(columns)} | Japanese − English |"
    yield f"|---|{'---|' * (len(columns) + 1)}"
    for attribute, shares in right.items():
        cells = [f"{100 * shares[column]:.1f}" for column in columns]
        difference = 100 * (shares["Japanese"] - shares["all"])
        yield f"| {attribute} | {' | '.join(cells)} | {difference:+.1f} |"
    yield ""
    yield f"What the scorers read rightly of {count} drawings, in per cent."
    yield ""
    yield f"| | {' | '.join(read)} |"
    yield f"|---|{'---|' * len(read)}"
    for attribute in reading.ATTRIBUTES:
        cells = [f"{100 * shares[attribute]:.1f}" for shares in read.values()]
        yield f"| {attribute} | {' | '.join(cells)} |"
    yield ""
    for bar, holds in met.items():
        yield f"- {bar}: {'yes' if holds else 'no'}"
