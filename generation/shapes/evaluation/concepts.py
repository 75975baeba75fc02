"""New things to teach the embedded model: reserved shapes and fills, and held-out combinations.

Four drawings show each, in different colours and places; their captions name everything but the
new thing, for which a rare word stands.  It is then asked for in colours, on backgrounds and in
places that no drawing of it had.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from random import Random

from generation.shapes.captions import caption
from generation.shapes.scorers import Reading
from generation.shapes.world import (
    COLOURS,
    FILLS,
    PLACES,
    RESERVED_FILLS,
    RESERVED_SHAPES,
    SHAPES,
    Scene,
    random_scene,
)

DRAWINGS = 4
PLACES_SEEN = 3
"""Places that the drawings use, of five."""
CLASS = "shape"
NAMED = ("size", "fill", "colour", "shape", "place", "background")
"""Attributes that captions name, unless the new word stands for them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Concept:
    """A thing that the model never learned from: the attributes that make it up."""

    attributes: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The concept in words, for tables."""
        return " ".join(value for _, value in self.attributes)

    @property
    def kind(self) -> str:
        """Its kind: a shape, a fill, or a combination of known attributes."""
        return self.attributes[0][0] if len(self.attributes) == 1 else "combination"

    @property
    def initializer(self) -> str:
        """A known word that comes near, for Textual Inversion to begin with."""
        return "striped" if self.kind == "fill" else CLASS

    @property
    def named(self) -> tuple[str, ...]:
        """The other attributes, which captions and prompts name."""
        own = dict(self.attributes)
        return tuple(name for name in NAMED if name not in own)

    def prompt(self, scene: Scene, word: str, random: Random) -> str:
        """Describe a scene with a word for the concept; without it if the word is empty.

        "a large striped red sks shape on the left on a blue background" for a new shape, "a large
        sks red star …" for a new fill, "a large sks shape …" for a combination.
        """
        told = {name: getattr(scene, name) for name in self.named}
        words = [told.get("size"), told.get("fill")]
        words += [word] if self.kind == "fill" else []
        words += [told.get("colour")]
        words += [told["shape"]] if self.kind == "fill" else [word, CLASS]
        around = caption(scene, {"place", "background"}, random)
        return around.replace(f"a {CLASS}", "a " + " ".join(filter(None, words)), 1)

    def shown(self, reading: Reading) -> bool:
        """Return True if a picture shows the concept."""
        return all(getattr(reading, name) == value for name, value in self.attributes)

    def named_right(self, reading: Reading, scene: Scene) -> float:
        """Return the share of the other named attributes that a picture shows as asked.

        Without the place, which scorers cannot tell of shapes that lie to one side of their box.
        """
        judged = [name for name in self.named if name != "place"]
        right = [getattr(reading, name) == getattr(scene, name) for name in judged]
        return sum(right) / len(right)


RESERVED = tuple(
    Concept(attributes=((attribute, value),))
    for attribute, values in (("shape", RESERVED_SHAPES), ("fill", RESERVED_FILLS))
    for value in values
)
"""The shapes and fills that the embedded model never learned from."""


def held_out(random: Random) -> Concept:
    """Draw a combination of a known shape, colour and fill that was never drawn together."""
    while True:
        scene = random_scene(random, counts=(1,))
        if scene.held_out:
            return Concept(
                attributes=(
                    ("fill", scene.fill),
                    ("colour", scene.colour),
                    ("shape", scene.shape),
                )
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lesson:
    """A concept with the scenes that teach it, and those that it is asked for in afterwards."""

    concept: Concept
    drawings: Sequence[Scene]
    contexts: Sequence[Scene]


def lesson(concept: Concept, random: Random, *, contexts: int) -> Lesson:
    """Draw a lesson: no drawing shares its colour, background or place with a context."""
    own = dict(concept.attributes)
    colours = [name for name in _shuffled(COLOURS, random) if name != own.get("colour")]
    grounds = [name for name in _shuffled(COLOURS, random) if name != own.get("colour")]
    places = _shuffled(PLACES[1], random)
    shapes, fills = _shuffled(SHAPES, random), _shuffled(FILLS, random)
    seen = _Palette(shapes, fills, colours[:DRAWINGS], grounds[:DRAWINGS], places[:PLACES_SEEN])
    new = _Palette(shapes, fills, colours[DRAWINGS:], grounds[DRAWINGS:], places[PLACES_SEEN:])
    return Lesson(
        concept=concept,
        drawings=[seen.scene(number, own, random) for number in range(DRAWINGS)],
        contexts=[new.scene(number, own, random) for number in range(contexts)],
    )


@dataclasses.dataclass(frozen=True)
class _Palette:
    """Values that scenes take one after another, so that each occurs as often as the others."""

    shapes: Sequence[str]
    fills: Sequence[str]
    colours: Sequence[str]
    grounds: Sequence[str]
    places: Sequence[str]

    def scene(self, number: int, own: Mapping[str, str], random: Random) -> Scene:
        colour = own.get("colour", self.colours[number % len(self.colours)])
        ground = self.grounds[number % len(self.grounds)]
        if ground == colour:  # on which it would be invisible
            ground = self.grounds[(number + 1) % len(self.grounds)]
        wanted = {
            "shape": self.shapes[number % len(self.shapes)],
            "fill": self.fills[number % len(self.fills)],
            "size": ("small", "large")[number % 2],
            "place": self.places[number % len(self.places)],
            **own,
            "colour": colour,
            "background": ground,
        }
        return random_scene(random, counts=(1,), **wanted)


def _shuffled(values: Sequence[str] | Mapping[str, object], random: Random) -> list[str]:
    return random.sample(list(values), len(values))
