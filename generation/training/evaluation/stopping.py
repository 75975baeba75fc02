"""When to stop: the best of a training's checkpoints, by their scores.

With few pictures the validation loss hardly ever rises, however much the model forgets: what tells
when it has learned enough is what it paints.  Fidelity to the subject rises and levels off; what
falls is how well prompts are followed, and what rises is the drift: the subject shows up in
pictures that nobody asked it for.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from generation.training.evaluation.scores import UNJUDGED, Scores

LEAST_FOLLOWING = 0.85
"""Least share of the untouched model's CLIP-T that a checkpoint must keep.

Between what DreamBooth keeps in its paper, .95, and Textual Inversion, .80 (arXiv 2208.12242,
table 1, with .32 for Stable Diffusion's own pictures).
"""
MOST_DRIFT = 0.5
"""Greatest drift: the share of the way from what the untouched model paints of the class to what
the checkpoint paints of the subject.  A share, because cosines of each CLIP lie elsewhere."""
TIE = 0.05
"""Fidelity within this share of the greatest gain over the untouched model counts as equal."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointScores:
    """A checkpoint with its scores and its loss on fixed pictures, timesteps and noise."""

    step: int
    scores: Scores = UNJUDGED
    validation: float | None = None


def best_checkpoint(
    checkpoints: Sequence[CheckpointScores], untouched: Scores | None = None
) -> CheckpointScores:
    """Return the checkpoint to propose of a training's checkpoints, at least one.

    The one of the greatest fidelity among those that follow prompts and do not drift; of those
    that are equal in fidelity, the earliest, which has forgotten least.  If none keeps within the
    limits, the one that breaks them least.  Without scores, that of the least validation loss;
    without that, the last.
    """
    untouched = untouched or UNJUDGED
    ordered = sorted(checkpoints, key=lambda each: each.step)
    judged = [each for each in ordered if each.scores.fidelity is not None]
    if judged:
        within = [each for each in judged if excess(each.scores, untouched) == 0]
        return _most_faithful(within, untouched) if within else _least_excess(judged, untouched)
    losses = [each for each in ordered if _number(each.validation)]
    if losses:
        return min(losses, key=lambda each: each.validation or 0.0)
    return ordered[-1]


def excess(scores: Scores, untouched: Scores) -> float:
    """Return by how much the scores break the limits, as a share; 0 within them."""
    lacking = drifted = 0.0
    if scores.following is not None and untouched.following:
        lacking = LEAST_FOLLOWING - scores.following / untouched.following
    if scores.drift is not None and untouched.drift is not None and scores.fidelity is not None:
        way = scores.fidelity - untouched.drift
        gone = scores.drift - untouched.drift
        drifted = gone / way - MOST_DRIFT if way > 0 else 0.0
    return max(0.0, lacking) + max(0.0, drifted)


def _most_faithful(checkpoints: Sequence[CheckpointScores], untouched: Scores) -> CheckpointScores:
    found = [each.scores.fidelity or 0.0 for each in checkpoints]
    base = min(found) if untouched.fidelity is None else untouched.fidelity
    least = max(found) - TIE * max(0.0, max(found) - base)
    return next(
        each for each, fidelity in zip(checkpoints, found, strict=True) if fidelity >= least
    )


def _least_excess(checkpoints: Sequence[CheckpointScores], untouched: Scores) -> CheckpointScores:
    return min(checkpoints, key=lambda each: excess(each.scores, untouched))


def _number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
