"""Prompts pasted from A1111, ComfyUI and Midjourney, and typed on a Japanese keyboard."""

from __future__ import annotations

import pytest

from generation.protocol.problems import Code
from generation.requests.pasted import adopted, is_foreign, remarks_on
from generation.requests.prompts import MOST_PARTS, Piece, chosen, has_breaks, parts_of, unbroken
from generation.requests.refused import Refused

A1111 = (
    "masterpiece, a (cat:1.2){}Negative prompt: blurry, [dog]{}Steps: 20, Sampler: Euler a, "
    "CFG scale: 7, Seed: 5, Size: 512x512, Model: anything, Lora hashes: x"
)


@pytest.mark.parametrize(
    ("pasted", "ours"),
    [
        ("（赤い星：1.3）の絵", "(赤い星:1.3)の絵"),
        ("(赤い星：１．３）", "(赤い星:1.3)"),
        ("（赤い星:1.3)", "(赤い星:1.3)"),
        ("（赤い星：　0.8）、青い空", "(赤い星: 0.8)、青い空"),
        ("（赤（青：1.2）星：1.3）", "(赤(青:1.2)星:1.3)"),
        ("（（赤い星））", "((赤い星))"),
        ("（（（星）））", "(((星)))"),
        ("{赤｜青}い星", "{赤|青}い星"),
        ("｛赤｜｛青｜緑｝｝", "{赤|{青|緑}}"),
        ("cat, <lora:x_v1:0.8>, dog", "cat, dog"),
        ("<lora:x:1> cat <hypernet:y:.5>", "cat"),
        ("(embedding:bad/hands-5:1.2), cat", "( :1.2), cat"),
        ("a cat --ar 16:9 --v 6.1 --style raw --tile", "a cat"),
        ("a cat —ar 3:2 –s 250", "a cat"),
        ("a cat --sref https://example.com/a.png 123 --seed 5", "a cat"),
    ],
)
def test_other_syntax_becomes_ours(pasted: str, ours: str) -> None:
    assert adopted(pasted, "") == (ours, "")
    assert adopted(ours, "") == (ours, "")
    assert is_foreign(pasted, "")
    assert adopted("", pasted) == ("", ours)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "  a  red star, ",
        "夕焼け（オレンジ色）の空、１２：３０の時計",
        "（^o^） (a:1.2)",
        "a) b（c",
        r"\（赤：1.3）",
        "｛赤い｝星",
        "red｜blue",
        "12:30 -- a clock, 5--6, a – b, well-known",
        "a --nonsense flag",
        "<3 x < y > z, lora:x",
        "steps: 20, the Sampler",
        "a [b] ((c)) {d|e} (f:.5)",
        "break, Break, BREAKFAST, OUTBREAK",
        "AND [a|b] [a:b:.5] __x__",
    ],
)
def test_whatever_is_not_pasted_stays_as_it_is(prompt: str) -> None:
    assert adopted(prompt, prompt) == (prompt, prompt)
    assert not is_foreign(prompt, prompt)


@pytest.mark.parametrize("between", ["\n", " "])
def test_a_whole_text_of_a1111s_fills_both_prompts(between: str) -> None:
    """Discord joins the lines of what is pasted into an option."""
    pasted = A1111.format(between, between)

    assert adopted(pasted, "ugly") == ("masterpiece, a (cat:1.2)", "blurry, [dog], ugly")
    assert [remark.code for remark in remarks_on(pasted)] == [Code.PROMPT_SETTINGS]
    assert adopted("a cat", "Negative prompt: blurry") == ("a cat", "blurry")


def test_what_midjourney_excludes_goes_to_the_negative_prompt() -> None:
    assert adopted("a cat --no dogs, birds --ar 3:2", "mice") == ("a cat", "dogs, birds, mice")
    assert not list(remarks_on("a cat --no dogs"))


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("a cat <lora:x:1>", Code.PROMPT_FILES),
        ("embedding:easynegative", Code.PROMPT_FILES),
        ("a cat --ar 16:9", Code.PROMPT_FLAGS),
        ("a cat AND a dog :0.5", Code.PROMPT_AND),
        ("a [cat:dog:0.5]", Code.PROMPT_SCHEDULED),
        ("a [cat::.5]", Code.PROMPT_SCHEDULED),
        ("a [cat:10]", Code.PROMPT_SCHEDULED),
        ("a [cat|dog]", Code.PROMPT_ALTERNATED),
        ("a __animal__ on __places/beach__", Code.PROMPT_WILDCARD),
        ("masterpiece，best quality、1girl", Code.PROMPT_COMMAS),
    ],
)
def test_what_means_nothing_here_is_remarked_on(prompt: str, code: Code) -> None:
    assert [remark.code for remark in remarks_on(prompt)] == [code]


@pytest.mark.parametrize(
    "prompt",
    [
        "a red star, (b:1.3) [c] {d|e}",
        "A CAT AND A DOG",
        "赤い星、青い空",
        r"\[a|b\]",
        "（赤い星：1.3）",
        "a BREAK b",
        "snake_case__name",
    ],
)
def test_nothing_is_remarked_on_elsewhere(prompt: str) -> None:
    assert not list(remarks_on(prompt))


def test_break_ends_a_part_and_keeps_the_weights_around_it() -> None:
    assert parts_of("a (red BREAK blue:1.3) star") == [
        [Piece("a "), Piece("red ", 1.3)],
        [Piece(" blue", 1.3), Piece(" star")],
    ]
    assert parts_of("BREAK a\nBREAK\nBREAK") == [[Piece(" a\n")]]


def test_break_can_be_escaped() -> None:
    assert parts_of(unbroken("PRISON BREAK, a poster")) == [[Piece("PRISON BREAK, a poster")]]
    assert has_breaks("PRISON BREAK")
    assert not has_breaks(unbroken("PRISON BREAK"))


def test_a_prompt_has_only_so_many_parts() -> None:
    most = " BREAK ".join("a" * MOST_PARTS)
    assert len(parts_of(chosen(most, 0))) == MOST_PARTS
    with pytest.raises(Refused) as error:
        chosen(f"{most} BREAK {{b|c}}", 0)
    assert error.value.problem.code is Code.TOO_MANY_BREAKS


@pytest.mark.parametrize(
    "prompt",
    ["[" + ": " * 750, "（" * 1500, "--no " * 300, "__" * 750, " <lora:" * 214, "｛｜" * 750],
)
def test_hostile_prompts_take_no_time(prompt: str) -> None:
    adopted(prompt, prompt)
    list(remarks_on(prompt))
