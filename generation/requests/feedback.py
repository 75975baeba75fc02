"""Feedback by name, and its rules: who explores, who drops the prompt, how weights fade."""

from __future__ import annotations

import dataclasses
import random
from typing import TypeVar

from generation.catalog.entries import TUTORIAL, usual_feedback
from generation.protocol.requests import Feedback, Influence

T = TypeVar("T")


FADING = 0.5
"""Factor by which a reference's weight shrinks with each later round that is rated.

In the paper all ratings weigh the same; but a later like was chosen among images that earlier ones
had already steered, so it says more about what is wanted now.
"""


FIRST_LIKE = 4
"""Factor by which more pictures explore as long as there is only one like."""


def explores(feedback: Feedback, place: int, count: int, liked: int) -> bool:
    """Return True if picture `place` of `count` ignores the `liked` references to explore.

    Rounds that only repeat what was liked never show anything better to like, and all their
    pictures look alike; against that the paper drops prompts, and we drop likes. A single like is
    often only the best of a bad lot, so until there is a second one `FIRST_LIKE` times as many
    pictures explore, as long as half of them follow it.
    """
    share = feedback.explore
    if liked == 1:
        share = max(share, min(FIRST_LIKE * share, 0.5))
    return liked > 0 and place >= count - int(count * share)


def guidance_beside_likes(feedback: Feedback, guidance: float, *, explorer: bool) -> float:
    """Return the guidance scale of a picture of a round that likes steer.

    Guidance favours what a prompt says at the cost of variety in what it leaves open (Ho and
    Salimans, arXiv 2207.12598): the likely becomes even more frequent, and what nobody has seen yet
    cannot be liked.  It also multiplies what likes add to the conditional half.  A scale of 1 or
    less, which is no guidance, is returned as it is.
    """
    share = feedback.explore_guidance if explorer else feedback.steered_guidance
    return guidance if guidance <= 1 else 1 + (guidance - 1) * share


def drops_prompt(feedback: Feedback, seed: int, *, follows: bool) -> bool:
    """Return True if a picture ignores its prompt; decided by its seed alone.

    This counters rounds whose pictures all look alike (von Rütte et al., arXiv 2307.10159, which
    drop prompts with a probability of 0.3).  Only a picture that `follows` likes can drop its
    prompt: any other would have nothing left to go by.
    """
    # A stream of its own: the seed's first numbers choose between alternatives already.
    return follows and random.Random(f"prompt of {seed}").random() < feedback.drop


def exploring(
    feedback: Feedback, liked: tuple[T, ...], disliked: tuple[T, ...]
) -> tuple[Feedback, tuple[T, ...]]:
    """Return the feedback settings and the references of a picture that explores, all disliked.

    With `explore_avoid` it avoids everything that was rated, because the other pictures of its
    round already follow what was liked.  Without it, dislikes have half their weight: with no likes
    beside them they also push a picture away from what the prompt asks for, if the disliked one
    shows it.
    """
    if feedback.explore_avoid:
        scale, away = feedback.explore_avoid, (*liked, *disliked)
    else:
        scale, away = feedback.dislike_scale / 2, disliked
    return dataclasses.replace(feedback, dislike_scale=scale), away


def faded(weight: float, rounds: int) -> float:
    """Return the weight of a reference after this many later rated rounds."""
    return weight * FADING**rounds


PRESETS = ("ours", "closer", "paper", "tutorial")
"""Names of the presets.

"ours" is the model's default, as without a name; "closer" is the same for those who know what they
want.
"""


PUBLISHED = {
    # The code published with FABRIC (von Rütte et al., arXiv 2307.10159): the middle third.
    "paper": Feedback(
        start=0.33,
        end=0.66,
        strength=1.0,
        floor=0.1,
        dislike_scale=0.5,
        influence=Influence.EACH,
        explore=0.0,
    ),
    "tutorial": dataclasses.replace(TUTORIAL, influence=Influence.EACH, explore=0.0),
}
"""Presets that are the same for every model: each reference has its full weight, however many there
are and however old, and no picture explores."""


def named_feedback(name: str | None, model: str) -> Feedback:
    """Return the settings of a preset; None for the model's default."""
    usual = usual_feedback(model)
    if name == "closer":
        # Still two of four while there is but one like, which is when looking pays.
        return dataclasses.replace(usual, explore=usual.explore / 2)
    return PUBLISHED.get(name or "", usual)
