"""Instructions for captions: written tables, and words replaced by others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generation.protocol.problems import Code
from generation.requests.refused import Refused
from generation.training.pairs.edit_prompts import (
    Alternatives,
    EditPrompt,
    is_table,
    read_alternatives,
    read_captions,
    read_table,
    replacements,
)

PROMPT = EditPrompt(caption="a cat, asleep", instruction="make it a dog", edited="a dog, asleep")
PETS = Alternatives(words=("cat", "owl"), templates=("turn the {old} into a {new}",))


def code_of(refused: pytest.ExceptionInfo[Refused]) -> Code:
    return refused.value.problem.code


def test_captions_are_lines_each_once(tmp_path: Path) -> None:
    file = tmp_path / "captions.txt"
    file.write_text("\ufeffa  cat\n\n 犬の絵 \na cat\n", encoding="utf-8")
    assert read_captions(file) == ["a cat", "犬の絵"]


def test_captions_are_those_of_a_data_sets_metadata(tmp_path: Path) -> None:
    file = tmp_path / "metadata.jsonl"
    file.write_text('{"file_name": "a.png", "text": "a cat"}\n{"caption": "a dog"}\n', "utf-8")
    assert not is_table(file)
    assert read_captions(file) == ["a cat", "a dog"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_table_says_everything(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"table{suffix}"
    rows = 'edited,caption,instruction\n"a dog, asleep","a cat, asleep",make it a dog\n'
    line = json.dumps(
        {"caption": "a cat, asleep", "instruction": "make it a dog", "edited": "a dog, asleep"}
    )
    file.write_text(rows if suffix == ".csv" else line + "\n", encoding="utf-8")
    assert is_table(file)
    assert read_table(file) == [PROMPT]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.csv", "caption,instruction,edited\na,b,c\na,,c\n", Code.PAIRS_ROW),
        ("a.csv", "caption,instruction,edited\na,b\n", Code.PAIRS_ROW),
        ("a.csv", "caption,instruction,edited\n", Code.PAIRS_NO_CAPTIONS),
        ("a.jsonl", '{"caption": "a", "instruction": "b", "edited": 3}\n', Code.PAIRS_ROW),
        ("a.jsonl", "[1]\n", Code.PAIRS_ROW),
        ("a.jsonl", "{\n", Code.PAIRS_ROW),
        ("a.jsonl", "[" * 100_000, Code.PAIRS_ROW),
    ],
)
def test_a_table_that_lacks_something_is_refused(
    tmp_path: Path, name: str, text: str, code: Code
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_table(tmp_path / name)
    assert code_of(refused) is code


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00\xd8")
    for name in ("a.txt", "missing.txt"):
        with pytest.raises(Refused) as refused:
            read_captions(tmp_path / name)
        assert code_of(refused) is Code.PAIRS_UNREADABLE
    (tmp_path / "b.txt").write_text(" \n")
    with pytest.raises(Refused) as refused:
        read_captions(tmp_path / "b.txt")
    assert code_of(refused) is Code.PAIRS_NO_CAPTIONS


def test_a_word_is_replaced_by_an_alternative_and_an_article_agrees() -> None:
    assert replacements(["a cat in a catalogue"], [PETS]) == [
        EditPrompt(
            caption="a cat in a catalogue",
            instruction="turn the cat into an owl",
            edited="an owl in a catalogue",
        )
    ]
    assert replacements(["An owl asleep"], [PETS])[0].edited == "A cat asleep"


def test_every_caption_gets_as_many_different_ones_as_asked() -> None:
    made = replacements(["a red cat at night", "nothing known"], each=5, seed=1)
    assert len(made) == 5
    assert len({each.edited for each in made}) == 5
    assert made == replacements(["a red cat at night", "nothing known"], each=5, seed=1)
    assert made != replacements(["a red cat at night", "nothing known"], each=5, seed=2)
    assert len(replacements(["a cat"], [PETS], each=5)) == 1


def test_captions_without_any_known_word_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        replacements(["a catalogue"], [PETS])
    assert code_of(refused) is Code.PAIRS_NOTHING_TO_REPLACE


def test_alternatives_of_ones_own_are_read(tmp_path: Path) -> None:
    file = tmp_path / "pets.json"
    file.write_text(
        '[{"words": ["cat", "owl"], "templates": ["turn the {old} into a {new}"]},'
        ' {"words": ["赤い", "青い"], "templates": ["{new}色に"]}]',
        encoding="utf-8",
    )
    assert read_alternatives(file)[0] == PETS
    assert replacements(["猫と赤い星"], read_alternatives(file)) == [
        EditPrompt(caption="猫と赤い星", instruction="青い色に", edited="猫と青い星")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{}", "[]", "[1]", "[", '[{"words": ["cat"]}]',
        '[{"words": "cats"}]', '[{"words": ["a", 1]}]',
        '[{"words": ["a", "b"], "templates": ["{who}"]}]',
        '[{"words": ["a", "b"], "templates": ["{"]}]',
        '[{"words": ["a", "b"], "templates": ["{new.__class__}"]}]',
    ],
)  # fmt: skip
def test_alternatives_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_alternatives(tmp_path / "a.json")
    assert code_of(refused) is Code.PAIRS_ALTERNATIVES
