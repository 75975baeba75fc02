"""What steers a picture and how strongly, step by step: FABRIC's weights as pure functions.

Liked references are read by the conditional rows of a call, disliked ones by the
unconditional rows (von Rütte et al., arXiv 2307.10159).
"""

from __future__ import annotations

import dataclasses
import enum
import random
from collections.abc import Sequence
from typing import TypeVar

from generation.protocol.messages import Feedback, Influence

T = TypeVar("T")

FADING = 0.5
"""What is left of a reference's weight with each round that is rated after it.

The paper lets all ratings weigh alike; but a later like chose among pictures that earlier
ones had steered, so it says more of what is wanted now.
"""


FIRST_LIKE = 4
"""So many times as many pictures explore while there is but one like."""


class Half(enum.Enum):
    """Which rows of classifier-free guidance a reference speaks to."""

    LIKED = "liked"
    DISLIKED = "disliked"


@dataclasses.dataclass(frozen=True, slots=True)
class RatedImage:
    """A reference at the size at which it is read: `rows` × `columns` latents.

    Names its states in the cache; the digest is that of its file.
    """

    digest: str
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Of its latents; pictures of one shape can share a call."""
        return self.rows, self.columns


Pull = tuple[RatedImage, float]
"""A reference and its weight w > 0 at one call."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Steering:
    """The references of a request with their relative weights, and when they count."""

    liked: tuple[Pull, ...]
    disliked: tuple[Pull, ...]
    feedback: Feedback

    def pulls(self, half: Half, call: int, calls: int) -> tuple[Pull, ...]:
        """What the rows of this half read at UNet call `call`; empty where nothing weighs."""
        references = self.liked if half is Half.LIKED else self.disliked
        total = strength_at(self.feedback, half, call, calls)
        if not references or total <= 0:
            return ()
        shares = influence([weight for _, weight in references], self.feedback.influence)
        return tuple(
            (picture, total * share)
            for (picture, _), share in zip(references, shares, strict=True)
            if share > 0
        )

    def pictures(self, call: int, calls: int) -> tuple[RatedImage, ...]:
        """Every picture that is read at this call, each once."""
        pulls = (*self.pulls(Half.LIKED, call, calls), *self.pulls(Half.DISLIKED, call, calls))
        return tuple(dict.fromkeys(picture for picture, _ in pulls))


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


def strength_at(feedback: Feedback, half: Half, call: int, calls: int) -> float:
    """The weight w of a half at one of `calls` UNet calls, counted from 0.

    `strength` from round(calls · start) to round(calls · end), both included, `floor`
    outside; dislikes scaled, and over by `dislike_end`.
    """
    end, scale = feedback.end, 1.0
    if half is Half.DISLIKED:
        end, scale = min(end, feedback.dislike_end), feedback.dislike_scale
    inside = round(calls * feedback.start) <= call <= round(calls * end)
    return scale * (feedback.strength if inside else feedback.floor)


def influence(weights: Sequence[float], influence: Influence) -> list[float]:
    """Each reference's share of its half's strength.

    TOTAL: shares sum to 1 however many there are.  EACH: the weights themselves, so that
    three likes pull three times as hard as one.
    """
    if influence is Influence.EACH:
        return list(weights)
    whole = sum(weights)
    return [weight / whole for weight in weights] if whole > 0 else [0.0] * len(weights)
