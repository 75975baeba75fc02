"""Edits of scenes and the instructions that ask for them, in English and Japanese."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

from generation.shapes import vocabulary as words
from generation.shapes.captions import Language
from generation.shapes.world import COLOURS, FILLS, SHAPES, Scene

EDITED = ("colour", "background", "fill", "shape", "size")
"""The attributes that an instruction can change. Moving objects is not among them: InstructPix2Pix
is poor at it (Brooks et al. 2023, §5)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edit:
    """A scene before and after a change to one attribute."""

    attribute: str
    before: Scene
    after: Scene


def random_edit(random: Random, scene: Scene) -> Edit:
    """Change one attribute of a scene, keeping the object visible against the background."""
    attribute = random.choice(EDITED)
    choices = {
        "colour": COLOURS,
        "background": COLOURS,
        "fill": FILLS,
        "shape": SHAPES,
        "size": ("small", "large"),
    }[attribute]
    taken = {getattr(scene, attribute)}
    if attribute in ("colour", "background"):
        taken |= {scene.colour, scene.background}
    change: dict[str, Any] = {
        attribute: random.choice([name for name in choices if name not in taken])
    }
    return Edit(attribute=attribute, before=scene, after=dataclasses.replace(scene, **change))


def instruction(edit: Edit, random: Random, language: Language = "en") -> str:
    """Write one sentence that asks for the edit: "make the star green", 「背景を黒に」."""
    templates = (_ENGLISH if language == "en" else _JAPANESE)[edit.attribute]
    if edit.attribute == "fill":
        templates = _fill_templates(edit, language)
    name = getattr(edit.after, edit.attribute)
    return random.choice(templates).format(**_words(edit, name, random, language))


def _words(edit: Edit, name: str, random: Random, language: Language) -> dict[str, str]:
    """Return the values of a template's placeholders: the object before and after the edit."""
    said_shape = random.random() < 0.7
    if language == "en":
        noun = edit.before.shape if said_shape else "shape"
        to_one = f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        plural = edit.before.count == 2
        return {
            "thing": f"the {_plural(noun)}" if plural else f"the {noun}",
            "it": "them" if plural else "it",
            "new": name,
            "a_new": _plural(name) if plural else to_one,
            "fill": random.choice(words.ENGLISH_FILLS.get(name, (name,))),
            "more": "larger" if name == "large" else "smaller",
            "more_too": "bigger" if name == "large" else "tinier",
        }
    shape = edit.before.shape if said_shape else "shape"
    return {
        "thing": random.choice(words.JAPANESE_SHAPES[shape]),
        "noun": random.choice(words.JAPANESE_GROUNDS.get(name, (name,))),
        "new": random.choice(words.JAPANESE_SHAPES.get(name, (name,))),
        "fill": random.choice(words.JAPANESE_FILLS.get(name, (name,))).removesuffix("の"),
        "more": "大きく" if name == "large" else "小さく",
    }


def _plural(noun: str) -> str:
    return words.ENGLISH_PLURALS.get(noun, f"{noun}s")


def _fill_templates(edit: Edit, language: Language) -> tuple[str, ...]:
    """Return the templates that change the fill; removing a pattern has wording of its own."""
    before, after = edit.before.fill, edit.after.fill
    english = language == "en"
    templates = (_ENGLISH if english else _JAPANESE)["fill"]
    if after == "solid" and before in ("striped", "dotted"):
        pattern = {"striped": ("stripes", "縞模様"), "dotted": ("dots", "水玉模様")}[before]
        if english:
            return (*templates, f"remove the {pattern[0]}", f"take the {pattern[0]} away")
        return (*templates, f"{pattern[1]}を消して", f"{pattern[1]}をなくして")
    if english and after in ("striped", "dotted") and before == "solid":
        return (*templates, f"add {'stripes' if after == 'striped' else 'dots'}")
    return templates


_ENGLISH = {
    "colour": (
        "make {thing} {new}",
        "make {it} {new}",
        "turn {thing} {new}",
        "turn {it} {new}",
        "paint {thing} {new}",
        "change the colour of {thing} to {new}",
    ),
    "background": (
        "make the background {new}",
        "change the background to {new}",
        "turn the background {new}",
        "on a {new} background",
    ),
    "fill": ("make {thing} {fill}", "make {it} {fill}", "turn {thing} {fill}"),
    "shape": (
        "turn {thing} into {a_new}",
        "replace {thing} with {a_new}",
        "change {thing} to {a_new}",
        "make {it} {a_new}",
    ),
    "size": ("make {thing} {more}", "make {it} {more}", "make {thing} {more_too}"),
}
_JAPANESE = {
    "colour": ("{thing}を{noun}に", "{thing}を{noun}にして", "{thing}の色を{noun}に変えて"),
    "background": ("背景を{noun}に", "背景を{noun}にして", "背景の色を{noun}に変えて"),
    "fill": ("{thing}を{fill}に", "{thing}を{fill}にして"),
    "shape": ("{thing}を{new}に", "{thing}を{new}に変えて", "{thing}を{new}にして"),
    "size": ("{thing}を{more}", "{thing}を{more}して", "もっと{more}して"),
}
