"""Feedback by name, and its rules: who explores, who drops the prompt, how weights fade."""

from __future__ import annotations

import dataclasses
import random
from typing import TypeVar

from generation.catalog.entries import TUTORIAL, usual_feedback
from generation.protocol.requests import Feedback, Influence

T = TypeVar("T")


FADING = 0.5
"""What is left of a reference's weight with each round that is rated after it.

The paper lets all ratings weigh alike; but a later like chose among pictures that earlier
ones had steered, so it says more of what is wanted now.
"""


FIRST_LIKE = 4
"""So many times as many pictures explore while there is but one like."""


def explores(feedback: Feedback, place: int, count: int, liked: int) -> bool:
    """Whether picture `place` of `count` leaves the `liked` references aside.

    Rounds that only repeat what was liked never show anything better to like, and all
    their pictures look alike; the paper drops prompts against that, we drop likes.
    A single like is often only the best of a bad lot, so until there is a second one `FIRST_LIKE`
    times as many pictures explore, as long as half of them follow it.
    """
    share = feedback.explore
    if liked == 1:
        share = max(share, min(FIRST_LIKE * share, 0.5))
    return liked > 0 and place >= count - int(count * share)


def explorers_guidance(feedback: Feedback, guidance: float) -> float:
    """The guidance of a picture that explores.

    Guidance sharpens what a prompt says at the cost of variety in what it leaves open (Ho and
    Salimans, arXiv 2207.12598): what is likely anyway comes even more often, and what nobody has
    seen yet cannot be liked.
    """
    return 1 + (guidance - 1) * feedback.explore_guidance


def drops_prompt(feedback: Feedback, seed: int, *, follows: bool) -> bool:
    """Whether a picture leaves its prompt aside; its seed alone decides.

    Against rounds whose pictures all look alike (von Rütte et al., arXiv 2307.10159, which
    drop prompts with a chance of 0.3).  Only one that `follows` likes can: another would have
    nothing left to go by.
    """
    # A stream of its own: the seed's first numbers choose between alternatives already.
    return follows and random.Random(f"prompt of {seed}").random() < feedback.drop


def exploring(
    feedback: Feedback, liked: tuple[T, ...], disliked: tuple[T, ...]
) -> tuple[Feedback, tuple[T, ...]]:
    """How a picture that explores is steered, and by which references, all of them disliked.

    With `explore_avoid` it keeps away from whatever was rated: the liked is what the others of
    its round follow already.  Else dislikes alone weigh half: with no likes beside them they also
    drive a picture from what the disliked one shows because the prompt asks for it.
    """
    if feedback.explore_avoid:
        scale, away = feedback.explore_avoid, (*liked, *disliked)
    else:
        scale, away = feedback.dislike_scale / 2, disliked
    return dataclasses.replace(feedback, dislike_scale=scale), away


def faded(weight: float, rounds: int) -> float:
    """What a reference still weighs that was rated `rounds` rated rounds ago."""
    return weight * FADING**rounds


PRESETS = ("ours", "closer", "paper", "tutorial")
"""Names that `named_feedback` knows; "ours" is what suits the model, as without any name, and
"closer" the same for those who know what they want."""


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
"""As elsewhere: each reference weighs for itself, old ones as much as new ones, and no picture
leaves likes aside."""


def named_feedback(name: str | None, model: str) -> Feedback:
    """The feedback of this name, of `PRESETS`; None: as suits the model."""
    usual = usual_feedback(model)
    if name == "closer":
        # Still two of four while there is but one like, which is when looking pays.
        return dataclasses.replace(usual, explore=usual.explore / 2)
    return PUBLISHED.get(name or "", usual)
