"""Query the study's records by arm, measure and round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from statistics import fmean

from generation.shapes.evaluation.arms import Arm, arm_of, key_of
from generation.shapes.evaluation.intervals import Interval, interval, ratio
from generation.shapes.evaluation.ledger import TrialRecord, TrialRound
from generation.shapes.evaluation.trials import Half

Measure = Callable[[TrialRound], float | None]
MEASURES: dict[str, Measure] = {
    "best": lambda each: max(each.preference),
    "preference": lambda each: fmean(each.preference),
    "worst": lambda each: min(each.preference),
    "favourite": lambda each: fmean(each.favourite),
    "named": lambda each: fmean(each.named),
    "diversity": lambda each: each.diversity,
    "to liked": lambda each: each.to_liked,
    "to disliked": lambda each: each.to_disliked,
}
"""Functions from a round to each measure.

In order: maximum, mean and minimum preference; share of images that show the favourite exactly;
share of named attributes that are right; 1 − mean pairwise CLIP-I; mean CLIP-I to the images liked
and disliked before.
"""

Values = dict[int, float]
"""Values by trial."""
Terms = Mapping[tuple[Arm, int], float]
"""Weights of a sum over arms and rounds: {(LIKES, 3): 1, (PLAIN, 3): -1} is a difference."""


class StudyResults:
    """All measurements; records with equal settings belong to one arm."""

    def __init__(self, records: Iterable[TrialRecord]) -> None:
        self._records: dict[str, dict[int, TrialRecord]] = defaultdict(dict)
        for record in records:
            self._records[key_of(record.settings)][record.trial] = record

    def arms(self) -> list[Arm]:
        """Return every arm of the records, under its recorded name."""
        firsts = (next(iter(trials.values())) for trials in self._records.values())
        return [arm_of(record.arm, record.settings) for record in firsts]

    def values(
        self,
        arm: Arm,
        measure: str,
        number: int,
        *,
        half: Half | None = None,
        kind: str | None = None,
    ) -> Values:
        """Return a measure of one round by trial; without a half or a kind, of all of them."""
        found = {}
        for trial, record in self._records.get(arm.key, {}).items():
            if half not in (None, record.half) or kind not in (None, record.kind):
                continue
            for each in record.rounds:
                value = MEASURES[measure](each)
                if each.number == number and value is not None:
                    found[trial] = value
        return found

    def mean(
        self,
        arm: Arm,
        measure: str,
        number: int,
        *,
        half: Half | None = None,
        kind: str | None = None,
    ) -> Interval | None:
        """Return the mean of a measure with its interval."""
        return interval(self.values(arm, measure, number, half=half, kind=kind).values())

    def mean_of_rounds(self, arm: Arm, measure: str, numbers: Iterable[int]) -> Interval | None:
        """Return the mean of a measure over several rounds, counting each trial once."""
        return interval(self._over_rounds(arm, measure, numbers).values())

    def ratio(
        self, arm: Arm, number: int, other: Arm, others: Iterable[int], measure: str
    ) -> Interval | None:
        """Return a round's mean over another arm's of several, for the trials that both ran."""
        above, below = self.values(arm, measure, number), self._over_rounds(other, measure, others)
        common = sorted(above.keys() & below.keys())
        return ratio([above[trial] for trial in common], [below[trial] for trial in common])

    def _over_rounds(self, arm: Arm, measure: str, numbers: Iterable[int]) -> Values:
        """Return a measure's mean over several rounds by trial."""
        rounds = [self.values(arm, measure, number) for number in numbers]
        common = set.intersection(*map(set, rounds))
        return {trial: fmean(values[trial] for values in rounds) for trial in sorted(common)}

    def contrast(self, terms: Terms, measure: str, *, half: Half | None = None) -> Interval | None:
        """Return the mean of a weighted sum over the trials that all its arms have run."""
        parts = [
            (weight, self.values(arm, measure, number, half=half))
            for (arm, number), weight in terms.items()
        ]
        common = set.intersection(*(set(values) for _, values in parts))
        return interval(
            [sum(weight * values[trial] for weight, values in parts) for trial in sorted(common)]
        )

    def liked(self, arm: Arm) -> Interval | None:
        """Return the mean preference of the images that an arm liked."""
        records = self._records.get(arm.key, {}).values()
        return interval([fmean(record.liked) for record in records if record.liked])
