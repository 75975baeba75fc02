"""Refusals: errors that a member is told in a sentence, in their language."""

from __future__ import annotations

import logging

from bot.text import refusals
from bot.text.phrases import Phrase

log = logging.getLogger(__name__)


class Refusal(Exception):
    """Something that was asked for is not done; says why and what to do instead."""

    def __init__(self, phrase: Phrase, **values: object) -> None:
        super().__init__(phrase("en", **values))
        self._phrase = phrase
        self._values = values

    def said(self, locale: str) -> str:
        """The sentence in a member's language."""
        return self._phrase(locale, **self._values)


def explain(error: BaseException, locale: str) -> str:
    """A sentence for a member; anything but a `Refusal` goes to the log, and only there."""
    if isinstance(error, Refusal):
        return error.said(locale)
    log.error("a gesture failed", exc_info=error)
    return refusals.SOMETHING_BROKE(locale)
