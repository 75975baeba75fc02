"""The report on Imagic: success along η, and at the η that it chooses by itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops, ImageDraw, ImageStat

from generation.catalog.entries import usual, usual_imagic
from generation.engine.session import LocalEngine
from generation.protocol.options import WorkerOptions
from generation.requests.comparisons import ALONG_ETA
from generation.shapes.evaluation.easel import in_batches, unchecked_engine
from generation.shapes.evaluation.instructed import (
    FRAME,
    Outcome,
    Task,
    captions_of,
    opened,
    request,
    tasks,
)
from generation.shapes.evaluation.reports import leave, percent, table, verdicts
from generation.shapes.world import SIDE, draw

COLUMNS = ("changed", "kept", "both", "astray")
REACHED = 0.7
"""Least share of images that must match the description and keep everything else."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Strip:
    """The images that a fitted model generated for one task along η, and the one it chose."""

    outcomes: tuple[Outcome, ...]
    chosen: int
    unfitted: Outcome
    """The image for the same prompt and seed from the model without fitting."""

    @property
    def could(self) -> bool:
        """True if any image of the strip matches the description and keeps everything else."""
        return any(outcome.done for outcome in self.outcomes)


def evaluate_imagic(options: WorkerOptions, out: Path, *, count: int, seed: int) -> None:
    """Measure, print the table, and write it, the figures and a sheet of strips to `out`."""
    with unchecked_engine(options) as engine, TemporaryDirectory() as scratch:
        strips = [
            fit(engine, task, Path(scratch), options.model)
            for [task] in in_batches(tasks(count, seed), 1, "pictures")
        ]
    shares = shares_along(strips)
    met = {f"as described at its own η in {REACHED:.0%}": shares["chosen"]["both"] >= REACHED}
    leave(
        out,
        "imagic",
        figures={
            "model": options.model,
            "pictures": count,
            "seed": seed,
            "settings": dataclasses.asdict(usual_imagic(options.model)),
            "chosen": [ALONG_ETA.values[strip.chosen] for strip in strips],
            "shares": shares,
            "bars": met,
        },
        lines=describe(shares, met, count),
        sheet=sheet_of_strips(strips),
    )


def fit(engine: LocalEngine, task: Task, folder: Path, model: str) -> Strip:
    """Fit a model and generate a strip like a member's, from an English description."""
    asked = request(task, captions_of(task)[1], folder, model=model, settings=usual(model))
    [unfitted] = engine.paint(dataclasses.replace(asked, source=None)).pictures
    without = Outcome.of(task, opened(unfitted))
    finished = engine.paint(
        dataclasses.replace(
            asked,
            count=len(ALONG_ETA.values),
            axes=(ALONG_ETA,),
            imagic=usual_imagic(model),
        )
    )
    if finished.chosen is None:
        raise ValueError("no picture of the strip was chosen")
    return Strip(
        outcomes=tuple(Outcome.of(task, opened(each)) for each in finished.pictures),
        chosen=finished.chosen,
        unfitted=without,
    )


def astray(outcome: Outcome) -> float:
    """Return the mean difference per pixel, 0 to 1, from a drawing of exactly the requested change.

    It includes what no prompt can say, such as where exactly a shape lies.
    """
    meant = draw(outcome.task.edit.after)
    return fmean(ImageStat.Stat(ImageChops.difference(outcome.picture, meant)).mean) / 255


def shares_along(strips: Sequence[Strip]) -> dict[str, dict[str, float]]:
    """Return shares by η, of the chosen images, without fitting, and of any in the strip."""
    rows = {
        f"η {eta:g}": [strip.outcomes[place] for strip in strips]
        for place, eta in enumerate(ALONG_ETA.values)
    }
    rows["chosen"] = [strip.outcomes[strip.chosen] for strip in strips]
    rows["the same words, not fitted"] = [strip.unfitted for strip in strips]
    shares = {
        row: {
            "changed": fmean(outcome.changed for outcome in outcomes),
            "kept": fmean(outcome.kept for outcome in outcomes),
            "both": fmean(outcome.done for outcome in outcomes),
            "astray": fmean(map(astray, outcomes)),
        }
        for row, outcomes in rows.items()
    }
    shares["any of them"] = {"both": fmean(strip.could for strip in strips)}
    return shares


def describe(
    shares: dict[str, dict[str, float]], met: dict[str, bool], count: int
) -> Iterator[str]:
    """Yield the table and the criterion, in Markdown."""
    yield f"Pictures, each with a description of what it is to show: {count}. In per cent."
    yield ""
    yield from table(
        ("", "changed as described", "all else kept", "both", "off the drawing that was meant"),
        (
            (row, *(percent(cells[name]) if name in cells else "" for name in COLUMNS))
            for row, cells in shares.items()
        ),
    )
    yield from verdicts(met)


def sheet_of_strips(strips: Sequence[Strip]) -> Image.Image:
    """Draw each original and its strip as a row, the chosen one framed, in red if wrong."""
    step = SIDE + 2 * FRAME
    sheet = Image.new("RGB", ((1 + len(ALONG_ETA.values)) * step, len(strips) * step), "white")
    pen = ImageDraw.Draw(sheet)
    for row, strip in enumerate(strips):
        y = row * step
        sheet.paste(strip.outcomes[0].task.before, (FRAME, y + FRAME))
        for place, outcome in enumerate(strip.outcomes, 1):
            x = place * step
            if place - 1 == strip.chosen:
                colour = "green" if outcome.done else "red"
                pen.rectangle((x, y, x + step - 1, y + step - 1), fill=colour)
            sheet.paste(outcome.picture, (x + FRAME, y + FRAME))
    return sheet
