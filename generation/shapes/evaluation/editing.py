"""The report on editing by instruction: success rates, and the trade-off against preservation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from generation.catalog.entries import EditingDefaults, ModelUnavailable, usual_editing
from generation.catalog.files import locate
from generation.protocol.options import WorkerOptions
from generation.shapes.evaluation import after_edits, instructed, tradeoff
from generation.shapes.evaluation.easel import Painter, painter, unchecked_engine
from generation.shapes.evaluation.reports import leave, percent, table, verdicts
from generation.shapes.evaluation.similarity import clip_embedder, clip_words
from generation.shapes.evaluation.tradeoff import Curves, EditJudge


def evaluate_editing(
    options: WorkerOptions, out: Path, *, count: int, curve: int, follow_ups: int, seed: int
) -> None:
    """Measure, print the tables, and write them, the figures and a contact sheet to `out`.

    count: number of instructions; curve: how many of them each point of the trade-off is measured
    on, follow_ups: how many edited pictures are painted on from; 0 to leave it out.
    """
    folder, usual = locate(options.model), usual_editing(options.model)
    obeys = dict.fromkeys((tradeoff.PUBLISHED.guidance, usual.guidance)) if curve else ()
    judge = EditJudge(see=clip_embedder(folder), understand=clip_words(folder))
    wanted = instructed.tasks(max(count, curve), seed)
    with unchecked_engine(options) as engine, TemporaryDirectory() as scratch:
        if engine.model.editor is None:
            raise ModelUnavailable(f"{options.model} has no editing UNet.")
        place, paint = Path(scratch), painter(engine)
        outcomes = instructed.edit_all(
            paint, wanted[:count], place / "instructed", model=options.model
        )
        found = [
            tradeoff.curves(
                paint,
                judge,
                wanted[:curve],
                place / f"obey-{obey:g}",
                model=options.model,
                obey=obey,
            )
            for obey in obeys
        ]
        kept = _kept(paint, place, model=options.model, count=follow_ups, seed=seed)
    shares = instructed.shares(outcomes)
    met = instructed.bars(shares)
    for each in found:
        met |= tradeoff.bars(each)
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
            "curves": [dataclasses.asdict(each) for each in found],
            "kept after edits": kept,
            "bars": met,
        },
        lines=[
            *describe(shares, found, met, usual=usual, count=count, curve=curve),
            *describe_kept(kept),
        ],
        sheet=instructed.contact_sheet(outcomes),
    )
    if found:
        tradeoff.draw_curves(found, out / "tradeoff.png")


def _kept(paint: Painter, place: Path, *, model: str, count: int, seed: int) -> after_edits.Kept:
    """Return what follow-ups of edits keep, of those edits that came out as asked."""
    if not count:
        return {}
    wanted = after_edits.tasks(count, seed)
    outcomes = instructed.edit_all(paint, wanted, place / "before follow-ups", model=model)
    done = [outcome for outcome in outcomes if outcome.done]
    return after_edits.kept_after(paint, done, place / "follow-ups", model=model)


def describe_kept(kept: after_edits.Kept) -> Iterator[str]:
    """Yield the table of what follow-ups keep of edits, in Markdown."""
    if kept:
        yield ""
        yield "What is painted from an edited picture, and keeps the edit. In per cent."
        yield ""
        prompts = list(after_edits.PROMPTS)
        yield from table(
            ("", *prompts),
            ((name, *(percent(shares[each]) for each in prompts)) for name, shares in kept.items()),
        )


def describe(
    shares: instructed.Shares,
    found: Sequence[Curves],
    met: dict[str, bool],
    *,
    usual: EditingDefaults,
    count: int,
    curve: int,
) -> Iterator[str]:
    """Yield both tables and the criteria, in Markdown."""
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
    for each in found:
        yield (
            f"The first {curve} of them at obey {each.obey:g}, over keep; and by image to image, "
            "at the same guidance, over its strength."
        )
        yield ""
        named = {f"keep {point.value:g}": point for point in each.editing}
        named |= {f"strength {point.value:g}": point for point in each.image_to_image}
        named["as it was meant"] = each.perfect
        yield from table(
            ("", "image similarity", "directional similarity", "changed as asked", "all else kept"),
            (
                (
                    name,
                    f"{point.image_similarity:.3f}",
                    f"{point.directional_similarity:.3f}",
                    percent(point.changed),
                    percent(point.kept),
                )
                for name, point in named.items()
            ),
        )
    yield from verdicts(met)
