"""Hostile prompts on every page and in every sentence, in both languages.

A page filled with tame words says what there may be besides text.  Filled with hostile ones it has
to be the same page, with their words in the places of the tame ones.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
import string
from typing import Any

import pytest

import bot.views
from bot.errors import Refusal
from bot.text import invalid
from bot.text.markdown import shown
from bot.text.phrases import LANGUAGES, Phrase
from bot.text.problems import PROBLEMS
from tests.bot.text.discord_markdown import INSIDE, OPEN, SHUT, read
from tests.bot.text.every_phrase import phrases
from tests.bot.views import foreign_pages
from tests.bot.views.foreign_pages import PAGES, Build, texts_of
from tests.hostile.prompts import BY_HAND, hostile_prompts

TAME = "Qzx"
ZERO_WIDTH = "\u200b"
CODE = f"{OPEN}code{INSIDE}{TAME}{SHUT}"
MOST = 4000
"""Characters that a message holds."""

PHRASES = {
    # Those of commands are descriptions, which hold nothing foreign.
    **phrases(without=["commands"]),
    **{
        f"problem {code.name}": phrase
        for code, phrase in PROBLEMS.items()
        if code.value == phrase.en  # the others are refusals
    },
}
VISIBLE = [prompt for prompt in hostile_prompts() if shown(prompt)]


def same(tame: str, hostile: str, words: str) -> bool:
    """Whether a text is another one with `words`, perhaps cut, in the places of the tame ones."""
    return bool(_pattern(tame, shown(words)).fullmatch(hostile.replace(ZERO_WIDTH, "")))


def _pattern(tame: str, words: str) -> re.Pattern[str]:
    gaps = [re.escape(words)]
    gaps += [re.escape(words[:most].rstrip()) + "…" for most in CUTS if most < len(words)]
    gap = f"(?:{'|'.join(gaps)})"
    pieces = re.split(f"({re.escape(CODE)}|{TAME})", tame)
    return re.compile(
        "".join(
            gap
            if piece == TAME
            else f"(?:“{gap}”|{OPEN}code{INSIDE}{gap}{SHUT})"
            if piece == CODE
            else re.escape(piece)
            for piece in pieces
        )
    )


NUMBERS = {"seed", "number", "server"}
"""Blanks that are filled with plain numbers, also in code spans."""
CUTS = (299, 149, 499, 119, 79, 59, 47, 199)
"""Characters before the ellipsis, wherever text is cut."""


@functools.cache
def tame_page(build: Build, locale: str) -> list[tuple[str, str]]:
    return [(name, read_as(name, text)) for name, text in texts_of(build(locale, TAME))]


def read_as(name: str, text: str) -> str:
    return read(text) if name == "content" else text


def check_page(build: Build, locale: str, words: str) -> None:
    texts = list(texts_of(build(locale, words)))
    assert sum(len(text) for name, text in texts if name == "content") <= MOST, repr(words)
    tame = tame_page(build, locale)
    assert len(texts) == len(tame)
    for (name, text), (_, expected) in zip(texts, tame, strict=True):
        if name == "content":
            assert same(expected, read(text), words), (build.__name__, words, text)
        else:
            whole = shown(expected.replace(TAME, words))
            assert text == whole or (
                text.endswith("…") and whole.startswith(text.removesuffix("…").rstrip())
            ), (build.__name__, name, words, text)


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("build", PAGES)
def test_what_is_written_to_do_harm_is_only_words_on_every_page(build: Build, locale: str) -> None:
    assert TAME in str(list(texts_of(build(locale, TAME))))
    for words in BY_HAND:
        if shown(words):
            check_page(build, locale, words)


def test_so_are_two_thousand_prompts() -> None:
    """Each of them on one page in turn; all of them on all pages is the slow one."""
    for number, words in enumerate(VISIBLE):
        check_page(PAGES[number % len(PAGES)], LANGUAGES[number // len(PAGES) % 2], words)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("build", PAGES)
def test_so_are_two_thousand_prompts_on_every_page(build: Build, locale: str) -> None:
    for words in VISIBLE:
        check_page(build, locale, words)


def filled(phrase: Phrase, locale: str, words: str) -> str:
    """A sentence with these words wherever it takes a text."""
    sentence = phrase.ja if locale == "ja" else phrase.en
    values: dict[str, Any] = {
        name: 7 if (spec and spec != "code") or name in NUMBERS else words
        for _, name, spec, _ in string.Formatter().parse(sentence)
        if name
    }
    return phrase(locale, **values)


@pytest.mark.parametrize(
    "name", [name for name, phrase in PHRASES.items() if TAME in filled(phrase, "en", TAME)]
)
def test_every_sentence_takes_foreign_text_for_words(name: str) -> None:
    prompts = {words for words in BY_HAND[len(name) % 3 :: 3] if shown(words)}
    for locale in LANGUAGES:
        tame = read(filled(PHRASES[name], locale, TAME))
        for words in prompts:
            assert same(tame, read(filled(PHRASES[name], locale, words)), words), (name, words)


def test_no_sentence_has_a_text_in_a_code_span() -> None:
    for name, phrase in PHRASES.items():
        for sentence in (phrase.en, phrase.ja):
            spans = re.findall(r"`([^`]*)`", sentence)
            blanks = {each for span in spans for each in re.findall(r"(?<!{){(\w+)}(?!})", span)}
            assert blanks <= NUMBERS, name


def test_every_kind_of_page_is_among_them() -> None:
    modules = [
        importlib.import_module(f"bot.views.{each.name}")
        for each in pkgutil.iter_modules(bot.views.__path__)
    ]
    kinds = {
        function.__name__
        for module in modules
        for function in vars(module).values()
        if inspect.isfunction(function) and function.__annotations__.get("return") == "Page"
    }
    without_foreign_text = {
        *("edit_page", "unreadable_page", "which_page", "deletion_page", "help_page"),
    }
    drawn = inspect.getsource(foreign_pages)
    assert {kind for kind in kinds if f"{kind}(" not in drawn} == without_foreign_text


def test_refusals_are_written_plainly_for_the_log() -> None:
    refusal = Refusal(invalid.SIZE_NOT_UNDERSTOOD, given="*a*")
    assert "*a*" in str(refusal)
    assert r"“\*a\*”" in refusal.said("en")
