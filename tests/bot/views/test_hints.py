"""Hints under a picture for members whose prompt the model cannot follow."""

from __future__ import annotations

import dataclasses

import pytest

from bot.actions.styles.chosen import ChosenStyle
from bot.text import messages as text
from bot.views.hints import hint_for, remarks_of, unknown_word
from generation.protocol.problems import Code
from storage.records import Round


def round_of(prompt: str, number: int = 1) -> Round:
    return Round(
        id=1,
        board_id=1,
        number=number,
        parent_id=None,
        parameters={"prompt": prompt},
        steering_digest=None,
        created_at=0.0,
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "a red star",
        "A large striped circle on a blue background",
        "two green crosses and hearts, in front of white",
        "a shape on a yellow background",
        "two little spotted hearts, one above the other",
        "赤い星",
        "青い背景に大きな赤い縞模様の星",
        "背景は白、横に並んだ二つの小さい輪郭だけの三角形の絵",
        "",
        "1234",
    ],
)
def test_its_own_world_it_knows(prompt: str) -> None:
    assert unknown_word(prompt) is None


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a red cat", "cat"),
        ("Portrait of a star", "portrait"),
        ("赤い猫", "猫"),
        ("大きなねこ", "ねこ"),
    ],
)
def test_anything_else_is_named(prompt: str, word: str) -> None:
    assert unknown_word(prompt) == word
    assert hint_for(round_of(prompt), model="shapes") == (text.OUTSIDE_ITS_WORLD, word)


def test_it_is_said_in_a_boards_first_round_alone() -> None:
    assert hint_for(round_of("a cat", number=2), model="shapes") is None


def test_real_models_know_cats_but_read_english_only() -> None:
    assert hint_for(round_of("a cat"), model="sd15") is None
    assert hint_for(round_of("あかいねこ"), model="sd15") == (text.READS_ENGLISH_ONLY, "")


def test_what_was_pasted_is_remarked_on_in_the_first_round() -> None:
    prompt = "a red star <lora:x:1> --ar 16:9 BREAK [blue|green] circle"
    codes = [remark.code for remark in remarks_of(round_of(prompt))]
    assert codes == [Code.PROMPT_FILES, Code.PROMPT_FLAGS, Code.PROMPT_ALTERNATED]
    assert remarks_of(round_of(prompt, number=2)) == []


def test_what_is_left_out_of_a_prompt_is_no_word_of_it() -> None:
    prompt = "（red star：1.3） <lora:gloom:1> --ar 16:9 BREAK a blue background"
    assert hint_for(round_of(prompt), model="shapes") is None


def test_what_a_style_has_taught_is_known_and_its_tags_are_no_missing_files() -> None:
    style = ChosenStyle(style_id=1, digest="", name="Rocky", word="rocky", trigger="ink style")
    round_ = round_of("a red ROCKY star in ink style, <lora:rocky:0.8>")
    assert hint_for(round_, model="shapes") is not None
    assert [remark.code for remark in remarks_of(round_)] == [Code.PROMPT_FILES]
    round_.parameters["styles"] = [dataclasses.asdict(style)]  # type: ignore[index]
    assert hint_for(round_, model="shapes") is None
    assert remarks_of(round_) == []
