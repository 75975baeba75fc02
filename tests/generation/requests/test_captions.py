"""Captions as caption models write them: cleaned, bounded, and with the trigger in its place."""

from __future__ import annotations

import re

import pytest

from generation.requests.captions import MOST_CHARACTERS, clean_caption, with_trigger


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("a red star", "a red star"),
        ("[DEC] a red star [SEP]", "a red star"),
        ("  a   red\nstar . ", "a red star"),
        ("arafed dog sitting on the grass", "dog sitting on the grass"),
        ("there is a arafed dog sitting", "a dog sitting"),
        ("an arafed man in a hat", "a man in a hat"),
        ("there is an araffed image of an apple", "an image of an apple"),
        ("araffe standing in a field", "standing in a field"),
        ("a bald bald bald bald man", "a bald man"),
        ("a cat and a hat and a hat and a hat", "a cat and a hat"),
        ("a dog's tail, a dog's tail, a dog's tail", "a dog's tail"),
        (
            "a woman with a red hat and a woman with a blue hat",
            "a woman with a red hat and a woman with a blue hat",
        ),
        ("赤い星", "赤い星"),
        ("a (red:1.2) star {a|b} <lora:ink:2>", "a red 1.2 star a b"),
        ("1 2 3 ...", ""),
        ("", ""),
        ("\u202e\x00\u200b", ""),
    ],
)
def test_a_caption_is_cleaned(written: str, clean: str) -> None:
    assert clean_caption(written) == clean


@pytest.mark.parametrize(
    "written",
    [
        "a sign that says <@123456789012345678> and @everyone",
        "<@&1> @here <#2> <:emoji:3> </imagine:4> <t:5>",
        "see https://evil.example/x?y=z or www.evil.example",
        "**bold** _x_ `code` ~~s~~ ||spoiler|| # title\n> quote\n- list",
        "＠everyone ＜@1＞ ﹫here",
    ],
)
def test_nothing_is_left_that_means_something_to_discord_or_in_a_prompt(written: str) -> None:
    clean = clean_caption(written)
    assert not re.search(r"[@<>#:*_`~|(){}\[\]/\\\n]|http|www", clean)


@pytest.mark.parametrize(
    "written", ["word " * 1000, "ab" * 5000, "abc def ghi jkl " * 300, "é" * 900]
)
def test_a_caption_is_bounded(written: str) -> None:
    assert 0 < len(clean_caption(written)) <= MOST_CHARACTERS


def test_a_long_caption_is_cut_between_words() -> None:
    words = [f"word{number}" for number in range(100)]
    clean = clean_caption(" ".join(words))
    assert clean.split() == words[: len(clean.split())]


@pytest.mark.parametrize(
    ("caption", "trigger", "kind", "said"),
    [
        ("a red star", "rocky", "", "rocky, a red star"),
        ("a red star", "rocky", "dog", "rocky dog, a red star"),
        ("a dog on the grass", "rocky", "dog", "a rocky dog on the grass"),
        ("A Dog on the grass", "umbra", "dog", "An umbra Dog on the grass"),
        ("an apple", "rocky", "apple", "a rocky apple"),
        ("an apple", "<ink>", "apple", "an <ink> apple"),
        ("hotdog stand", "rocky", "dog", "rocky dog, hotdog stand"),
        ("Rocky the dog", "rocky", "dog", "Rocky the dog"),
        ("a rockyish dog", "rocky", "dog", "a rockyish rocky dog"),
        ("", "rocky", "dog", "a rocky dog"),
        ("a red star", "", "", "a red star"),
        ("", "", "", ""),
    ],
)
def test_the_trigger_stands_before_the_class_or_first(
    caption: str, trigger: str, kind: str, said: str
) -> None:
    assert with_trigger(caption, trigger, kind) == said
