"""What people write into prompts: weights, alternatives, and brackets that mean nothing."""

from __future__ import annotations

import pytest

from generation.requests.prompts import (
    DEEPEST,
    MOST_BRACES,
    MOST_WEIGHT,
    BadPrompt,
    Fault,
    Piece,
    chosen,
    pieces,
)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a red star", [("a red star", 1)]),
        ("a (red:1.3) star", [("a ", 1), ("red", 1.3), (" star", 1)]),
        ("((big)) [small]", [("big ", 1.21), ("small", 0.9091)]),
        ("(a (b:2))", [("a ", 1.1), ("b", 2.2)]),
        ("(red:0.5),(blue: 1.5 )", [("red", 0.5), (",", 1), ("blue", 1.5)]),
        ("(12:30:1.2)", [("12:30", 1.2)]),
        (r"a \(lovely\) star", [("a (lovely) star", 1)]),
    ],
)
def test_weights_are_read_as_they_are_pasted(
    prompt: str, expected: list[tuple[str, float]]
) -> None:
    assert pieces(prompt) == [Piece(text, weight) for text, weight in expected]


@pytest.mark.parametrize("prompt", ["a) b(", "(x:1.3", "12:30) x", "[a", "(a]", "x:1.3", "a\\"])
def test_brackets_without_their_other_half_are_text(prompt: str) -> None:
    assert pieces(prompt) == [Piece(prompt)]


@pytest.mark.parametrize("prompt", ["", "  ", "()", "(:1.2)", "([ ])"])
def test_nothing_comes_of_nothing(prompt: str) -> None:
    assert pieces(prompt) == []


def test_weights_stay_within_bounds() -> None:
    assert pieces("(a:99)") == [Piece("a", MOST_WEIGHT)]
    assert pieces("(a:-3)") == [Piece("a", 0.0)]
    assert pieces("(" * 1000 + "a" + ")" * 1000) == [Piece("a", MOST_WEIGHT)]


def test_a_seed_always_chooses_the_same() -> None:
    prompt = "a {red|blue|green} {star|heart} on {black|white}"
    assert [chosen(prompt, seed) for seed in range(20)] == [
        chosen(prompt, seed) for seed in range(20)
    ]


def test_every_alternative_has_its_turn() -> None:
    taken = [chosen("{3::red|blue}", seed) for seed in range(400)]
    assert taken.count("red") / 400 == pytest.approx(0.75, abs=0.07)
    assert {chosen("a {red|{light|dark} blue}", seed) for seed in range(40)} == {
        "a red",
        "a light blue",
        "a dark blue",
    }
    assert {chosen("{2$$ and $$a|b}", seed) for seed in range(20)} == {"a and b", "b and a"}


def test_what_is_not_in_braces_stays_as_it_is() -> None:
    prompt = "50% of #1, $5 and __words__ | 青い星 (red:1.3)"
    assert chosen(prompt, 0) == prompt
    assert chosen(f"{{x|x}} {prompt}", 0) == f"x {prompt}"


@pytest.mark.parametrize(
    ("prompt", "fault"),
    [
        ("{a|b}}", Fault.UNMATCHED),
        ("}{", Fault.UNMATCHED),
        ("{a|{b}", Fault.UNMATCHED),
        ("{a|b}" * (MOST_BRACES + 1), Fault.TOO_MANY),
        ("{" * (DEEPEST + 1) + "a" + "}" * (DEEPEST + 1), Fault.TOO_MANY),
        ("{0::a|0::b}", Fault.UNREADABLE),
    ],
)
def test_braces_that_cannot_be_read_are_told_so(prompt: str, fault: Fault) -> None:
    with pytest.raises(BadPrompt) as error:
        chosen(prompt, 0)
    assert error.value.fault is fault
