"""The study in its smallest form: is a hidden colour three times as frequent by round 3?"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Feedback
from generation.requests.feedback import FADING
from generation.shapes.evaluation.arms import PLAIN, Arm
from generation.shapes.evaluation.easel import Setup
from generation.shapes.evaluation.intervals import Interval
from generation.shapes.evaluation.ledger import Ledger
from generation.shapes.evaluation.reports import table
from generation.shapes.evaluation.results import StudyResults
from generation.shapes.evaluation.study import StudyPlan, paint_study

AIM = 3.0
"""Target ratio of the favourite's frequency in round 3 to that without feedback."""
MEASURES = ("favourite", "named", "diversity")
ROUNDS = (1, 2, 3)

Means = Mapping[str, Mapping[str, Interval]]
"""Intervals by row ("without", "round 1", …), then by measure."""


def evaluate_likes(
    options: WorkerOptions,
    out: Path,
    *,
    setup: Setup,
    feedback: Feedback,
    count: int,
    seed: int,
    processes: int = 1,
) -> None:
    """Measure, print the table, and write the figures and a curve to `out`."""
    arm = Arm(name="with feedback", feedback=feedback, fading=FADING)
    plan = StudyPlan(
        main=(PLAIN, arm),
        others=(),
        main_trials=count,
        other_trials=0,
        kinds=("colour",),
        seed=seed,
        setup=setup,
    )
    paint_study(plan, options, out, processes=processes)
    results = StudyResults(Ledger(out).records())
    means = measured(results, arm)
    ratios = {
        measure: found
        for measure in MEASURES
        if (found := results.ratio(arm, ROUNDS[-1], PLAIN, ROUNDS, measure)) is not None
    }
    figures = {
        **plan.about(),
        "trials": count,
        "feedback": arm.settings["feedback"],
        "means": {
            row: {name: dataclasses.asdict(mean) for name, mean in cells.items()}
            for row, cells in means.items()
        },
        "ratios": {measure: dataclasses.asdict(found) for measure, found in ratios.items()},
    }
    (out / "likes.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw_curve(means, out / "likes.png")
    print("\n".join(describe(means, ratios, count)))


def measured(results: StudyResults, arm: Arm) -> Means:
    """Return the means of all plain images together, and the arm's round by round."""
    rows: dict[str, dict[str, Interval]] = {"without": {}}
    for measure in MEASURES:
        plain = results.mean_of_rounds(PLAIN, measure, ROUNDS)
        if plain is not None:
            rows["without"][measure] = plain
    for number in ROUNDS:
        means = {measure: results.mean(arm, measure, number) for measure in MEASURES}
        rows[f"round {number}"] = {name: mean for name, mean in means.items() if mean}
    return rows


def describe(means: Means, ratios: Mapping[str, Interval], count: int) -> Iterator[str]:
    """Yield the table and the last round's ratios to no feedback, in Markdown."""
    yield f"{count} hidden colours, one like and one dislike a round of four."
    yield ""
    yield from table(
        ("", *MEASURES),
        ((row, *(cells[measure] for measure in MEASURES)) for row, cells in means.items()),
    )
    said = ", ".join(f"{measure} × {found}" for measure, found in ratios.items())
    favourite = ratios.get("favourite")
    met = "yes" if favourite is not None and favourite.mean >= AIM else "no"
    yield f"Round {ROUNDS[-1]} over without: {said}. Favourite × {AIM:g} or more: {met}."


def draw_curve(means: Means, path: Path) -> None:
    """Plot the favourite's share over rounds, with and without feedback."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    shares = [means[f"round {number}"]["favourite"].mean for number in ROUNDS]
    axes.plot(ROUNDS, shares, marker="o", label="with likes and dislikes")
    without = means["without"]["favourite"].mean
    axes.axhline(without, linestyle="--", color="grey", label="without feedback")
    axes.set_xlabel("round")
    axes.set_ylabel("share of pictures in the hidden favourite colour")
    axes.set_xticks(ROUNDS)
    axes.set_ylim(0, 1)
    axes.legend()
    figure.savefig(path, dpi=120)
