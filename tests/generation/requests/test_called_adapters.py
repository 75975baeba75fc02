"""Adapters that a prompt calls: by which names, how strongly, and what is left of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from generation.protocol.problems import Code
from generation.protocol.requests import Adapter, Axis, Paint
from generation.requests.called_adapters import (
    Tag,
    called,
    has_word,
    key_of,
    tags_in,
    with_triggers,
    without_tags,
)
from generation.requests.expansion import picture_of
from generation.requests.pasted import remarks_on
from generation.requests.refused import Refused


def adapter(name: str, strength: float = 1.0, *, embedding: bool = False) -> Adapter:
    return Adapter(path=Path(name), digest=name, strength=strength, name=name, embedding=embedding)


INK, WASH, ROCKY = adapter("ink"), adapter("Wash v2", 0.5), adapter("rocky", embedding=True)


@pytest.mark.parametrize(
    ("written", "name", "unet", "text"),
    [
        ("<lora:ink:0.8>", "ink", 0.8, 0.8),
        ("<lora:ink>", "ink", 1.0, 1.0),
        ("<LORA: ink :-.5>", "ink", -0.5, -0.5),
        ("<lyco:ink:0.8:0.3>", "ink", 0.3, 0.8),
        ("<lora:ink:te=0.2>", "ink", 0.2, 0.2),
        ("<lora:ink:0.8:unet=0.1>", "ink", 0.1, 0.8),
        ("<lora:ink:1:0.5:8>", "ink", 0.5, 1.0),
    ],
)
def test_a_tag_means_what_it_means_elsewhere(
    written: str, name: str, unet: float, text: float
) -> None:
    assert list(tags_in(f"a {written} b")) == [Tag(name, unet, text)]


def test_those_that_are_called_act_beside_those_that_act_anyway() -> None:
    acting = called("<lora:wash_v2:0.9> <lora:styles/Ink.safetensors:.2>", (WASH,), (INK,))
    assert [(each.name, each.strength) for each in acting] == [("Wash v2", 0.9), ("ink", 0.2)]
    assert called("none", (WASH,), (INK,)) == (WASH,)
    [twice] = called("<lora:ink:.5> <lora:ink:.25:.75>", (), (INK,))
    assert (twice.strength, twice.text_strength) == (1.25, 0.75)
    with pytest.raises(Refused) as refused:
        called("<lora:blots:1>", (WASH,), (INK,))
    assert refused.value.problem.code is Code.ADAPTER_UNKNOWN
    with pytest.raises(Refused) as refused:
        called("a star <lora::1>", (WASH,), (INK,))
    assert refused.value.problem.code is Code.ADAPTER_UNNAMED


@pytest.mark.parametrize(
    ("name", "other"),
    [("Ink.safetensors", "ink"), ("a/b\\ink", "INK"), ("my ink, two", "my_ink_two")],
)
def test_programs_write_one_name_in_several_ways(name: str, other: str) -> None:
    assert key_of(name) == key_of(other)


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("a cat, <lora:ink:1>, dog", "a cat, dog"),
        ("<lora:ink:1> a cat", "a cat"),
        ("  a  cat ", "  a  cat "),
    ],
)
def test_nothing_of_a_tag_is_left_in_the_prompt(prompt: str, left: str) -> None:
    assert without_tags(prompt) == left


def asked(prompt: str, **change: object) -> Paint:
    return Paint(job="x", model="x", prompt=prompt, out=Path(), **change)  # type: ignore[arg-type]


def test_a_picture_says_which_adapters_act_on_it() -> None:
    one = picture_of(
        asked("a cat <lora:ink:.5>, embedding:rocky", adapters=(ROCKY,), offered=(INK,)), 0
    )
    assert one.prompt == "a cat rocky"
    assert [(each.name, each.strength) for each in one.adapters] == [("rocky", 1.0), ("ink", 0.5)]
    assert one.offered == ()
    # Without any, tags are left out as they always were; old records are read as they stand.
    assert picture_of(asked("a cat <lora:ink:.5>"), 0).prompt == "a cat"
    literal = asked("a cat <lora:ink:.5>", offered=(INK,), literal=True)
    assert picture_of(literal, 0).prompt == "a cat <lora:ink:.5>"


def test_a_sweep_sets_every_strength_but_those_of_words() -> None:
    axis = Axis(parameter="adapter_strength", values=(0.25, 0.75))
    request = asked(
        "<lora:ink:1:.5> x", adapters=(WASH, ROCKY), offered=(INK,), axes=(axis,), count=2
    )
    one = picture_of(request, 1)
    assert [(each.name, each.strength, each.strength_of_text) for each in one.adapters] == [
        ("Wash v2", 0.75, 0.75),
        ("rocky", 1.0, 1.0),
        ("ink", 0.75, 0.75),
    ]


def test_what_can_be_called_is_not_remarked_on() -> None:
    assert not list(remarks_on("a <lora:ink:1> embedding:rocky", (INK, ROCKY)))
    for prompt in ("a <hypernet:x:1>", "embedding:other"):
        assert [each.code for each in remarks_on(prompt, (INK, ROCKY))] == [Code.PROMPT_FILES]


def triggered(words: str, of: Adapter = INK) -> Adapter:
    return dataclasses.replace(of, trigger=words)


@pytest.mark.parametrize(
    ("prompt", "trigger", "painted"),
    [
        ("a star", "ink style", "ink style, a star"),
        ("a star in INK  style", "ink style", "a star in INK  style"),
        ("(ink style:1.2)", "ink style", "(ink style:1.2)"),
        ("drink style", "ink style", "ink style, drink style"),
        ("a star, brush", "ink style, brush", "ink style, a star, brush"),
        ("墨絵の星", "墨絵", "墨絵の星"),
        ("a star", "konomi (style)", r"konomi \(style\), a star"),
        (r"konomi \(style\), a star", "konomi (style)", r"konomi \(style\), a star"),
        ("a star", " , ", "a star"),
        ("", "ink style", ""),
    ],
)
def test_trigger_words_are_put_in_front_where_they_are_missing(
    prompt: str, trigger: str, painted: str
) -> None:
    once = with_triggers(prompt, [triggered(trigger), triggered(trigger, WASH)])
    assert once == painted
    assert with_triggers(once, [triggered(trigger)]) == painted


@pytest.mark.parametrize(
    ("prompt", "painted"),
    [
        ("a star", "rocky, a star"),
        ("a Rocky star", "a Rocky star"),
        ("a <rock> star", "a <rock> star"),
        ("a rock star", "rocky, a rock star"),
    ],
)
def test_an_embedding_is_called_by_its_name_or_its_token(prompt: str, painted: str) -> None:
    assert with_triggers(prompt, [triggered("<rock>", ROCKY)]) == painted
    assert with_triggers(prompt, [ROCKY]) == prompt
    assert with_triggers(prompt, [triggered("<rock>", ROCKY)], "blur, <rock>") == prompt
    assert has_word(painted, "rocky") or has_word(painted, "<rock>")


def test_each_picture_has_the_trigger_words_of_the_adapters_that_act_on_it() -> None:
    request = asked(
        "a {<lora:ink:1>|plain|ink style} star",
        offered=(triggered("ink style"),),
        count=8,
    )
    pictures = [picture_of(request, place) for place in range(8)]
    for picture in pictures:
        assert picture.prompt.count("ink style") == (0 if "plain" in picture.prompt else 1)
        assert bool(picture.adapters) == picture.prompt.startswith("ink style")
    literal = dataclasses.replace(request, literal=True, adapters=(triggered("ink style"),))
    assert not picture_of(literal, 0).prompt.startswith("ink style")
