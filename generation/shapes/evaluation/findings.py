"""Test the FABRIC paper's findings, and whether our settings beat the paper's.

Every verdict is computed from intervals of paired differences over trials.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Sequence

from generation.protocol.requests import Influence
from generation.shapes.evaluation.arms import (
    AT_ONCE,
    BOTH,
    DROPPED,
    FIRST_HALF,
    LIKES,
    LIKES_AT_ONCE,
    PLAIN,
    SECOND_HALF,
    WHOLE,
    Arm,
)
from generation.shapes.evaluation.intervals import Interval
from generation.shapes.evaluation.results import StudyResults, Terms
from generation.shapes.evaluation.trials import Half

LAST = 3
NEARLY_ALL, HARDLY_ANY = 0.8, 0.2
"""Shares of a gain that count as nearly all and as hardly any of it."""
AS_WELL = 0.95
"""Least accuracy on the named attributes, relative to plain images, for an arm to win."""


class Verdict(enum.Enum):
    """Verdict on a claim, by its intervals."""

    HOLDS = "holds"
    """Every interval lies wholly on the claimed side."""
    IN_PART = "holds in part"
    NOT_SHOWN = "is not shown"
    """No interval lies wholly on either side."""
    FAILS = "does not hold"
    """No interval lies wholly on the claimed side, and at least one wholly on the other."""
    UNKNOWN = "was not measured"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One statement of a finding: a weighted sum is above zero, or below."""

    says: str
    terms: Terms
    measure: str
    side: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding of the paper, made up of parts."""

    says: str
    parts: tuple[Part, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FindingResult:
    """A finding tested against the records, with the interval of each of its parts."""

    finding: Finding
    evidence: tuple[Interval | None, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the intervals of all parts."""
        measured = [each for each in self.evidence if each is not None]
        if len(measured) < len(self.evidence):
            return Verdict.UNKNOWN
        parts = zip(measured, self.finding.parts, strict=True)
        agree = [each.side * part.side for each, part in parts]
        if min(agree) == 1:
            return Verdict.HOLDS
        if max(agree) == 1:
            return Verdict.IN_PART
        return Verdict.FAILS if min(agree) == -1 else Verdict.NOT_SHOWN


def _over(arm: Arm, other: Arm, number: int = LAST) -> Terms:
    return {(arm, number): 1, (other, number): -1}


def _over_share(arm: Arm, share: float, other: Arm) -> Terms:
    """Return an arm's gain over plain images, minus a share of another arm's gain."""
    return {(arm, LAST): 1, (other, LAST): -share, (PLAIN, LAST): share - 1}


FEW, MANY = 0, -1
"""Indices into AT_ONCE: a single like, and as many as were tried."""
EACH, TOTAL = AT_ONCE[Influence.EACH], AT_ONCE[Influence.TOTAL]

FINDINGS = (
    Finding(
        says="Preference rises above independent sampling from round 2",
        parts=tuple(
            Part(
                says=f"{measure} of round {number}, over plain",
                terms=_over(BOTH, PLAIN, number),
                measure=measure,
            )
            for number in (2, 3)
            for measure in ("best", "preference", "worst")
        ),
    ),
    Finding(
        says="Pictures come to resemble what was liked, and less what was disliked",
        parts=(
            Part(says="likeness to liked", terms=_over(BOTH, PLAIN), measure="to liked"),
            Part(
                says="likeness to disliked",
                terms=_over(BOTH, PLAIN),
                measure="to disliked",
                side=-1,
            ),
        ),
    ),
    Finding(
        says="The first half of the steps does nearly all the good",
        parts=(
            Part(
                says="gain of the first half, over plain",
                terms=_over(FIRST_HALF, PLAIN),
                measure="preference",
            ),
            Part(
                says=f"that gain, over {NEARLY_ALL:g} of the gain of all steps",
                terms=_over_share(FIRST_HALF, NEARLY_ALL, WHOLE),
                measure="preference",
            ),
        ),
    ),
    Finding(
        says="The second half only hurts",
        parts=(
            Part(
                says=f"gain of the second half, over {HARDLY_ANY:g} of that of the first",
                terms=_over_share(SECOND_HALF, HARDLY_ANY, FIRST_HALF),
                measure="preference",
                side=-1,
            ),
            Part(
                says="preference of all steps, over that of the first half alone",
                terms=_over(WHOLE, FIRST_HALF),
                measure="preference",
                side=-1,
            ),
            Part(
                says="named attributes of the second half, over plain",
                terms=_over(SECOND_HALF, PLAIN),
                measure="named",
                side=-1,
            ),
        ),
    ),
    Finding(
        says="Diversity falls",
        parts=tuple(
            Part(
                says=f"diversity of round {number}, over plain",
                terms=_over(BOTH, PLAIN, number),
                measure="diversity",
                side=-1,
            )
            for number in (2, 3)
        ),
    ),
    Finding(
        says="A dropped prompt wins some diversity back",
        parts=(
            Part(
                says="diversity with p = 0.3, over none",
                terms=_over(DROPPED, BOTH),
                measure="diversity",
            ),
        ),
    ),
    Finding(
        says="Dislikes help",
        parts=(
            Part(
                says="preference with dislikes, over likes only",
                terms=_over(BOTH, LIKES),
                measure="preference",
            ),
        ),
    ),
    Finding(
        says="Many likes of full weight each overwhelm the prompt",
        parts=(
            Part(
                says=f"named attributes with {LIKES_AT_ONCE[MANY]} likes, over those with one",
                terms=_over(EACH[MANY], EACH[FEW]),
                measure="named",
                side=-1,
            ),
            Part(
                says=f"the same, over {LIKES_AT_ONCE[MANY]} likes that share one weight",
                terms=_over(EACH[MANY], TOTAL[MANY]),
                measure="named",
                side=-1,
            ),
        ),
    ),
)


def judge(results: StudyResults, findings: Sequence[Finding] = FINDINGS) -> Iterator[FindingResult]:
    """Test each finding on all trials; nothing here was chosen by looking at them."""
    for finding in findings:
        evidence = tuple(results.contrast(part.terms, part.measure) for part in finding.parts)
        yield FindingResult(finding=finding, evidence=evidence)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bar:
    """One criterion for an arm to beat another, and whether it is met; None if not measured."""

    says: str
    met: bool | None
    evidence: str


def beats(
    results: StudyResults,
    ours: Arm,
    theirs: Arm,
    *,
    plain: Arm = PLAIN,
    half: Half | None = "report",
) -> tuple[Bar, ...]:
    """Test if one arm beats another in round 3: more liked, as faithful, as diverse."""

    def mean(arm: Arm, measure: str) -> Interval | None:
        return results.mean(arm, measure, LAST, half=half)

    liked, likewise = mean(ours, "preference"), mean(theirs, "preference")
    named, unsteered = mean(ours, "named"), mean(plain, "named")
    diverse, less = mean(ours, "diversity"), mean(theirs, "diversity")
    gain = results.contrast(_over(ours, theirs), "preference", half=half)
    difference = results.contrast(_over(ours, theirs), "diversity", half=half)
    return (
        Bar(
            says=f"named attributes at least {AS_WELL:g} × plain",
            met=None if not (named and unsteered) else named.mean >= AS_WELL * unsteered.mean,
            evidence=f"{named} against {unsteered}",
        ),
        Bar(
            says="preference above, intervals apart",
            met=None if not (liked and likewise) else liked.above(likewise),
            evidence=f"{liked} against {likewise}; paired difference {gain}",
        ),
        Bar(
            says="diversity not below",
            met=None if not (diverse and less) else diverse.mean >= less.mean,
            evidence=f"{diverse} against {less}; paired difference {difference}",
        ),
    )


def eligible(results: StudyResults, arm: Arm, rival: Arm, half: Half) -> bool | None:
    """Return True if an arm may be chosen: as faithful as plain images, as diverse as the rival."""
    named, _, diverse = beats(results, arm, rival, half=half)
    return None if None in (named.met, diverse.met) else bool(named.met and diverse.met)
