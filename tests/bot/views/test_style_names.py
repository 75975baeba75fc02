"""The line that names styles: a strength is said where it is not 1."""

from __future__ import annotations

import dataclasses

import pytest

from bot.actions.styles.chosen import ChosenStyle
from bot.views.header import styles_line

ROCKY = ChosenStyle(style_id=1, digest="", name="rocky", word="rocky")
INK = dataclasses.replace(ROCKY, style_id=2, name="ink_2", strength=0.8)
WORD = dataclasses.replace(ROCKY, style_id=3, name="moss", embedding=True, called=True)
TAGGED = dataclasses.replace(ROCKY, style_id=4, name="tagged", called=True)


@pytest.mark.parametrize(
    ("styles", "english", "japanese"),
    [
        ([ROCKY], "Style: rocky", "スタイル：rocky"),
        ([dataclasses.replace(ROCKY, strength=0.999)], "Style: rocky", "スタイル：rocky"),
        ([INK], r"Style: ink\_2 (0.8)", r"スタイル：ink\_2（0.8）"),
        (
            [INK, ROCKY, WORD, TAGGED],
            r"Styles: ink\_2 (0.8), rocky, moss",
            r"スタイル：ink\_2（0.8）、rocky、moss",
        ),
        ([dataclasses.replace(ROCKY, strength=-1.25)], "Style: rocky (-1.25)", None),
        ([dataclasses.replace(ROCKY, strength=0.0)], "Style: rocky (0)", None),
    ],
)
def test_styles_are_named(styles: list[ChosenStyle], english: str, japanese: str | None) -> None:
    stored = {"styles": [dataclasses.asdict(each) for each in styles]}
    assert styles_line("en-GB", stored) == english
    if japanese is not None:
        assert styles_line("ja", stored) == japanese


def test_without_any_there_is_no_line() -> None:
    assert styles_line("en-US", {"styles": [dataclasses.asdict(TAGGED)]}) is None
    assert styles_line("en-US", {}) is None


def test_strengths_that_are_compared_are_left_to_the_cells() -> None:
    axes = [{"parameter": "adapter_strength", "values": [0, 0.5, 1]}]
    stored = {"styles": [dataclasses.asdict(INK)], "axes": axes}
    assert styles_line("en-US", stored) == r"Style: ink\_2"
