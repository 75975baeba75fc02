"""Batches of rated pictures: liked ones, votes, or pairs of one round."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from generation.protocol.problems import Code
from generation.protocol.training import Objective
from generation.requests.refused import Refused
from generation.training.data.buckets import batch_at
from generation.training.preference.ratings import RatedExample, pairs_of

Size = tuple[int, int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VoteBatch:
    """Indices of liked and of disliked pictures, all of one size; in pairs, both in one order."""

    liked: Sequence[int]
    disliked: Sequence[int] = ()

    @property
    def indices(self) -> list[int]:
        """All of them, the liked ones first."""
        return [*self.liked, *self.disliked]


Batches = Callable[[int], VoteBatch]
"""Function from a number to that batch of an endless run."""


def batches_of(
    objective: Objective,
    rated: Sequence[RatedExample],
    sizes: Sequence[Size],
    batch: int,
    seed: int,
) -> Batches:
    """Return the batches that an objective learns from; raises `Refused` if it lacks votes.

    sizes: at which each picture is trained on.  Where disliked pictures take part, they are half of
    each batch, which has at least one of each.
    """
    liked = [number for number, each in enumerate(rated) if each.liked]
    disliked = [number for number, each in enumerate(rated) if not each.liked]
    if not liked:
        raise Refused(Code.TRAIN_NO_LIKES)
    if objective is Objective.LIKED:
        return lambda number: VoteBatch(liked=_drawn(liked, sizes, batch, seed, number))
    if not disliked:
        raise Refused(Code.TRAIN_NO_DISLIKES)
    half = max(1, batch // 2)
    if objective is Objective.KTO:
        return _votes(liked, disliked, sizes, half, seed)
    return _pairs(rated, sizes, half, seed)


def _votes(
    liked: Sequence[int], disliked: Sequence[int], sizes: Sequence[Size], half: int, seed: int
) -> Batches:
    beside = {size: [each for each in disliked if sizes[each] == size] for size in set(sizes)}
    liked = [each for each in liked if beside[sizes[each]]]
    if not liked:
        raise Refused(Code.TRAIN_NO_DISLIKES)

    def batch(number: int) -> VoteBatch:
        some = _drawn(liked, sizes, half, seed, number)
        return VoteBatch(
            liked=some, disliked=_drawn(beside[sizes[some[0]]], sizes, half, seed, number)
        )

    return batch


def _pairs(rated: Sequence[RatedExample], sizes: Sequence[Size], half: int, seed: int) -> Batches:
    pairs = [(one, other) for one, other in pairs_of(rated) if sizes[one] == sizes[other]]
    if not pairs:
        raise Refused(Code.TRAIN_NO_RATED_PAIRS)
    buckets = [sizes[one] for one, _ in pairs]

    def batch(number: int) -> VoteBatch:
        some = [pairs[place] for place in batch_at(buckets, half, seed, number)]
        return VoteBatch(liked=[one for one, _ in some], disliked=[other for _, other in some])

    return batch


def _drawn(
    members: Sequence[int], sizes: Sequence[Size], batch: int, seed: int, number: int
) -> list[int]:
    buckets = [sizes[member] for member in members]
    return [members[place] for place in batch_at(buckets, batch, seed, number)]
