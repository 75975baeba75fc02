"""The report on the model of the world and on the scorers that measure it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.protocol.options import WorkerOptions
from generation.shapes.evaluation import prompts, reading
from generation.shapes.evaluation.easel import Setup, painter, unchecked_engine
from generation.shapes.evaluation.reports import leave, percent, table, verdicts


def evaluate_world(
    options: WorkerOptions, out: Path, *, setup: Setup, count: int, seed: int
) -> None:
    """Measure, print the tables, and write them, the figures and a contact sheet to `out`."""
    with unchecked_engine(options) as engine, TemporaryDirectory() as scratch:
        read = reading.reading_table(engine.model, count=count, seed=seed)
        answers = prompts.paint_answers(
            painter(engine), Path(scratch), setup=setup, count=count, seed=seed
        )
    right = prompts.right_shares(answers)
    met = {**prompts.bars(right), **reading.bars(read)}
    leave(
        out,
        "world",
        figures={
            "setup": dataclasses.asdict(setup),
            "prompts": count,
            "seed": seed,
            "right": right,
            "read": read,
            "bars": met,
        },
        lines=describe(right, read, met, setup=setup, count=count),
        sheet=prompts.contact_sheet(answers),
    )


def describe(
    right: prompts.Shares,
    read: dict[str, dict[str, float]],
    met: dict[str, bool],
    *,
    setup: Setup,
    count: int,
) -> Iterator[str]:
    """Yield both tables and the criteria, in Markdown."""
    yield (
        f"{count} prompts that name everything, each in English and in Japanese; {setup.steps} "
        f"steps, guidance {setup.guidance:g}, {setup.scheduler}. Right in per cent; what cannot "
        "be read is wrong."
    )
    yield ""
    columns = list(right["shape"])
    yield from table(
        ("", *columns, "Japanese − English"),
        (
            (
                attribute,
                *(percent(shares[column]) for column in columns),
                f"{100 * (shares['Japanese'] - shares['all']):+.1f}",
            )
            for attribute, shares in right.items()
        ),
    )
    yield f"What the scorers read rightly of {count} drawings, in per cent."
    yield ""
    yield from table(
        ("", *read),
        (
            (attribute, *(percent(shares[attribute]) for shares in read.values()))
            for attribute in reading.ATTRIBUTES
        ),
    )
    yield from verdicts(met)
