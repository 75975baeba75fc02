"""Rated pictures of a folder: which were liked, in which round, and the noise that each began from.

A line of metadata.jsonl says `rating` (1 or −1) of its picture, and `prompt`, `seed` and `round`
where they are known; what it leaves out is read from the record in our own PNGs.  Pictures without
a rating are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor

from generation.metadata.a1111 import ForeignRecord
from generation.metadata.record import Record, read_file
from generation.models.noise import draw
from generation.protocol.problems import Code
from generation.requests.refused import Refused
from generation.requests.validation import MAX_SEED
from generation.training.data.folders import Example


@dataclasses.dataclass(frozen=True, kw_only=True)
class RatedExample:
    """A picture that its member liked or disliked.

    size: width and height.  seed: of the generator that its noise was drawn from; None where that
    is not known, and for a picture that did not begin as noise of its size alone.  round: a value
    that pictures painted together share.
    """

    example: Example
    liked: bool
    size: tuple[int, int]
    seed: int | None = None
    round: int | str | None = None


def ratings_of(examples: Sequence[Example]) -> list[RatedExample]:
    """Return the rated ones of a folder's examples.  Raises `Refused`, also if there are none."""
    rated = [_rated(each) for each in examples if each.about.get("rating") is not None]
    if not rated:
        raise Refused(Code.TRAIN_RATINGS_MISSING)
    return rated


def _rated(example: Example) -> RatedExample:
    rating = example.about["rating"]
    if isinstance(rating, bool) or rating not in (1, -1):
        raise Refused(Code.TRAIN_RATING, name=example.name)
    record = _record(example)
    caption = example.caption or (record.prompt if record else "")
    if not caption:
        raise Refused(Code.TRAIN_NO_CAPTION, name=example.name)
    size = example.open().size
    seed = _whole(example.about.get("seed"))
    if isinstance(record, Record):
        alone = record.source is None and (record.width, record.height) == size
        seed = record.seed if alone else None
    return RatedExample(
        example=dataclasses.replace(example, caption=caption),
        liked=rating > 0,
        size=size,
        seed=seed,
        round=_name(example.about.get("round")),
    )


def _record(example: Example) -> Record | ForeignRecord | None:
    try:
        return read_file(example.path)
    except (Refused, OSError):
        return None


def _whole(value: Any) -> int | None:
    """Return a seed, if a value can be one."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MAX_SEED else None


def _name(value: Any) -> int | str | None:
    return value if isinstance(value, int | str) else None


def pairs_of(rated: Sequence[RatedExample]) -> list[tuple[int, int]]:
    """Return the indices of every liked picture with those of each disliked one of its round."""
    numbers = range(len(rated))
    return [
        (one, other)
        for one, other in product(numbers, numbers)
        if rated[one].liked
        and not rated[other].liked
        and rated[one].round is not None
        and rated[one].round == rated[other].round
    ]


def prior_noise(seed: int, shape: Sequence[int]) -> Tensor:
    """Return the noise (1, c, h, w), float32, that a picture of this seed began from.

    A trajectory draws it before anything else, from a generator of its own.
    """
    return draw(shape, torch.Generator().manual_seed(seed), like=torch.empty(0))
