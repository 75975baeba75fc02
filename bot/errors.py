"""Refusals: errors that a member sees as a sentence in their language."""

from __future__ import annotations

import logging

from bot.text import refusals
from bot.text.phrases import Phrase

log = logging.getLogger(__name__)


class Refusal(Exception):
    """A request is refused; says why and what to do instead."""

    def __init__(self, phrase: Phrase, **values: object) -> None:
        super().__init__(phrase("en", **values))
        self._phrase = phrase
        self._values = values

    def said(self, locale: str) -> str:
        """Return the sentence in a member's language."""
        return self._phrase(locale, **self._values)


def explain(error: BaseException, locale: str) -> str:
    """Return a sentence for a member; anything but a `Refusal` is only logged."""
    if isinstance(error, Refusal):
        return error.said(locale)
    log.error("a gesture failed", exc_info=error)
    return refusals.SOMETHING_BROKE(locale)
