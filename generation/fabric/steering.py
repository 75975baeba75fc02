"""Weights of references by step: FABRIC's feedback settings as pure functions.

Liked references are read by the conditional rows of a call, disliked ones by the unconditional rows
(von Rütte et al., arXiv 2307.10159).
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from generation.protocol.requests import Feedback, Influence


class Half(enum.Enum):
    """The conditional or the unconditional rows of classifier-free guidance."""

    LIKED = "liked"
    DISLIKED = "disliked"


@dataclasses.dataclass(frozen=True, slots=True)
class RatedImage:
    """A reference at the size at which it is read: `rows` × `columns` latents.

    Key of its hidden states in the cache; the digest is that of its file.
    """

    digest: str
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Shape in latents; pictures of the same shape can share a call."""
        return self.rows, self.columns


WeightedReference = tuple[RatedImage, float]
"""A reference and its weight w > 0 in one call."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Steering:
    """The references of a request with their relative weights, and when they count."""

    liked: tuple[WeightedReference, ...]
    disliked: tuple[WeightedReference, ...]
    feedback: Feedback

    def references(self, half: Half, call: int, calls: int) -> tuple[WeightedReference, ...]:
        """Return what this half's rows read at UNet call `call`; empty if no weight is positive."""
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

    def all_references(self, call: int, calls: int) -> tuple[RatedImage, ...]:
        """Return every reference that is read at this call, without duplicates."""
        references = (
            *self.references(Half.LIKED, call, calls),
            *self.references(Half.DISLIKED, call, calls),
        )
        return tuple(dict.fromkeys(picture for picture, _ in references))


def strength_at(feedback: Feedback, half: Half, call: int, calls: int) -> float:
    """Return the weight w of a half at one of `calls` UNet calls, counted from 0.

    `strength` from round(calls · start) to round(calls · end), both included, otherwise `floor`;
    dislikes are scaled, and end at `dislike_end`.
    """
    end, scale = feedback.end, 1.0
    if half is Half.DISLIKED:
        end, scale = min(end, feedback.dislike_end), feedback.dislike_scale
    inside = round(calls * feedback.start) <= call <= round(calls * end)
    return scale * (feedback.strength if inside else feedback.floor)


def influence(weights: Sequence[float], influence: Influence) -> list[float]:
    """Return each reference's share of its half's strength.

    TOTAL: shares sum to 1 however many there are.  EACH: the weights themselves, so that three
    likes pull three times as hard as one.
    """
    if influence is Influence.EACH:
        return list(weights)
    whole = sum(weights)
    return [weight / whole for weight in weights] if whole > 0 else [0.0] * len(weights)
