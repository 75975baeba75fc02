"""References: choose the rated pictures that steer a board's next round, and their weights."""

from __future__ import annotations

from collections.abc import Iterable

from generation.requests.feedback import faded
from storage.records import Image, Steer

MOST_REFERENCES = 8
"""Maximum number of references per half.  Each costs attention at every step and memory for its
states, while their total influence is constant: a ninth would weaken the newest eight, which best
show where the board is going.
"""


def choose(
    rated: Iterable[tuple[Image, int]], most: int = MOST_REFERENCES, *, fading: bool = True
) -> list[Steer]:
    """Choose the references of a round: liked ones first, each half oldest first.

    `rated` are pictures with their net votes, newest last. A picture's weight is the number of its
    votes: 1 on a board of one member, more where a group agrees. With `fading` it decreases with
    each later rated round.
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


def reference_name(round_number: int, position: int, *, elsewhere: bool = False) -> str:
    """Return the name of a picture on the strip of those that steered: round and number.

    `elsewhere`: it is on another board, whose rounds have the same numbers; an asterisk says so.
    """
    return f"R{round_number} #{position + 1}{'*' if elsewhere else ''}"


def _rounds_after(round_ids: Iterable[int]) -> dict[int, int]:
    """Return how many of these rounds are newer than each; ids increase with time."""
    return {round_id: age for age, round_id in enumerate(sorted(set(round_ids), reverse=True))}
