"""Foreign text in messages, read as Discord reads it: its words, and nothing but its words."""

from __future__ import annotations

import unicodedata

import pytest

from bot.text.markdown import Markup, alt, code, cut, quoted, shown
from tests.bot.text.discord_markdown import INSIDE, OPEN, SHUT, kinds, read
from tests.hostile.prompts import BY_HAND, hostile_prompts

ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("[a](b) [click me](https://evil.example)", "masked"),
        ("https://evil.example", "url"),
        ("<https://evil.example>", "autolink"),
        ("discord.gg/abc", "invite"),
        ("<@123>", "mention"),
        ("@everyone", "mention"),
        ("</imagine:1>", "mention"),
        ("<t:1:R>", "time"),
        ("<:x:1>", "emoji"),
        (":smile:", "emoji"),
        ("```a```", "fence"),
        ("`a`", "code"),
        ("``a`b``", "code"),
        ("# a", "heading"),
        ("-# a", "subtext"),
        ("> a", "quote"),
        ("1. a", "list"),
        ("- a", "list"),
        ("||a||", "spoiler"),
        ("**a**", "bold"),
        ("*a*", "italics"),
        ("_a_", "slanted"),
        ("~~a~~", "strike"),
    ],
)
def test_the_reader_finds_what_discord_would(source: str, kind: str) -> None:
    assert kinds(read(source))[0] == kind


def test_the_reader_takes_escapes_away() -> None:
    assert read(r"\*a\* \[b\]\(c\) \\") == "*a* [b](c) \\"
    assert read(r"**a \* b**") == f"{OPEN}bold{INSIDE}a * b{SHUT}"


@pytest.mark.parametrize("prefix", ["", "a: ", "└ ", "\n"])
def test_hostile_prompts_are_read_as_their_own_words(prefix: str) -> None:
    for prompt in hostile_prompts():
        seen = read(prefix + quoted(prompt, 1500))
        assert kinds(seen) == [], repr(prompt)
        assert seen.replace(ZERO_WIDTH, "") == prefix + shown(prompt), repr(prompt)


def test_values_as_code_are_read_as_their_own_words() -> None:
    for prompt in hostile_prompts():
        seen = read(f"a {code(prompt, 1500)} b").replace(ZERO_WIDTH, "")
        assert set(kinds(seen)) <= {"code"}, repr(prompt)
        quotes = (f"a “{shown(prompt)}” b", f"a {OPEN}code{INSIDE}{shown(prompt)}{SHUT} b")
        assert seen in quotes, repr(prompt)
    assert code("512x768") == "`512x768`"


def test_nothing_that_nobody_sees_is_left() -> None:
    for prompt in hostile_prompts():
        line = shown(prompt)
        assert line == shown(line)
        for character in line:
            assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
            assert unicodedata.bidirectional(character) not in (
                *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
            )


@pytest.mark.parametrize(
    "words",
    [
        "👩\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم",
        "葛\U000e0100飾",
        "が, é, ñ",
    ],
)
def test_what_emoji_and_scripts_need_is_kept(words: str) -> None:
    assert shown(words) == words


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("ht\u200dtps", "https"),
        ("a\u202eb\u2066c\u200ed", "abcd"),
        ("a\u3164\u200b", "a"),
        ("a \u200b b", "a b"),
        ("hidden\U000e0068\U000e0069", "hidden"),
        ("x\x00\x1b[31m", "x[31m"),
        ("a\r\n\u2028b", "a b"),
        ("\ud800a\udfff", "a"),
    ],
)
def test_what_hides_or_turns_text_is_left_out(words: str, seen: str) -> None:
    assert shown(words) == seen


def test_text_is_cut_by_what_is_seen_and_never_within_an_escape() -> None:
    for prompt in BY_HAND:
        for most in (1, 2, 7, 48):
            seen = read(quoted(prompt, most)).replace(ZERO_WIDTH, "")
            assert kinds(seen) == []
            assert seen == cut(shown(prompt), most)
            assert len(seen) <= most
        for room in range(40):
            escaped = quoted(prompt, 1500, room)
            assert len(escaped) <= room
            assert kinds(read(escaped)) == []
            assert shown(prompt).startswith(read(escaped).replace(ZERO_WIDTH, "").rstrip("…"))


def test_a_description_is_plain_text() -> None:
    assert alt("[a](b)\n\u202e*c*") == "[a](b) *c*"
    assert len(alt("x" * 500)) == 200


def test_what_is_marked_up_already_stays_so() -> None:
    assert isinstance(quoted("a"), Markup)
