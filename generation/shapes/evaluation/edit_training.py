"""The study of edit training: how far pairs that a model painted itself bring its editing.

The text-to-image UNet is widened and trained on them, and compared with where it began, with what
as many drawn pairs make of it in as many steps, and with the editing UNet, which was trained on
24,000 drawn pairs for sixteen times as long.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generation.catalog.entries import EditingDefaults, usual_editing
from generation.protocol.events import Trained, TrainProgress
from generation.protocol.options import WorkerOptions
from generation.protocol.training import Checkpoints, EditTraining, RateSchedule, Recipe, Train
from generation.shapes.evaluation import instructed
from generation.shapes.evaluation.easel import painter, unchecked_engine
from generation.shapes.evaluation.edit_pairs import PAINTED, Pool, draw_pairs, paint_pool
from generation.shapes.evaluation.instructed import Outcome
from generation.shapes.evaluation.intervals import Interval, interval, ratio
from generation.shapes.evaluation.reports import leave, percent, table, verdicts
from generation.training.controls import Controls
from generation.training.methods.edit import widened
from generation.training.run import run
from generation.training.twin import copy_of

RECIPE = Recipe(
    batch=8,
    rate=1.5e-3,
    rate_schedule=RateSchedule.COSINE,
    warmup=50,
    snr_gamma=None,
    flip=True,
    variants=2,
)
"""A small model learns at a rate at which large ones would fall apart; its noisy steps, where
colours are decided, must weigh as much as others."""
SAVED_EVERY = 250
CLOSED = 0.5
"""Least share of the gap that training on generated pairs must close."""

START, FILTERED, UNFILTERED, HALF = "start", "filtered", "unfiltered", "half"
DRAWN, SHIPPED = "drawn", "shipped"
ARMS = {
    START: "before training",
    FILTERED: "trained on painted pairs",
    UNFILTERED: "as many without the filter",
    HALF: "half of the pairs",
    DRAWN: "as many drawn pairs, as many steps",
    SHIPPED: "the shipped editing model",
}
"""Title of each arm in the report, in its order."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EditStudy:
    """What is measured: numbers of prompts, optimizer steps and instructions, and the seed."""

    prompts: int = 600
    steps: int = 2000
    count: int = 200
    sampling: int = 20
    seed: int = 0

    @property
    def editing(self) -> EditingDefaults:
        """Settings at which every arm edits."""
        return dataclasses.replace(usual_editing("shapes"), steps=self.sampling)


Results = Mapping[str, Mapping[str, Sequence[bool]]]
"""Of each arm, by what is asked of an edit, whether each instruction was followed so."""


def evaluate_edit_training(options: WorkerOptions, out: Path, study: EditStudy) -> None:
    """Paint, train and measure what `out` lacks, and write the report; can be stopped any time."""
    out.mkdir(parents=True, exist_ok=True)
    with unchecked_engine(options) as engine:
        for progress in paint_pool(
            engine.model, out / "pool", count=study.prompts, seed=study.seed
        ):
            _say(f"prompt {progress.prompts} of {progress.of}")
        pool = Pool.open(out / "pool", count=study.prompts, seed=study.seed)
        widened(copy_of(engine.model.unet), engine.model.latent_format.channels).save_pretrained(
            out / START
        )
        editors = {START: out / START}
        folders = {
            name: pool.write(pairs, out / f"{name}-pairs")
            for name, pairs in pool.choices(study.seed).items()
        }
        folders[DRAWN] = draw_pairs(
            len(pool.choices(study.seed)[FILTERED]), study.seed + 1, out / f"{DRAWN}-pairs"
        )
        for name, data in folders.items():
            request = training_request(options.model, data, out / name, study)
            for event in run(engine.model, request, Controls()):
                match event:
                    case TrainProgress():
                        _say(f"{name}: {event.stage.value}, {event.step} of {event.steps}")
                    case Trained():
                        editors[name] = event.result
    for name in ARMS:
        _measure(options, editors.get(name), out, name, study)
    report(pool, out, study)


def training_request(model: str, data: Path, out: Path, study: EditStudy) -> Train:
    """Return the request that trains one arm."""
    out.mkdir(exist_ok=True)
    return Train(
        job=out.name,
        model=model,
        method=EditTraining(),
        data=data,
        out=out,
        recipe=dataclasses.replace(RECIPE, steps=study.steps, seed=study.seed),
        checkpoints=Checkpoints(every=SAVED_EVERY, sample_steps=study.sampling),
        name="editor",
    )


def _measure(
    options: WorkerOptions, editor: Path | None, out: Path, name: str, study: EditStudy
) -> None:
    """Edit drawings with one arm's UNet, and write down what came of it, unless that is there."""
    file = out / f"{name}.json"
    if file.exists():
        return
    _say(f"{name}: edits")
    chosen = options if editor is None else dataclasses.replace(options, editor=str(editor))
    wanted = instructed.tasks(study.count, study.seed)
    with unchecked_engine(chosen) as engine, TemporaryDirectory() as scratch:
        outcomes = instructed.edit_all(
            painter(engine),
            wanted,
            Path(scratch) / name,
            model=options.model,
            editing=study.editing,
        )
    instructed.contact_sheet(outcomes, most=48).save(out / f"{name}.png")
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(_as_asked(outcomes)), encoding="utf-8")
    partial.replace(file)


def _as_asked(outcomes: Sequence[Outcome]) -> dict[str, list[bool]]:
    return {
        "changed": [outcome.changed for outcome in outcomes],
        "kept": [outcome.kept for outcome in outcomes],
        "both": [outcome.done for outcome in outcomes],
    }


def report(pool: Pool, out: Path, study: EditStudy) -> None:
    """Write the report on everything that has been measured."""
    results: Results = {
        name: json.loads((out / f"{name}.json").read_text(encoding="utf-8")) for name in ARMS
    }
    choices = pool.choices(study.seed)
    pairs = {
        name: {"pairs": len(some), "right": sum(map(pool.right, some)) / len(some)}
        for name, some in choices.items()
    }
    closed = {
        end: {name: gap_closed(results, name, end) for name in choices} for end in (DRAWN, SHIPPED)
    }
    gained = difference(results, FILTERED, UNFILTERED)
    met = bars(closed[DRAWN][FILTERED], gained)
    leave(
        out,
        "edit-training",
        figures={
            "study": dataclasses.asdict(study),
            "painted": dataclasses.asdict(PAINTED),
            "recipe": json.loads(json.dumps(dataclasses.asdict(RECIPE), default=str)),
            "thresholds": dataclasses.asdict(pool.thresholds),
            "pairs": pairs,
            "both": {name: _figures(interval(each["both"])) for name, each in results.items()},
            "gap closed": {
                end: {name: _figures(each) for name, each in arms.items()}
                for end, arms in closed.items()
            },
            "filter on − off": _figures(gained),
            "bars": met,
        },
        lines=describe(study, results, pairs, closed, gained, met),
        sheet=pool.sheet(),
    )


def gap_closed(results: Results, name: str, end: str) -> Interval | None:
    """Return how much of the way from the start to the arm `end` an arm has come."""
    start, best = results[START]["both"], results[end]["both"]
    return ratio(
        [float(arm) - before for arm, before in zip(results[name]["both"], start, strict=True)],
        [float(after) - before for after, before in zip(best, start, strict=True)],
    )


def difference(results: Results, name: str, other: str) -> Interval | None:
    """Return how much oftener one arm follows the same instructions than another."""
    pairs = zip(results[name]["both"], results[other]["both"], strict=True)
    return interval([float(one) - two for one, two in pairs])


def bars(closed: Interval | None, gained: Interval | None) -> dict[str, bool]:
    """Return each criterion as a phrase, and whether it is met."""
    return {
        f"painted pairs close at least {CLOSED:.0%} of the gap to as many drawn ones": (
            closed is not None and closed.mean >= CLOSED
        ),
        "the filter is better than none": gained is not None and gained.mean > 0,
        "and its interval lies above zero": gained is not None and gained.side > 0,
    }


def describe(
    study: EditStudy,
    results: Results,
    pairs: Mapping[str, Mapping[str, float]],
    closed: Mapping[str, Mapping[str, Interval | None]],
    gained: Interval | None,
    met: Mapping[str, bool],
) -> Iterator[str]:
    """Yield the table and the criteria, in Markdown."""
    editing = study.editing
    yield (
        f"{study.prompts} prompts, {PAINTED.samples} pairs of each; {study.steps} steps of "
        f"{RECIPE.batch} pairs at {RECIPE.rate:g}. {study.count} instructions that training never "
        f"saw, by turns in English and in Japanese; {editing.steps} steps, {editing.scheduler}, "
        f"obey {editing.guidance:g}, keep {editing.image_guidance:g}. In per cent; in brackets "
        "95 % intervals."
    )
    yield ""
    yield from table(
        (
            "",
            *("pairs", "of them right", "changed as asked", "all else kept"),
            *("both", "of the gap to drawn pairs", "of the gap to the shipped model"),
        ),
        (
            (
                title,
                pairs[name]["pairs"] if name in pairs else "",
                percent(pairs[name]["right"]) if name in pairs else "",
                percent(sum(results[name]["changed"]) / study.count),
                percent(sum(results[name]["kept"]) / study.count),
                _percents(interval(results[name]["both"])),
                *(_percents(arms[name]) if name in arms else "" for arms in closed.values()),
            )
            for name, title in ARMS.items()
        ),
    )
    yield f"With the filter rather than without, edits are right more often by {_percents(gained)}."
    yield ""
    yield from verdicts(met)


def _percents(found: Interval | None) -> str:
    if found is None:
        return "–"
    low, high = (percent(bound) for bound in (found.low, found.high))
    return f"{percent(found.mean)} [{low}, {high}]"


def _figures(found: Interval | None) -> dict[str, Any] | None:
    return None if found is None else dataclasses.asdict(found)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
