"""The study's report in Markdown, with every number and verdict computed from the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from generation.protocol.requests import Influence
from generation.shapes.evaluation.arms import (
    AT_ONCE,
    CLOSER,
    LIKES_AT_ONCE,
    MAIN,
    OURS,
    PAPERS,
    PAPERS_AS_OURS,
    PAPERS_GUIDANCE,
    PLAIN,
    TOPICS,
    TUTORIALS,
    Arm,
)
from generation.shapes.evaluation.findings import LAST, beats, eligible, judge
from generation.shapes.evaluation.reports import table
from generation.shapes.evaluation.results import MEASURES, StudyResults
from generation.shapes.evaluation.trials import KINDS, Half

NOTHING = "–"


def report(results: StudyResults, about: Mapping[str, Any]) -> str:
    """Return the whole report."""
    sections = (
        _opening(about),
        _comparisons(results),
        _main(results),
        _by_kind(results),
        _findings(results),
        _ablations(results),
        _many_likes(results),
        _choosing(results),
    )
    return "\n".join(line for section in sections for line in section)


def _opening(about: Mapping[str, Any]) -> Iterator[str]:
    yield "# What likes do: the figures"
    yield ""
    yield (
        f"Model {about['model']} (weights {about['weights']}), {about['steps']} steps, guidance "
        f"{about['guidance']:g}, {about['scheduler']}, trials of seed {about['seed']}. Means over "
        "trials with 95 % bootstrap intervals. Each section says which half of the favourites it "
        "is from: settings are chosen by the *choosing half* alone."
    )
    yield ""


def _comparisons(results: StudyResults) -> Iterator[str]:
    yield "## Ours against theirs (reporting half, round 3)"
    yield ""
    rivals = (PAPERS, PAPERS_GUIDANCE, TUTORIALS, PAPERS_AS_OURS)
    for own, rival in product((OURS, CLOSER), rivals):
        bars = beats(results, own, rival)
        missing = any(bar.met is None for bar in bars)
        won = (
            "not measured"
            if missing
            else "beaten"
            if all(bar.met for bar in bars)
            else "not beaten"
        )
        yield f"**{own.name} against {rival.name}: {won}**"
        yield ""
        if not missing:
            for bar in bars:
                yield f"- {bar.says}: {'yes' if bar.met else 'no'} ({bar.evidence})"
            yield ""


def _main(results: StudyResults) -> Iterator[str]:
    yield "## Round by round (reporting half)"
    yield ""
    yield from table(
        ("", "round", *MEASURES, "trials"),
        (
            (arm.name, number, *_row(results, arm, number, half="report"))
            for arm in MAIN
            for number in (1, 2, 3)
            if results.values(arm, "preference", number, half="report")
        ),
    )


def _by_kind(results: StudyResults) -> Iterator[str]:
    yield "## By what is liked (reporting half, round 3)"
    yield ""
    yield from table(
        ("favourite", "", *MEASURES, "trials"),
        (
            (kind, arm.name, *_row(results, arm, LAST, half="report", kind=kind))
            for kind in KINDS
            for arm in MAIN
            if results.values(arm, "preference", LAST, half="report", kind=kind)
        ),
    )


def _findings(results: StudyResults) -> Iterator[str]:
    yield "## The paper's findings (both halves)"
    yield ""
    yield (
        "A finding holds where the interval of every paired difference that it claims lies wholly "
        "on the claimed side of zero."
    )
    yield ""
    for answer in judge(results):
        yield f"**{answer.finding.says}: {answer.verdict.value}**"
        yield ""
        for part, evidence in zip(answer.finding.parts, answer.evidence, strict=True):
            claimed = "above" if part.side > 0 else "below"
            if evidence is not None:
                yield f"- {part.says} (claimed {claimed} 0): {evidence}, {evidence.trials} trials"
            else:
                yield f"- {part.says}: not measured"
        yield ""


def _ablations(results: StudyResults) -> Iterator[str]:
    yield "## One thing at a time (both halves, round 3)"
    yield ""
    yield (
        "Each arm with the plain pictures of its own trials beside it, and its gain over them, "
        "paired. To describe, not to choose by."
    )
    yield ""
    for topic, arms in TOPICS.items():
        if topic == "many-likes":
            continue
        yield f"### {topic.capitalize()}"
        yield ""
        yield from table(
            ("", "gain in preference", *MEASURES, "trials"),
            (
                (arm.name, _gain(results, arm), *_row(results, arm, LAST))
                for arm in (PLAIN, *arms)
                if results.values(arm, "preference", LAST)
            ),
        )


def _many_likes(results: StudyResults) -> Iterator[str]:
    yield "## Many likes at once (both halves)"
    yield ""
    yield (
        "The best of 48 plain pictures of the prompt, given at once; the more of them, the worse "
        "the last, so what they are worth stands beside them."
    )
    yield ""
    columns = ("preference", "named", "diversity", "to liked")
    yield from table(
        ("likes", "weight", "worth of the likes", *columns, "trials"),
        (
            (
                count,
                influence.value,
                _cell(results.liked(arm)),
                *(_cell(results.mean(arm, column, LAST)) for column in columns),
                len(results.values(arm, "preference", LAST)),
            )
            for influence in Influence
            for count, arm in zip(LIKES_AT_ONCE, AT_ONCE[influence], strict=True)
            if results.values(arm, "preference", LAST)
        ),
    )


def _choosing(results: StudyResults) -> Iterator[str]:
    """Yield all arms of three rounds, eligible ones first, then by preference."""
    yield "## To choose by (choosing half, round 3)"
    yield ""
    yield (
        "An arm may be chosen if it names at least 0.95 × what plain pictures do and is no less "
        "diverse than the paper's settings.  These come first, by preference."
    )
    yield ""
    rows = []
    for arm in results.arms():
        preference = results.mean(arm, "preference", LAST, half="choose")
        if arm.bank or arm.key == PLAIN.key or preference is None:
            continue
        may = eligible(results, arm, PAPERS, "choose")
        rows.append((not may, -preference.mean, arm, may))
    yield from table(
        ("", "may be chosen", *MEASURES, "trials"),
        (
            (
                arm.name,
                NOTHING if may is None else "yes" if may else "no",
                *_row(results, arm, LAST, half="choose"),
            )
            for _, _, arm, may in sorted(rows, key=lambda row: row[:2])
        ),
    )


def _row(
    results: StudyResults,
    arm: Arm,
    number: int,
    *,
    half: Half | None = None,
    kind: str | None = None,
) -> tuple[object, ...]:
    trials = len(results.values(arm, "preference", number, half=half, kind=kind))
    means = (results.mean(arm, measure, number, half=half, kind=kind) for measure in MEASURES)
    return (*map(_cell, means), trials)


def _gain(results: StudyResults, arm: Arm) -> str:
    if arm.key == PLAIN.key:
        return NOTHING
    return _cell(results.contrast({(arm, LAST): 1, (PLAIN, LAST): -1}, "preference"))


def _cell(value: object) -> str:
    return NOTHING if value is None else str(value)
