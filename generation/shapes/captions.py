"""Captions of scenes, from templates; any attribute may be left unsaid."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

from generation.shapes.world import Scene

ATTRIBUTES = ("size", "fill", "colour", "shape", "background")
"""What a caption can name, in the order in which English names it."""

_OPENINGS = ("", "", "", "a picture of ", "a drawing of ", "a painting of ")
_GROUNDS = (
    " on a {} background",
    " on a {} background",
    " on {}",
    " against a {} background",
    " in front of a {} background",
)


def caption(scene: Scene, said: Collection[str], random: Random) -> str:
    """One sentence naming the attributes in `said`, e.g. "a large red star on a blue background".

    An unsaid shape is called "shape"; nothing else stands in for what is unsaid.
    """
    words = [getattr(scene, name) for name in ("size", "fill", "colour") if name in said]
    words.append(scene.shape if "shape" in said else "shape")
    article = "an" if words[0][0] in "aeiou" else "a"
    sentence = f"{random.choice(_OPENINGS)}{article} {' '.join(words)}"
    if "background" in said:
        sentence += random.choice(_GROUNDS).format(scene.background)
    return sentence


def random_said(random: Random) -> set[str]:
    """Which attributes a training caption names: each is left out now and then."""
    keep = {"size": 0.5, "fill": 0.7, "colour": 0.85, "shape": 0.92, "background": 0.85}
    return {name for name in ATTRIBUTES if random.random() < keep[name]}
