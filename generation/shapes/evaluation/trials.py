"""The trials of the study: each a hidden favourite, a prompt that leaves it open, and seeds."""

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
"""Settings are chosen by the one half of the favourites and reported on by the other."""
COLOURS_OF: dict[Half, tuple[str, ...]] = {
    "choose": ("orange", "red", "white", "green"),
    "report": ("yellow", "purple", "blue", "black", "pink"),
}
FILLS_OF: dict[Half, tuple[str, ...]] = {"choose": ("striped",), "report": ("outlined", "dotted")}
"""What favourites are made of; no colour and no fill is a favourite's in both halves.

Halves are matched by how often plain pictures show what a prompt leaves open (20 steps, guidance
6): the colours of either half 11 and 10 of 100 times each, its fills 6 and 8.  Solid is in neither:
it is seen in 79 of 100, and so nothing that anyone would have to look for.
"""

KINDS = ("colour", "fill", "colour and fill")
NAMED = {
    "colour": ("shape", "background"),
    "fill": ("shape", "colour", "background"),
    "colour and fill": ("shape", "background"),
}
"""What the prompt says, by the kind of the favourite that it must leave open."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """One hidden favourite; `scene` holds what the prompt names, and a way to fulfil it."""

    number: int
    half: Half
    favourite: Favourite
    scene: Scene
    prompt: str

    @property
    def seed(self) -> int:
        """Where the trial's seeds begin; no two trials share one."""
        return 100_000 * (self.number + 1)

    @property
    def named(self) -> tuple[str, ...]:
        """The attributes that the prompt names."""
        return NAMED[self.favourite.kind]

    def named_right(self, reading: Reading) -> float:
        """The share of the named attributes that a picture shows as asked."""
        right = [getattr(reading, name) == getattr(self.scene, name) for name in self.named]
        return sum(right) / len(right)


def favourites(half: Half, kind: str) -> list[Favourite]:
    """Every favourite of a kind in one half."""
    colours: Sequence[str | None] = COLOURS_OF[half] if kind != "fill" else [None]
    fills: Sequence[str | None] = FILLS_OF[half] if kind != "colour" else [None]
    return [Favourite(colour=colour, fill=fill) for fill in fills for colour in colours]


def trial(number: int, *, seed: int = 0, kinds: Collection[str] = KINDS) -> Trial:
    """The trial of this number: halves alternate, and within a half kinds, then favourites."""
    half = HALVES[number % 2]
    turn, which = divmod(number // 2, len(kinds))
    choices = favourites(half, list(kinds)[which])
    favourite = choices[turn % len(choices)]
    random = Random(f"trial/{seed}/{number}")
    wanted = {name: value for name, value in dataclasses.asdict(favourite).items() if value}
    scene = random_scene(random, counts=(1,), **wanted)
    while scene.held_out:
        # What training never combined may be out of reach, however well feedback steers.
        scene = random_scene(random, counts=(1,), **wanted)
    return Trial(
        number=number,
        half=half,
        favourite=favourite,
        scene=scene,
        prompt=caption(scene, NAMED[favourite.kind], random),
    )


def trials(count: int, *, seed: int = 0, kinds: Collection[str] = KINDS) -> Iterator[Trial]:
    """The first `count` trials; more of them leave these as they are."""
    for number in range(count):
        yield trial(number, seed=seed, kinds=kinds)
