"""The report on editing by words: whether edits are as asked, and what is traded for what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.catalog import Editing, ModelUnavailable, locate, usual_editing
from generation.messages import WorkerOptions
from generation.shapes.evaluation import instructed, tradeoff
from generation.shapes.evaluation.easel import painter, unchecked_studio
from generation.shapes.evaluation.reports import leave, percent, table, verdicts
from generation.shapes.evaluation.similarity import clip_embedder, clip_words
from generation.shapes.evaluation.tradeoff import Curves, Judge


def evaluate_editing(
    options: WorkerOptions, out: Path, *, count: int, curve: int, seed: int
) -> None:
    """Measure, print the tables, and leave them, the figures and a contact sheet in `out`.

    count: instructions; curve: the first of them that make each point of the trade-off, or 0.
    """
    folder, found = locate(options.model), None
    usual = usual_editing(options.model)
    judge = Judge(see=clip_embedder(folder), understand=clip_words(folder))
    wanted = instructed.tasks(max(count, curve), seed)
    with unchecked_studio(options) as studio, TemporaryDirectory() as scratch:
        if studio.model.editor is None:
            raise ModelUnavailable(f"{options.model} has no UNet that edits.")
        place, paint = Path(scratch), painter(studio)
        outcomes = instructed.edit_all(
            paint, wanted[:count], place / "instructed", model=options.model
        )
        if curve:
            found = tradeoff.curves(paint, judge, wanted[:curve], place, model=options.model)
    shares = instructed.shares(outcomes)
    met = {**instructed.bars(shares), **(tradeoff.bars(found) if found else {})}
    leave(
        out,
        "edits",
        figures={
            "model": options.model,
            "instructions": count,
            "a point": curve,
            "seed": seed,
            "editing": dataclasses.asdict(usual),
            "shares": shares,
            "curves": dataclasses.asdict(found) if found else None,
            "bars": met,
        },
        lines=describe(shares, found, met, usual=usual, count=count, curve=curve),
        sheet=instructed.contact_sheet(outcomes),
    )
    if found:
        tradeoff.draw_curves(found, out / "tradeoff.png")


def describe(
    shares: instructed.Shares,
    found: Curves | None,
    met: dict[str, bool],
    *,
    usual: Editing,
    count: int,
    curve: int,
) -> Iterator[str]:
    """Both tables and the bars, in Markdown."""
    yield (
        f"{count} instructions, by turns in English and in Japanese; {usual.steps} steps, "
        f"{usual.scheduler}, obey {usual.guidance:g}, keep {usual.image_guidance:g}. In per cent; "
        "what cannot be read is wrong."
    )
    yield ""
    columns = list(shares["both"])
    yield from table(
        ("", *columns),
        ((row, *(percent(cells[name]) for name in columns)) for row, cells in shares.items()),
    )
    if found:
        yield (
            f"The first {curve} of them at obey {tradeoff.PUBLISHED.guidance:g}, as the paper has "
            "it, over keep; and by image to image, at the same guidance, over its strength."
        )
        yield ""
        named = {"keep": found.editing, "strength": found.image_to_image}
        yield from table(
            ("", "image similarity", "directional similarity", "changed as asked", "all else kept"),
            (
                (
                    f"{name} {point.value:g}",
                    f"{point.image_similarity:.3f}",
                    f"{point.directional_similarity:.3f}",
                    percent(point.changed),
                    percent(point.kept),
                )
                for name, points in named.items()
                for point in points
            ),
        )
    yield from verdicts(met)
