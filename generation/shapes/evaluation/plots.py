"""The study's plots, drawn from its records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generation.protocol.requests import Influence
from generation.shapes.evaluation.arms import AT_ONCE, LIKES_AT_ONCE, MAIN, PLAIN, TOPICS, Arm
from generation.shapes.evaluation.findings import LAST
from generation.shapes.evaluation.intervals import Interval
from generation.shapes.evaluation.results import StudyResults
from generation.shapes.evaluation.trials import Half

DPI = 120


def draw_all(results: StudyResults, out: Path) -> list[Path]:
    """Draw every plot for which there are records, and return the files."""
    drawn = {
        "rounds": draw_rounds(results),
        "ablations": draw_ablations(results),
        "many-likes": draw_many_likes(results),
    }
    files = []
    for name, figure in drawn.items():
        if figure is not None:
            files.append(out / f"{name}.png")
            figure.savefig(files[-1], dpi=DPI)
    return files


def draw_rounds(results: StudyResults, *, half: Half = "report") -> Figure | None:
    """Plot the main comparison round by round, one panel per measure."""
    panels = {
        "best": "preference, best of four",
        "preference": "preference, mean",
        "worst": "preference, worst of four",
        "named": "named attributes right",
        "diversity": "diversity (1 − CLIP-I)",
        "to liked": "likeness to liked (CLIP-I)",
    }
    arms = [arm for arm in MAIN if results.values(arm, "preference", LAST, half=half)]
    if not arms:
        return None
    figure = Figure(figsize=(12, 7), layout="constrained")
    for axes, (measure, title) in zip(figure.subplots(2, 3).flat, panels.items(), strict=True):
        for place, arm in enumerate(arms):
            found = {
                number: mean
                for number in (1, 2, 3)
                if (mean := results.mean(arm, measure, number, half=half))
            }
            shift = 0.03 * (place - len(arms) / 2)
            _bars(axes, [number + shift for number in found], list(found.values()), arm.name)
        axes.set_title(title)
        axes.set_xticks([1, 2, 3])
        axes.set_xlabel("round")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(arms), 5))
    return figure


def draw_ablations(results: StudyResults) -> Figure | None:
    """Plot round 3 of the ablations by topic: preference, named attributes, diversity."""
    topics = [
        [arm for arm in arms if not arm.bank and results.values(arm, "preference", LAST)]
        for arms in ((PLAIN,), *TOPICS.values())
    ]
    rows = [(place + topic, arm) for topic, place, arm in _enumerated(topics)]
    if len(rows) < 2:
        return None
    figure = Figure(figsize=(12, 1 + 0.3 * len(rows)), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for axes, measure in zip(panels, ("preference", "named", "diversity"), strict=True):
        for place, arm in rows:
            mean = results.mean(arm, measure, LAST)
            if mean is not None:
                axes.errorbar(
                    mean.mean, place, xerr=_errors([mean]), fmt="o", color="C0", capsize=3
                )
        axes.set_title(f"{measure}, round {LAST}")
        axes.grid(axis="x", alpha=0.3)
    panels[0].set_yticks([place for place, _ in rows], [arm.name for _, arm in rows])
    panels[0].invert_yaxis()
    return figure


def _enumerated(topics: Sequence[Sequence[Arm]]) -> Iterator[tuple[int, int, Arm]]:
    """Yield each arm with its topic's number and its own, counted through all topics."""
    arms = [(topic, arm) for topic, members in enumerate(topics) for arm in members]
    for place, (topic, arm) in enumerate(arms):
        yield topic, place, arm


def draw_many_likes(results: StudyResults) -> Figure | None:
    """Plot preference, named attributes and diversity over the number of likes."""
    if not any(
        results.values(arm, "preference", LAST) for arms in AT_ONCE.values() for arm in arms
    ):
        return None
    names = {
        Influence.TOTAL: "all likes share one weight",
        Influence.EACH: "each like has full weight (published)",
    }
    figure = Figure(figsize=(12, 4), layout="constrained")
    for axes, measure in zip(
        figure.subplots(1, 3), ("preference", "named", "diversity"), strict=True
    ):
        for influence, arms in AT_ONCE.items():
            found = {
                count: mean
                for count, arm in zip(LIKES_AT_ONCE, arms, strict=True)
                if (mean := results.mean(arm, measure, LAST))
            }
            _bars(axes, list(found), list(found.values()), names[influence])
        if plain := results.mean(PLAIN, measure, LAST):
            axes.axhline(plain.mean, linestyle="--", color="grey", label="plain")
        axes.set_title(measure)
        axes.set_xlabel("likes given at once")
    figure.axes[0].legend()
    return figure


def _bars(axes: Axes, at: Sequence[float], means: Sequence[Interval], label: str) -> None:
    axes.errorbar(
        at,
        [each.mean for each in means],
        yerr=_errors(means),
        marker="o",
        markersize=4,
        capsize=3,
        label=label,
    )


def _errors(means: Sequence[Interval]) -> tuple[list[float], list[float]]:
    """Return the distances of the bounds from the means; 0 for single trials."""
    below = [each.mean - each.low if each.trials > 1 else 0.0 for each in means]
    above = [each.high - each.mean if each.trials > 1 else 0.0 for each in means]
    return below, above
