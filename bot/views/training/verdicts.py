"""A checkpoint's scores in plain words: like the pictures, true to prompts, drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.text.training import progress as text

FOLLOWS_WELL, FOLLOWS_LESS = 0.95, 0.85
"""Least shares of the untouched model's CLIP-T; see `generation.training.evaluation.stopping`."""
STAYS, SEEPS = 0.2, 0.5
"""Greatest shares of the way from the untouched model's pictures to the subject."""


def verdicts(
    locale: str,
    scores: Mapping[str, Any],
    untouched: Mapping[str, Any] | None,
    *,
    earlier: bool,
) -> list[str]:
    """Return a line for each score that there is, or one that says that there is none.

    earlier: True if there is an earlier checkpoint, which may be advised.
    """
    before = untouched or {}
    fidelity = scores.get("fidelity")
    if fidelity is None:
        return [text.UNJUDGED(locale)]
    first = before.get("fidelity")
    words: list[str] = [
        text.FIDELITY_ALONE(locale, after=float(fidelity))
        if first is None
        else text.FIDELITY(locale, after=float(fidelity), before=float(first))
    ]
    if (followed := _following(scores, before)) is not None:
        badly = text.FOLLOWS_BADLY if earlier else text.FOLLOWS_BADLY_AT_FIRST
        phrases = (text.FOLLOWS_WELL, text.FOLLOWS_LESS, badly)
        words.append(phrases[(followed < FOLLOWS_WELL) + (followed < FOLLOWS_LESS)](locale))
    if (drifted := _drift(scores, before)) is not None:
        drifts = text.DRIFTS if earlier else text.DRIFTS_AT_FIRST
        words.append(
            (text.STAYS, text.SEEPS, drifts)[(drifted > STAYS) + (drifted > SEEPS)](locale)
        )
    return words


def _following(scores: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """Return the share of the untouched model's CLIP-T that is left."""
    now, then = scores.get("following"), before.get("following")
    return float(now) / float(then) if now is not None and then else None


def _drift(scores: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """Return how far pictures that do not ask for the subject have gone towards it, as a share."""
    now, then = scores.get("drift"), before.get("drift")
    if now is None or then is None:
        return None
    way = float(scores["fidelity"]) - float(then)
    return (float(now) - float(then)) / way if way > 0 else 0.0
