"""Which rated pictures steer a board's next round, and how strongly each."""

from __future__ import annotations

from collections.abc import Iterable

from generation.requests.feedback import faded
from storage.records import Image, Steer

MOST_REFERENCES = 8
"""A half's references.  Each costs attention at every step and memory for its states, while
their influence together is held steady: a ninth would take from the newest eight what they
say, and the newest say best where the board is going."""


def choose(
    rated: Iterable[tuple[Image, int]], most: int = MOST_REFERENCES, *, fading: bool = True
) -> list[Steer]:
    """The references of a round: liked ones first, each half oldest first.

    `rated` are pictures with their net votes, newest last.  A picture weighs as many as voted
    for it, 1 on a board of one member and more where a group agrees, and with `fading` less
    with each rated round after its own.
    """
    net = [(image, value) for image, value in rated if value and not image.withheld]
    newer = _rounds_after(image.round_id for image, _ in net)
    liked = [(image, value) for image, value in net if value > 0][-most:]
    disliked = [(image, value) for image, value in net if value < 0][-most:]
    return [
        Steer(
            image_id=image.id,
            value=1 if value > 0 else -1,
            weight=faded(abs(value), newer[image.round_id] if fading else 0),
        )
        for image, value in liked + disliked
    ]


def _rounds_after(round_ids: Iterable[int]) -> dict[int, int]:
    """How many of these rounds are newer than each; ids rise with time."""
    return {round_id: age for age, round_id in enumerate(sorted(set(round_ids), reverse=True))}
