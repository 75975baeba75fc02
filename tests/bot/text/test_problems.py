"""Problems of requests: a sentence for each code, in every language, with the same values."""

from __future__ import annotations

import pytest

from bot.text.problems import PROBLEMS, said
from generation.protocol.problems import Code, Problem, blanks


@pytest.mark.parametrize("code", Code)
def test_every_problem_has_a_sentence_in_every_language_with_its_values(code: Code) -> None:
    phrase = PROBLEMS[code]

    assert blanks(phrase.en) == blanks(phrase.ja) == code.blanks


def test_names_in_a_sentence_are_in_its_language() -> None:
    twice = Problem(Code.COMPARE_TWICE, {"parameter": "steps"})
    missing = Problem(Code.FILE_MISSING, {"file": Problem(Code.MASK)})

    assert "ステップ" in said(twice, "ja")
    assert said(missing, "ja") == "マスクが読み取れません。"
    assert said(missing, "en-GB") == "The mask cannot be read."
