"""Write captions of scenes in English and Japanese from templates; attributes can be left out."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Literal

from generation.shapes import vocabulary as words
from generation.shapes.world import Scene

Language = Literal["en", "ja"]

ATTRIBUTES = ("count", "size", "fill", "colour", "shape", "place", "background")
"""The attributes that a caption can name, in English word order."""

_OPENINGS = ("", "", "", "", "a picture of ", "a drawing of ", "a painting of ")
_GROUNDS = (
    " on a {} background",
    " on a {} background",
    " on {}",
    " against a {} background",
    " in front of a {} background",
)


def caption(scene: Scene, said: Collection[str], random: Random, language: Language = "en") -> str:
    """Return one sentence that names the attributes in `said`.

    "a large striped red star on a blue background", 「青い背景に大きな赤い縞模様の星」.

    If the shape is left out, it is called "shape". That there are two objects is always said,
    because the singular would be wrong.
    """
    return _english(scene, said, random) if language == "en" else _japanese(scene, said, random)


def random_said(random: Random) -> set[str]:
    """Choose the attributes that a training caption names, leaving out each one now and then."""
    keep = {"size": 0.5, "fill": 0.75, "colour": 0.88, "shape": 0.93, "place": 0.35}
    keep["background"] = 0.88
    return {name for name in ATTRIBUTES if random.random() < keep.get(name, 1.0)}


def _english(scene: Scene, said: Collection[str], random: Random) -> str:
    before, after = [], ""
    if "size" in said:
        before.append(random.choice(words.ENGLISH_SIZES[scene.size]))
    if "fill" in said:
        if scene.fill in words.ENGLISH_FILLS_AFTER and random.random() < 0.25:
            after = f" {random.choice(words.ENGLISH_FILLS_AFTER[scene.fill])}"
        else:
            before.append(random.choice(words.ENGLISH_FILLS[scene.fill]))
    if "colour" in said:
        before.append(scene.colour)
    noun = scene.shape if "shape" in said else "shape"
    if scene.count == 2:
        phrase = " ".join(["two", *before, words.ENGLISH_PLURALS.get(noun, f"{noun}s")])
    else:
        phrase = " ".join([*before, noun])
        phrase = f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"
    sentence = f"{random.choice(_OPENINGS)}{phrase}{after}"
    if "place" in said:
        sentence += f" {random.choice(words.ENGLISH_PLACES[scene.place])}"
    if "background" in said:
        sentence += random.choice(_GROUNDS).format(scene.background)
    return sentence


def _japanese(scene: Scene, said: Collection[str], random: Random) -> str:
    sentence = ""
    if "background" in said:
        adjective = random.choice(words.JAPANESE_COLOURS[scene.background])
        noun = random.choice(words.JAPANESE_GROUNDS[scene.background])
        sentence = random.choice((f"{adjective}背景に", f"{adjective}背景に", f"背景は{noun}、"))
    if "place" in said:
        sentence += random.choice(words.JAPANESE_PLACES[scene.place])
    counted = random.choice(("", "二つの", "2つの")) if scene.count == 2 else ""
    sentence += counted
    if "size" in said:
        sentence += random.choice(words.JAPANESE_SIZES[scene.size])
    if "colour" in said:
        sentence += random.choice(words.JAPANESE_COLOURS[scene.colour])
    if "fill" in said:
        sentence += random.choice(words.JAPANESE_FILLS[scene.fill])
    sentence += random.choice(words.JAPANESE_SHAPES[scene.shape if "shape" in said else "shape"])
    if scene.count == 2 and not counted:
        return sentence + random.choice(("が二つ", "が2つ"))
    return sentence + random.choice(("", "", "", "の絵"))
