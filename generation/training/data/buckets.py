"""Aspect buckets: pictures of about one shape share a size, and batches come from one bucket."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Sequence

from generation.requests.sizes import sides_of

MOST_ASPECT = 2.0
"""Aspect up to which pictures keep their shape; longer ones are cropped to it."""

COARSE = 64
"""Multiple of the sides of buckets in pixels, as in everybody's training scripts, where it leaves
enough of a picture; with finer ones every picture would be in a bucket of its own."""


def bucket_of(image: tuple[int, int], side: int, multiple: int) -> tuple[int, int]:
    """Return the width and height at which a picture of this size is trained on.

    Its aspect is about the picture's, its area about `side`², its sides multiples of `multiple`.
    """
    aspect = image[0] / image[1]
    aspect = min(max(aspect, 1 / MOST_ASPECT), MOST_ASPECT)
    step = COARSE if side >= 4 * COARSE and not COARSE % multiple else multiple
    return sides_of(aspect, side**2, step)


def batch_at(buckets: Sequence[Hashable], batch: int, seed: int, number: int) -> list[int]:
    """Return the examples of batch `number` of an endless run: indices into `buckets`.

    buckets: the bucket of each example.  An epoch shows every example at least once; a bucket's
    last batch is filled with others of that bucket.  A function of its arguments alone, so that a
    run can go on anywhere.
    """
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index, bucket in enumerate(buckets):
        members[bucket].append(index)
    epoch_length = sum(-(-len(indices) // batch) for indices in members.values())
    epoch, place = divmod(number, epoch_length)
    chance = random.Random(f"{seed} {epoch}")
    batches = []
    for indices in members.values():
        order = list(indices)
        chance.shuffle(order)
        while len(order) % batch:
            order.append(order[len(order) % len(indices)])
        batches += [order[first : first + batch] for first in range(0, len(order), batch)]
    chance.shuffle(batches)
    return batches[place]
