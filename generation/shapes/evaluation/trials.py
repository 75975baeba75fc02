"""Trials of the study: each has a hidden favourite, a prompt that leaves it open, and seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from random import Random
from typing import Literal

from generation.shapes.captions import caption
from generation.shapes.evaluation.favourites import Favourite
from generation.shapes.scorers import Reading
from generation.shapes.world import Scene, random_scene

Half = Literal["choose", "report"]
HALVES: tuple[Half, ...] = ("choose", "report")
"""Halves of the favourites: settings are chosen on one and reported on the other."""
COLOURS_OF: dict[Half, tuple[str, ...]] = {
    "choose": ("orange", "red", "white", "green"),
    "report": ("yellow", "purple", "blue", "black", "pink"),
}
FILLS_OF: dict[Half, tuple[str, ...]] = {"choose": ("striped",), "report": ("outlined", "dotted")}
"""Colours and fills of the favourites in each half; the halves share none.

They are matched by how often plain images show an attribute that the prompt leaves open (20 steps,
guidance 6): the colours of the halves 11 and 10 of 100 times each, their fills 6 and 8. Solid is in
neither: it is seen in 79 of 100, so nobody would have to look for it.
"""

KINDS = ("colour", "fill", "colour and fill")
NAMED = {
    "colour": ("shape", "background"),
    "fill": ("shape", "colour", "background"),
    "colour and fill": ("shape", "background"),
}
"""Attributes that the prompt names, by kind of the favourite, which it must leave open."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """One hidden favourite; `scene` holds what the prompt names, and one way to satisfy it."""

    number: int
    half: Half
    favourite: Favourite
    scene: Scene
    prompt: str

    @property
    def seed(self) -> int:
        """First seed of the trial; no two trials share a seed."""
        return 100_000 * (self.number + 1)

    @property
    def named(self) -> tuple[str, ...]:
        """The attributes that the prompt names."""
        return NAMED[self.favourite.kind]

    def named_right(self, reading: Reading) -> float:
        """Return the share of the named attributes that an image shows as asked."""
        right = [getattr(reading, name) == getattr(self.scene, name) for name in self.named]
        return sum(right) / len(right)


def favourites(half: Half, kind: str) -> list[Favourite]:
    """Return every favourite of a kind in one half."""
    colours: Sequence[str | None] = COLOURS_OF[half] if kind != "fill" else [None]
    fills: Sequence[str | None] = FILLS_OF[half] if kind != "colour" else [None]
    return [Favourite(colour=colour, fill=fill) for fill in fills for colour in colours]


def trial(number: int, *, seed: int = 0, kinds: Collection[str] = KINDS) -> Trial:
    """Return the trial with this number, alternating halves, then kinds, then favourites."""
    half = HALVES[number % 2]
    turn, which = divmod(number // 2, len(kinds))
    choices = favourites(half, list(kinds)[which])
    favourite = choices[turn % len(choices)]
    random = Random(f"trial/{seed}/{number}")
    wanted = {name: value for name, value in dataclasses.asdict(favourite).items() if value}
    scene = random_scene(random, counts=(1,), **wanted)
    while scene.held_out:
        # A combination never seen in training may be out of reach, however well feedback steers.
        scene = random_scene(random, counts=(1,), **wanted)
    return Trial(
        number=number,
        half=half,
        favourite=favourite,
        scene=scene,
        prompt=caption(scene, NAMED[favourite.kind], random),
    )


def trials(count: int, *, seed: int = 0, kinds: Collection[str] = KINDS) -> Iterator[Trial]:
    """Yield the first `count` trials; a larger count leaves these unchanged."""
    for number in range(count):
        yield trial(number, seed=seed, kinds=kinds)
