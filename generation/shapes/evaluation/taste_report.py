"""The report on trained tastes: each objective beside no feedback, and beside each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from generation.shapes.evaluation.intervals import Interval, interval, ratio
from generation.shapes.evaluation.reports import leave, table, verdicts
from generation.shapes.evaluation.taste import TastePlan, measurements

MEASURES = ("favourite", "preference", "named", "diversity")
WITHOUT, LIKES, TOGETHER = "no feedback", "likes", "trained and likes"
TITLES = {
    WITHOUT: "no feedback",
    "liked": "plain LoRA on the liked, as many steps",
    "liked, as long": "plain LoRA on the liked, as many minutes",
    "kto": "Diffusion-KTO",
    "pairs": "Diffusion-DPO, pairs of one round",
    "prior-pairs": "the same with each picture's own noise",
    LIKES: "a like and a dislike (FABRIC), nothing trained",
    TOGETHER: "both",
}
"""The arms in order, as the table names them."""
TRAINED = ("liked", "liked, as long", "kto", "pairs", "prior-pairs")
TIMED = TRAINED[1:]
"""Those whose training was timed; plain LoRA's run is one, from the fewer steps to the more."""
BARS = {"favourite": 3.0, "named": 0.9, "diversity": 0.6}
"""Least ratios to no feedback, by measure."""
LABEL = 250

Values = Mapping[str, Mapping[str, Mapping[str, float]]]
"""What was measured, by arm, member and measure."""


def report_taste(plan: TastePlan, out: Path) -> None:
    """Print the tables, and write them, the figures and a contact sheet to `out`."""
    rows = measurements(out)
    values: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        values.setdefault(row["arm"], {})[row["member"]] = row
    means = {
        arm: {name: interval(_of(values, arm, name)) for name in (*MEASURES, "seconds")}
        for arm in TITLES
        if arm in values
    }
    ratios = {
        arm: {name: _ratio(values, arm, WITHOUT, name) for name in BARS}
        for arm in means
        if arm != WITHOUT
    }
    arms = [arm for arm in TRAINED if arm in means]
    differences = {
        f"{one} − {other}": _difference(values, one, other) for one, other in combinations(arms, 2)
    }
    if {"liked", LIKES, TOGETHER} <= means.keys():
        for other in (plan.together, LIKES):
            differences[f"{TOGETHER} − {other}"] = _difference(values, TOGETHER, other)
    members = list(values.get(WITHOUT, {}))
    leave(
        out,
        "taste",
        figures={
            **plan.about(),
            "measured": rows,
            "means": _plain(means),
            "ratios": _plain(ratios),
            "differences in favourite": {
                name: dataclasses.asdict(found) for name, found in differences.items() if found
            },
            "bars": bars(ratios),
        },
        lines=describe(plan, len(members), means, ratios, differences),
        sheet=sheet(out / "sheets", members),
    )


def describe(
    plan: TastePlan,
    members: int,
    means: Mapping[str, Mapping[str, Interval | None]],
    ratios: Mapping[str, Mapping[str, Interval | None]],
    differences: Mapping[str, Interval | None],
) -> Iterator[str]:
    """Yield the tables and the criteria, in Markdown."""
    setup, recipe = plan.setup, plan.recipe
    yield (
        f"{members} members with hidden favourites, {plan.prompts} new prompts each, four pictures "
        f"of each prompt. {recipe.steps} steps of {recipe.batch} pictures, learning rate "
        f"{recipe.rate:g} ({plan.plain_rate:g} for plain LoRA), β {plan.beta:g}. Measured with "
        f"{setup.steps} steps of {setup.scheduler}, guidance {setup.guidance:g}. Means over "
        "members with 95 % bootstrap intervals; × is the ratio to no feedback."
    )
    yield ""
    yield from table(
        ("", "favourite", "×", "named", "×", "diversity", "×", "preference", "CPU seconds"),
        (
            (
                TITLES[arm],
                *(
                    cell
                    for name in BARS
                    for cell in (_cell(cells[name]), _cell(ratios.get(arm, {}).get(name)))
                ),
                _cell(cells["preference"]),
                _cell(cells["seconds"]) if arm in TIMED else "–",
            )
            for arm, cells in means.items()
        ),
    )
    yield "Differences in the favourite's share, paired by member."
    yield ""
    yield from table(
        ("", "difference"), ((name, _cell(each)) for name, each in differences.items())
    )
    yield from verdicts(bars(ratios))


def bars(ratios: Mapping[str, Mapping[str, Interval | None]]) -> dict[str, bool]:
    """Return each criterion of each trained arm as a phrase, and whether it is met."""
    return {
        f"{TITLES[arm]}: {name} × {least:g} or more": found.mean >= least
        for arm, cells in ratios.items()
        if arm in TRAINED
        for name, least in BARS.items()
        if (found := cells[name]) is not None
    }


def sheet(folder: Path, members: Sequence[str]) -> Image.Image:
    """Draw the first picture of each prompt, one row an arm, member below member."""
    strips = [
        (f"{member}: {TITLES[arm]}", file)
        for member in members
        for arm in TITLES
        if (file := folder / f"{member}, {arm}.png").exists()
    ]
    opened = [(label, Image.open(file).convert("RGB")) for label, file in strips]
    width = max((picture.width for _, picture in opened), default=1)
    drawn = Image.new("RGB", (LABEL + width, 98 * max(1, len(opened))), "white")
    pen = ImageDraw.Draw(drawn)
    for place, (label, picture) in enumerate(opened):
        pen.text((4, 98 * place + 40), label, fill="black")
        drawn.paste(picture, (LABEL, 98 * place))
    return drawn


def _of(values: Values, arm: str, measure: str) -> list[float]:
    return [each[measure] for each in values[arm].values()]


def _both(values: Values, one: str, other: str, measure: str) -> list[tuple[float, float]]:
    common = [member for member in values[one] if member in values[other]]
    return [(values[one][member][measure], values[other][member][measure]) for member in common]


def _ratio(values: Values, one: str, other: str, measure: str) -> Interval | None:
    pairs = _both(values, one, other, measure)
    return ratio([above for above, _ in pairs], [below for _, below in pairs])


def _difference(values: Values, one: str, other: str) -> Interval | None:
    pairs = _both(values, one, other, "favourite")
    return interval([above - below for above, below in pairs])


def _plain(cells: Mapping[str, Mapping[str, Interval | None]]) -> dict[str, Any]:
    return {
        arm: {name: found and dataclasses.asdict(found) for name, found in row.items()}
        for arm, row in cells.items()
    }


def _cell(found: Interval | None) -> str:
    return "–" if found is None else str(found)
