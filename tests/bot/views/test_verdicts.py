"""Scores of a checkpoint in words, with advice that can be followed."""

from __future__ import annotations

import pytest

from bot.views.training.verdicts import verdicts

UNTOUCHED = {"fidelity": 0.2, "following": 0.4, "drift": 0.2}
BAD = {"fidelity": 0.4, "following": 0.2, "drift": 0.4}


def test_scores_are_compared_with_the_untouched_model() -> None:
    good = {"fidelity": 0.4, "following": 0.4, "drift": 0.2}
    assert verdicts("en", good, UNTOUCHED, earlier=True) == [
        "• Similarity to the training pictures: **0.40** (0.20 before)",
        "• Follows prompts as well as before",
        "• Stays out of pictures whose prompts don't ask for it",
    ]


@pytest.mark.parametrize(("locale", "words"), [("en", "earlier"), ("ja", "前のチェックポイント")])
def test_an_earlier_checkpoint_is_advised_only_where_there_is_one(locale: str, words: str) -> None:
    _, *advice = verdicts(locale, BAD, UNTOUCHED, earlier=True)
    assert [words in line for line in advice] == [True, True]
    _, *advice = verdicts(locale, BAD, UNTOUCHED, earlier=False)
    assert [words in line for line in advice] == [False, False]
