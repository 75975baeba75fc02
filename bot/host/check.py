"""Results of checks: a mark, a subject, and a sentence that says what to do."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator


class CheckState(enum.Enum):
    """State of a check; its value is the mark at the start of the line."""

    GOOD = "✓"
    NOTICE = "!"
    BAD = "✗"


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """Result of a check: its subject, its state, and what to do if it failed."""

    verdict: CheckState
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict.value} {self.subject}: {self.sentence}"


def good(subject: str, sentence: str) -> CheckResult:
    """Return a result that needs no action."""
    return CheckResult(CheckState.GOOD, subject, sentence)


def notice(subject: str, sentence: str) -> CheckResult:
    """Return a warning: the bot can run with it."""
    return CheckResult(CheckState.NOTICE, subject, sentence)


def bad(subject: str, sentence: str) -> CheckResult:
    """Return an error with which the bot cannot run."""
    return CheckResult(CheckState.BAD, subject, sentence)


def report(findings: Iterator[CheckResult], say: Callable[[str], object] = print) -> int:
    """Print each result as soon as it is known; return the exit status, 1 if one is an error."""
    verdicts = []
    for finding in findings:
        say(str(finding))
        verdicts.append(finding.verdict)
    return int(CheckState.BAD in verdicts)
