"""Which rated pictures steer a board's next round, and how strongly each."""

from __future__ import annotations

from collections.abc import Iterable

from storage.records import Image, Steer

MOST_REFERENCES = 8
"""A half's references.  Each costs attention at every step and memory for its states, while
their influence together is held steady: a ninth would take from the newest eight what they
say, and the newest say best where the board is going."""


def choose(rated: Iterable[tuple[Image, int]], most: int = MOST_REFERENCES) -> list[Steer]:
    """The references of a round: liked ones first, each half oldest first.

    `rated` are pictures with their net votes, newest last.  A picture weighs as many as voted
    for it: 1 on a board of one member, more where a group agrees.
    """
    net = [(image, value) for image, value in rated if value and not image.withheld]
    liked = [(image, value) for image, value in net if value > 0][-most:]
    disliked = [(image, value) for image, value in net if value < 0][-most:]
    return [
        Steer(image_id=image.id, value=1 if value > 0 else -1, weight=float(abs(value)))
        for image, value in liked + disliked
    ]
