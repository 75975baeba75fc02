"""Report on likes with models for which nobody chose settings: the worst of them decides."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generation.shapes.evaluation.arms import (
    CLOSER_ELSEWHERE,
    ELSEWHERE,
    OTHER_MODELS,
    PAPERS,
    PLAIN,
    Arm,
)
from generation.shapes.evaluation.findings import AS_WELL, LAST
from generation.shapes.evaluation.intervals import Interval, ratio
from generation.shapes.evaluation.ledger import Ledger
from generation.shapes.evaluation.reports import table
from generation.shapes.evaluation.results import StudyResults
from generation.shapes.evaluation.trials import Half

OFTEN = 2.5
"""Least share of favourites in round 3, relative to plain pictures."""
COLUMNS = ("favourite", "preference", "named", "diversity")


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudyOfModel:
    """The study of likes on one model."""

    name: str
    about: Mapping[str, Any]
    results: StudyResults

    @classmethod
    def of(cls, folder: Path) -> StudyOfModel:
        """Read the study in a folder, whose name is the model's.  Raises `OtherStudy`."""
        ledger = Ledger(folder)
        return cls(name=folder.name, about=ledger.about(), results=StudyResults(ledger.records()))

    def mean(self, arm: Arm, measure: str, half: Half) -> Interval | None:
        """Return the mean of a measure in round 3 with its interval."""
        return self.results.mean(arm, measure, LAST, half=half)

    def over(self, arm: Arm, other: Arm, measure: str, half: Half) -> Interval | None:
        """Return a mean over another arm's, for the trials that both ran."""
        above = self.results.values(arm, measure, LAST, half=half)
        below = self.results.values(other, measure, LAST, half=half)
        common = sorted(above.keys() & below.keys())
        return ratio([above[trial] for trial in common], [below[trial] for trial in common])


def report_other_models(folders: Sequence[Path], out: Path) -> Path:
    """Write `report.md` of the studies in these folders, and return its path."""
    studies = [StudyOfModel.of(folder) for folder in folders]
    sections = (_opening(studies), _figures(studies), _bars(studies), _choosing(studies))
    path = out / "report.md"
    text = "\n".join(line for section in sections for line in section)
    path.write_text(text.rstrip() + "\n", encoding="utf-8")
    return path


def _opening(studies: Sequence[StudyOfModel]) -> Iterator[str]:
    yield "# Likes on models that nobody tuned for: the figures"
    yield ""
    yield (
        "Round 3 of the study's protocol, the same for all models. Means over trials with 95 % "
        "bootstrap intervals; × plain is the ratio of the means of favourites, its interval from "
        "trials resampled in pairs."
    )
    yield ""
    yield from table(
        ("model", "weights", "steps", "guidance", "sampler"),
        (
            (
                study.name,
                study.about["weights"],
                study.about["steps"],
                f"{study.about['guidance']:g}",
                study.about["scheduler"],
            )
            for study in studies
        ),
    )


def _figures(studies: Sequence[StudyOfModel]) -> Iterator[str]:
    yield "## Reporting half"
    yield ""
    yield from table(
        ("model", "", *COLUMNS, "× plain", "trials"),
        (
            (study.name, arm.name, *_row(study, arm, "report"))
            for study in studies
            for arm in OTHER_MODELS
            if study.mean(arm, "preference", "report")
        ),
    )


def _row(study: StudyOfModel, arm: Arm, half: Half) -> Iterator[object]:
    means = [study.mean(arm, measure, half) for measure in COLUMNS]
    yield from means
    yield "" if arm.key == PLAIN.key else study.over(arm, PLAIN, "favourite", half) or "–"
    yield means[0].trials if means[0] else 0


def _bars(studies: Sequence[StudyOfModel]) -> Iterator[str]:
    yield "## What the default has to reach (reporting half)"
    yield ""
    for arm in (ELSEWHERE, CLOSER_ELSEWHERE):
        played = [study for study in studies if study.mean(arm, "favourite", "report")]
        if played:
            yield from table(
                (arm.name, f"favourite ≥ {OFTEN} × plain", "≥ the paper's", "named", "diversity"),
                ((study.name, *_verdicts(study, arm, "report")) for study in played),
            )


def _verdicts(study: StudyOfModel, arm: Arm, half: Half) -> Iterator[str]:
    """Yield each criterion's verdict with its figures: yes, no, or nothing if not measured."""
    often = study.over(arm, PLAIN, "favourite", half)
    yield _told(often, None if often is None else often.mean >= OFTEN)
    yield _against(study, arm, "favourite", half)
    named = study.over(arm, PLAIN, "named", half)
    yield _told(named, None if named is None else named.mean >= AS_WELL)
    yield _against(study, arm, "diversity", half)


def _against(study: StudyOfModel, arm: Arm, measure: str, half: Half) -> str:
    terms = {(arm, LAST): 1.0, (PAPERS, LAST): -1.0}
    lead = study.results.contrast(terms, measure, half=half)
    return _told(lead, None if lead is None else lead.mean >= 0, sign="+")


def _told(figure: Interval | None, met: bool | None, *, sign: str = "") -> str:
    if figure is None:
        return "–"
    mean, low, high = (f"{each:{sign}.2f}" for each in (figure.mean, figure.low, figure.high))
    bounds = "" if math.isinf(figure.low) else f" [{low}, {high}]"
    return f"{'yes' if met else 'no'}: {mean}{bounds}"


def _choosing(studies: Sequence[StudyOfModel]) -> Iterator[str]:
    """Yield every arm that ran on all models, the best of the worst first."""
    yield "## To choose by (choosing half)"
    yield ""
    yield (
        "Favourites × plain on each model, by the worst of them. *May be chosen*: on every model "
        f"it names {AS_WELL} × what plain pictures do, shows the favourite as often as the paper's "
        "settings, and is as diverse."
    )
    yield ""
    rows = []
    for arm in _common(studies):
        shares = [study.over(arm, PLAIN, "favourite", "choose") for study in studies]
        told = [list(_verdicts(study, arm, "choose")) for study in studies]
        if all(shares):
            worst = min(share.mean for share in shares if share)
            fit = all(each.startswith("yes") for verdicts in told for each in verdicts[1:])
            rows.append((not fit, -worst, arm.name, fit, worst, shares))
    yield from table(
        ("", "may be chosen", "worst", *(study.name for study in studies)),
        (
            (name, "yes" if fit else "no", f"{worst:.2f}", *shares)
            for *_, name, fit, worst, shares in sorted(rows, key=lambda row: row[:3])
        ),
    )


def _common(studies: Sequence[StudyOfModel]) -> list[Arm]:
    """Return the arms, but for the plain one, that ran on every model."""
    keys = [{arm.key for arm in study.results.arms()} for study in studies]
    shared = set.intersection(*keys) - {PLAIN.key} if keys else set()
    return [arm for arm in studies[0].results.arms() if arm.key in shared]
