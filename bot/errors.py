"""Refusals: errors that a member sees as a sentence in their language."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Self

from bot.text import refusals
from bot.text.phrases import Phrase
from bot.text.problems import PROBLEMS, values_of
from generation.protocol.problems import Problem
from generation.requests.refused import Refused
from storage.errors import DatabaseDamaged, StorageError

log = logging.getLogger(__name__)


class Refusal(Exception):
    """A request is refused; says why and what to do instead."""

    def __init__(self, phrase: Phrase, **values: object) -> None:
        super().__init__(phrase.plain("en", **values))
        self._phrase = phrase
        self._values = values

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Return the refusal of a request with this problem."""
        return cls(PROBLEMS[problem.code], **values_of(problem))

    def said(self, locale: str) -> str:
        """Return the sentence in a member's language."""
        return self._phrase(locale, **self._values)

    def plain(self, locale: str) -> str:
        """Return the sentence without Markdown, to be stored and escaped when it is shown."""
        return self._phrase.plain(locale, **self._values)


@contextlib.contextmanager
def problems_told() -> Iterator[None]:
    """Raise a `Refusal` for a problem that the generator's rules find."""
    try:
        yield
    except Refused as refused:
        raise Refusal.of(refused.problem) from refused


def explain(error: BaseException, locale: str) -> str:
    """Return a sentence for a member; anything but a `Refusal` is only logged."""
    if isinstance(error, Refusal):
        return error.said(locale)
    log_failure("a gesture failed", error)
    if isinstance(error, DatabaseDamaged):
        return refusals.DATABASE_DAMAGED(locale)
    return refusals.SOMETHING_BROKE(locale)


def log_failure(what: str, error: BaseException) -> None:
    """Log an error: in its own sentence if that tells the host what to do, else with its trace."""
    if isinstance(error, StorageError):
        log.error("%s: %s", what, error)
    else:
        log.error("%s", what, exc_info=error)
