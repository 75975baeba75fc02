"""The report on the study of training methods: tables, verdicts and contact sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from generation.images.sheets import GROUND, Heading, sheet_of
from generation.shapes.evaluation.concepts import Concept
from generation.shapes.evaluation.intervals import Interval, interval, ratio
from generation.shapes.evaluation.ledger import StudyFolder
from generation.shapes.evaluation.reports import leave, table, verdicts
from generation.shapes.evaluation.teaching import UNTOUCHED, TeachingRecord
from generation.shapes.evaluation.training_plan import (
    INVERSION,
    LORA,
    LORA_WITH_PRIOR,
    WITH_PRIOR,
    WITHOUT_PRIOR,
    TeachingPlan,
    picture_file,
)
from generation.shapes.world import draw

COLUMNS = {
    "shown": "shows it",
    "exact": "shows it, all else right",
    "named": "all else named",
    "leaked": "shown unasked",
    "meant": "like what was meant",
    "fidelity": "CLIP-I",
    "following": "CLIP-T",
    "drift": "PRES",
    "diversity": "diversity",
}
"""Figures of the table with their headings."""
FIDELITY = ("shown", "meant", "fidelity")
"""Figures that are measures of fidelity: exact, by what was to be painted, by the drawings."""
LEAST_FOLLOWING = 0.8
"""Least share of the untouched model's prompt following that every method must keep."""
SHOWN = 4
"""Pictures in a row of a sheet."""

Means = dict[str, dict[str, Interval]]
"""Intervals by method, then by figure."""


def report_training(
    folder: StudyFolder[TeachingRecord], plan: TeachingPlan, out: Path
) -> Mapping[str, bool]:
    """Write the tables, the figures and the sheets of what has been measured so far."""
    places = {pupil.name: place for place, pupil in enumerate(plan.pupils)}
    records = sorted(folder.records(), key=lambda record: places[record.pupil])
    reserved = [each for each in records if each.kind != "combination"]
    combined = [each for each in records if each.kind == "combination"]
    tables = {
        "reserved shapes and fills": means(reserved),
        "shapes alone": means([each for each in reserved if each.kind == "shape"]),
        "fills alone": means([each for each in reserved if each.kind == "fill"]),
        "held-out combinations": means(combined),
    }
    met = bars(reserved) | bars_of_combinations(combined)
    sheets = [sheet_of_concept(out, plan, concept) for concept in plan.concepts]
    leave(
        out,
        "training",
        figures={
            **folder.about(),
            "recipes": {pupil.name: pupil.settings for pupil in plan.pupils},
            "tables": {
                title: {
                    name: {figure: str(value) for figure, value in cells.items()}
                    for name, cells in rows.items()
                }
                for title, rows in tables.items()
            },
            "seconds": seconds(records),
            "bars": met,
        },
        lines=describe(tables, records, met),
        sheet=_beside(sheets),
    )
    return met


def means(records: Sequence[TeachingRecord]) -> Means:
    """Return the mean of every figure by method, over concepts and seeds."""
    found: Means = {}
    for name in dict.fromkeys(record.pupil for record in records):
        own = [record for record in records if record.pupil == name]
        cells = {figure: interval([getattr(each, figure) for each in own]) for figure in COLUMNS}
        found[name] = {figure: value for figure, value in cells.items() if value is not None}
    return found


def contrast(
    records: Sequence[TeachingRecord], more: str, less: str, figure: str
) -> Interval | None:
    """Return how much greater a figure is with one method than with another, by lessons."""
    own, other = _by_lesson(records, more, figure), _by_lesson(records, less, figure)
    return interval([own[key] - other[key] for key in own if key in other])


def bars(records: Sequence[TeachingRecord]) -> dict[str, bool]:
    """Return each criterion as a phrase, and whether the interval of its difference meets it."""
    names = list(dict.fromkeys(record.pupil for record in records))
    trained = [name for name in names if name != UNTOUCHED]
    met = {}
    for figure in FIDELITY:
        for name in trained:
            says = f"{name} above {UNTOUCHED}: {COLUMNS[figure]}"
            met[says] = _above(records, name, UNTOUCHED, figure)
        for name in (LORA, WITHOUT_PRIOR, WITH_PRIOR, LORA_WITH_PRIOR):
            says = f"{name} above {INVERSION}: {COLUMNS[figure]}"
            met[says] = _above(records, name, INVERSION, figure)
    met["less drift with the prior loss (shown unasked)"] = _above(
        records, WITHOUT_PRIOR, WITH_PRIOR, "leaked"
    )
    met["less drift with the prior loss (PRES)"] = _above(
        records, WITHOUT_PRIOR, WITH_PRIOR, "drift"
    )
    for figure in ("named", "following"):
        for name in trained:
            kept = kept_share(records, name, figure)
            says = f"{name} keeps {LEAST_FOLLOWING:.0%} of {UNTOUCHED}'s {COLUMNS[figure]}"
            met[says] = kept is not None and kept.mean >= LEAST_FOLLOWING
    return met


def bars_of_combinations(records: Sequence[TeachingRecord]) -> dict[str, bool]:
    """Return the criterion of what Textual Inversion can express: known things, newly combined."""
    says = f"{INVERSION} above {UNTOUCHED} with held-out combinations: {COLUMNS['shown']}"
    return {says: _above(records, INVERSION, UNTOUCHED, "shown")}


def kept_share(records: Sequence[TeachingRecord], name: str, figure: str) -> Interval | None:
    """Return the mean of a figure with a method over that of the untouched model."""
    own, other = _by_lesson(records, name, figure), _by_lesson(records, UNTOUCHED, figure)
    keys = [key for key in own if key in other]
    return ratio([own[key] for key in keys], [other[key] for key in keys])


def _by_lesson(
    records: Sequence[TeachingRecord], name: str, figure: str
) -> dict[tuple[str, int], float]:
    return {
        (each.concept, each.seed): getattr(each, figure) for each in records if each.pupil == name
    }


def _above(records: Sequence[TeachingRecord], more: str, less: str, figure: str) -> bool:
    found = contrast(records, more, less, figure)
    return found is not None and found.side > 0


def seconds(records: Sequence[TeachingRecord]) -> dict[str, dict[str, float]]:
    """Return the longest training of each method, by the clock and of the processor."""
    found: dict[str, dict[str, float]] = {}
    for each in records:
        most = found.setdefault(each.pupil, {"clock": 0.0, "processor": 0.0})
        most["clock"] = round(max(most["clock"], each.seconds), 1)
        most["processor"] = round(max(most["processor"], each.processor_seconds), 1)
    return found


def describe(
    tables: Mapping[str, Means], records: Sequence[TeachingRecord], met: Mapping[str, bool]
) -> Iterator[str]:
    """Yield the tables and the criteria, in Markdown."""
    for title, rows in tables.items():
        if not rows:
            continue
        yield f"### {title.capitalize()}"
        yield ""
        yield from table(
            ("", *COLUMNS.values(), "trainings"),
            (
                (name, *(str(cells[figure]) for figure in COLUMNS), cells["shown"].trials)
                for name, cells in rows.items()
            ),
        )
    yield from table(
        ("longest training", "seconds", "of the processor"),
        (
            (name, f"{most['clock']:.0f}", f"{most['processor']:.0f}")
            for name, most in seconds(records).items()
            if name != UNTOUCHED
        ),
    )
    yield from verdicts(met)


def sheet_of_concept(out: Path, plan: TeachingPlan, concept: Concept) -> Image.Image:
    """Draw what each method painted of a concept from the same seeds, below the drawings."""
    seed = plan.seeds[0]
    taught = plan.lesson(concept, seed)
    rows = [draw(scene) for scene in taught.drawings[:SHOWN]]
    names = ["drawings to learn from"]
    every = len(plan.probes.seeds)
    for pupil in plan.pupils:
        files = [
            picture_file(out, pupil.name, concept.name, seed, every * number)
            for number in range(SHOWN)
        ]
        if all(file.is_file() for file in files):
            names.append(pupil.name)
            rows += [_opened(file) for file in files]
    return sheet_of(
        rows,
        Heading(name=concept.name, values=[""] * SHOWN),
        Heading(name="", values=names),
    )


def _opened(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        return opened.convert("RGB")


def _beside(sheets: Sequence[Image.Image]) -> Image.Image:
    """Put sheets next to each other at half their size, two in a row."""
    halves = [sheet.resize((sheet.width // 2, sheet.height // 2)) for sheet in sheets]
    rows = [halves[first : first + 2] for first in range(0, len(halves), 2)]
    heights = [max(each.height for each in row) for row in rows]
    width = max(sum(each.width for each in row) for row in rows)
    whole = Image.new("RGB", (width, sum(heights)), GROUND)
    for number, row in enumerate(rows):
        for place, each in enumerate(row):
            whole.paste(each, (place * row[0].width, sum(heights[:number])))
    return whole
