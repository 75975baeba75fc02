"""Detect instructions that editing cannot follow, by their wording.

InstructPix2Pix learned from pairs made by Prompt-to-Prompt, in which nearly everything stays where
it is: so it cannot change the viewpoint, move things, swap two things, or isolate one (Brooks,
Holynski and Efros, arXiv 2211.09800, §5).

An instruction is checked in three steps. It is normalised: width, case, typos, spelling variants.
Phrases that only sound like one of the four ("move it to winter") are removed. The rest is searched
for the patterns of its language, which are made of classes of words. Words that recur crosswise
("the red one blue and the blue one red") count as a swap, too.
"""

from __future__ import annotations

import difflib
import enum
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from generation.editing.instruction_check import english, japanese


class Beyond(enum.Enum):
    """Kind of edit that the model cannot make."""

    VIEWPOINT = "viewpoint"
    MOVING = "moving"
    SWAPPING = "swapping"
    ISOLATING = "isolating"


ALL_THE_SAME = "!"
"""Prefix of an instruction that is to be tried even though it was detected."""

FAR = 600
"""Number of characters that are checked; a request does not begin only after them."""

_TAKEN_OUT = "·"
_A_FEW_WORDS = r",? (?:[^ .!?;·]+ ){0,8}?"
_FIRST = (Beyond.ISOLATING, Beyond.SWAPPING, Beyond.VIEWPOINT, Beyond.MOVING)
"""Order in which the kinds are checked: an instruction to swap two things also moves both."""


def beyond(instruction: str) -> Beyond | None:
    """Return the impossible edit that an English or Japanese instruction asks for; None if none."""
    said = " ".join(unicodedata.normalize("NFKC", instruction).lower().split())[:FAR]
    if said.startswith(ALL_THE_SAME):
        return None
    if _JAPANESE_LETTER.search(said):
        said, language = _in_japanese(said), _language(japanese)
    else:
        said, language = _in_english(said), _language(english)
    crosswise = language.crosswise(said)
    said = language.harmless.sub(_TAKEN_OUT, said)
    for kind in _FIRST:
        if language.patterns[kind].search(said) or (kind is Beyond.SWAPPING and crosswise):
            return kind
    return None


class _Vocabulary(Protocol):
    """Contents of a vocabulary module."""

    WORDS: Mapping[str, str]
    HARMLESS: Sequence[str]
    PATTERNS: Mapping[str, Sequence[str]]
    EDGE: str
    CONTENT: str
    SAME: Mapping[str, str]
    EMPTY: str


class _Language:
    """A vocabulary compiled into patterns."""

    def __init__(self, vocabulary: _Vocabulary) -> None:
        def filled(pattern: str) -> str:
            pattern = re.sub(
                r"\{([a-z]+)\}",
                lambda word: f"(?:{filled(vocabulary.WORDS[word[1]])})",
                pattern,
            )
            return pattern.replace(" ... ", _A_FEW_WORDS)

        def any_of(several: Iterable[str]) -> re.Pattern[str]:
            return re.compile(vocabulary.EDGE.format("|".join(map(filled, several))))

        self.harmless = any_of(vocabulary.HARMLESS)
        self.patterns = {kind: any_of(vocabulary.PATTERNS[kind.value]) for kind in Beyond}
        self._content = re.compile(vocabulary.CONTENT)
        self._same = vocabulary.SAME
        self._empty = frozenset(vocabulary.EMPTY.split())

    def crosswise(self, said: str) -> bool:
        """Return True if words recur in another order in the next clause: A … B, B … A."""
        clauses = map(self._words, _BETWEEN_CLAUSES.split(said))
        for first, second in itertools.pairwise(filter(None, clauses)):
            places = [second.index(word) for word in first if word in second]
            if places != sorted(places):
                return True
        return False

    def _words(self, clause: str) -> list[str]:
        """Return the content words of a clause, without duplicates."""
        words = (self._same.get(word, word) for word in self._content.findall(clause))
        return [word for word in dict.fromkeys(words) if word not in self._empty]


@functools.cache
def _language(vocabulary: _Vocabulary) -> _Language:
    """Compile a vocabulary when it is first needed: no start has to wait for that."""
    return _Language(vocabulary)


def _in_english(said: str) -> str:
    """Normalise English: drop apostrophes, turn hyphens into spaces, correct typos."""
    said = re.sub(r"[-‐-―/_~*\"“”()]+", " ", re.sub(r"['’`´]", "", said))
    return " ".join(re.sub(r"[a-z]{4,}", lambda word: _put_right(word[0]), said).split())


@functools.lru_cache(maxsize=4096)
def _put_right(word: str) -> str:
    """Return the key word that `word` is a typo of (letters swapped, or one wrong); else `word`."""
    if word in _RIGHT:
        return word
    for key in _KEYS:
        if word[0] == key[0] and sorted(word) == sorted(key):
            return key
    close = difflib.get_close_matches(word, _KEYS, n=1, cutoff=0.82)
    return close[0] if close and close[0][0] == word[0] else word


def _in_japanese(said: str) -> str:
    """Normalise Japanese: no spaces between letters, and one spelling of each word, in kanji."""
    said = said.replace(" ", "")
    for plain, variants in japanese.VARIANTS.items():
        said = re.sub(variants, plain, said)
    return said


_JAPANESE_LETTER = re.compile("[ぁ-ゖァ-ヺ一-鿿]")
_BETWEEN_CLAUSES = re.compile(r"[,.;、。]|\b(?:and|while|but)\b")
_KEYS = english.KEY_WORDS.split()
_RIGHT = {key + ending for key in _KEYS for ending in ("", "s", "d", "r", "ed", "er", "ing")}
_RIGHT.update(english.NOT_SLIPS.split())
