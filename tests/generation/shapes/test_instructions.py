"""Edits of scenes, and the words that ask for them."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from generation.shapes.instructions import EDITED, Edit, instruction, random_edit
from generation.shapes.world import Scene, random_scene

STAR = Scene(shape="star", colour="red", background="blue", fill="striped", size="large")


def edits(count: int = 300) -> list[Edit]:
    random = Random(0)
    return [random_edit(random, random_scene(random)) for _ in range(count)]


def test_an_edit_changes_one_attribute_and_nothing_else():
    for edit in edits():
        changed = {
            field.name
            for field in dataclasses.fields(Scene)
            if getattr(edit.before, field.name) != getattr(edit.after, field.name)
        }
        assert changed == {edit.attribute}


def test_every_attribute_is_edited_and_nothing_turns_invisible():
    assert {edit.attribute for edit in edits()} == set(EDITED)
    assert all(edit.after.colour != edit.after.background for edit in edits())


@pytest.mark.parametrize(
    ("change", "english", "japanese"),
    [
        ({"colour": "green"}, {"make the star green", "turn it green"}, {"星を緑に"}),
        ({"background": "black"}, {"make the background black"}, {"背景を黒に"}),
        ({"fill": "solid"}, {"remove the stripes"}, {"縞模様を消して"}),
        ({"fill": "dotted"}, {"make the star dotted"}, {"星を水玉模様に"}),
        ({"shape": "heart"}, {"turn the star into a heart"}, {"星をハートに"}),
        ({"size": "small"}, {"make it smaller"}, {"もっと小さくして"}),
    ],
)
def test_instructions_are_what_people_write(
    change: dict[str, str], english: set[str], japanese: set[str]
):
    (attribute,) = change
    after = dataclasses.replace(STAR, **change)  # type: ignore[arg-type]
    edit = Edit(attribute=attribute, before=STAR, after=after)
    random = Random(0)
    assert english <= {instruction(edit, random) for _ in range(200)}
    assert japanese <= {instruction(edit, random, "ja") for _ in range(200)}


def test_of_two_one_speaks_in_the_plural():
    pair = dataclasses.replace(STAR, count=2, place="beside", shape="cross")
    edit = Edit(attribute="colour", before=pair, after=dataclasses.replace(pair, colour="pink"))
    random = Random(1)
    said = {instruction(edit, random) for _ in range(100)}
    assert "make the crosses pink" in said
    assert "make them pink" in said
