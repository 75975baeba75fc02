"""Prompts as people write them: weights, alternatives, and brackets that mean nothing."""

from __future__ import annotations

import pytest

from generation.protocol.problems import Code
from generation.requests.prompts import (
    DEEPEST,
    LONGEST_CHOICE,
    MOST_ALTERNATIVES,
    MOST_BRACES,
    MOST_LIGHTER,
    MOST_WEIGHT,
    Piece,
    check_braces,
    chosen,
    pieces,
)
from generation.requests.refused import Refused


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


def test_as_much_as_may_be_in_braces_is_read() -> None:
    bars = "{" + "|".join(map(str, range(MOST_ALTERNATIVES))) + "}"
    assert chosen(f"a | b {bars}", 0).removeprefix("a | b ").isdecimal()
    joined = chosen("{50$$" + "x" * 10 + "$$" + "|" * 49 + "}", 0)
    assert 0 < len(joined) <= LONGEST_CHOICE


def test_every_choice_is_by_chance_and_comes_to_an_end() -> None:
    assert chosen("{@2$$a|a}", 0) == "a,a"
    assert {chosen("{ @a|b} {!c|c} {~ d|d}", seed).strip() for seed in range(20)} == {
        "a c d",
        "b c d",
    }
    assert chosen("{!!@wow}, really!", 0) == "!@wow, really!"


def test_only_what_is_taken_of_the_alternatives_weighs() -> None:
    prompt = "[a] b" * (MOST_LIGHTER - 1) + "{" + "|".join(["[c] d"] * 20) + "}(e:1.2)"
    assert chosen(prompt, 0).endswith("[c] d(e:1.2)")


def test_an_address_is_no_comment() -> None:
    assert chosen("{a|a}//b /* c", 0) == "a//b /* c"


@pytest.mark.parametrize(
    "prompt",
    ["a {red|blue", "red|blue} star", "a { star", "a star :}", "a ｛red｜blue", "赤｜青｝の星"],
)
def test_a_brace_without_its_partner_is_told_so_to_whoever_typed_it(prompt: str) -> None:
    with pytest.raises(Refused) as error:
        check_braces(prompt)
    assert error.value.problem.code is Code.BRACES_UNMATCHED
    assert chosen(prompt, 0) == prompt  # as pictures may have been painted before


@pytest.mark.parametrize(
    "prompt", ["a red star", "a {red|blue} star", "a ｛red｜blue｝ star", "｛星"]
)
def test_other_braces_are_let_through(prompt: str) -> None:
    check_braces(prompt)


@pytest.mark.parametrize(
    ("prompt", "fault"),
    [
        ("{a|b}}", Code.BRACES_UNMATCHED),
        ("}{", Code.BRACES_UNMATCHED),
        ("{a|{b}", Code.BRACES_UNMATCHED),
        ("{a|b}" * (MOST_BRACES + 1), Code.BRACES_TOO_MANY),
        ("{" * (DEEPEST + 1) + "a" + "}" * (DEEPEST + 1), Code.BRACES_TOO_MANY),
        ("{" + "|" * 1498 + "}", Code.BRACES_TOO_MANY_ALTERNATIVES),
        ("{a|b} {" + "|" * (MOST_ALTERNATIVES - 2) + "}", Code.BRACES_TOO_MANY_ALTERNATIVES),
        ("{99$$" + "x" * 1000 + "$$" + "|" * 98 + "}", Code.BRACES_TOO_LONG),
        ("(a:.5)b" * 210, Code.TOO_MANY_LIGHTER),
        ("[a] b" * (MOST_LIGHTER + 1), Code.TOO_MANY_LIGHTER),
        ("{[a] b|[a] b}" * 20 + "[a] b" * 20, Code.TOO_MANY_LIGHTER),
        ("{0::a|0::b}", Code.BRACES_UNREADABLE),
        ("{a|b} \ue001a:" * 20, Code.BRACES_UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_told_so(prompt: str, fault: Code) -> None:
    with pytest.raises(Refused) as error:
        chosen(prompt, 0)
    assert error.value.problem.code is fault
