"""Instructions that editing by words cannot follow, told apart by how people put them.

InstructPix2Pix learned from pairs that Prompt-to-Prompt made, in which nearly everything stays
where it is: so it changes neither the viewpoint nor where things are, swaps no two things, and
isolates none (Brooks, Holynski and Efros, arXiv 2211.09800, §5).

An instruction is read in three steps. It is normalised: width, case, spelling slips, ways to write
the same word. Turns of phrase that only sound like one of the four ("move it to winter") are taken
out. What is left is looked through for the patterns of its language, which are made of classes of
words. Words that come back crosswise ("the red one blue and the blue one red") ask for a swap, too.
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
    """What is asked of an edit that cannot be done."""

    VIEWPOINT = "viewpoint"
    MOVING = "moving"
    SWAPPING = "swapping"
    ISOLATING = "isolating"


ALL_THE_SAME = "!"
"""Before an instruction: it is to be tried whatever we think of it."""

FAR = 600
"""Characters that are read: nobody begins to ask only after them."""

_TAKEN_OUT = "·"
_A_FEW_WORDS = r",? (?:[^ .!?;·]+ ){0,8}?"
_FIRST = (Beyond.ISOLATING, Beyond.SWAPPING, Beyond.VIEWPOINT, Beyond.MOVING)
"""The order in which they are looked for: whoever swaps two things moves both."""


def beyond(instruction: str) -> Beyond | None:
    """What an instruction in English or Japanese asks that no edit can do; None: nothing."""
    said = " ".join(unicodedata.normalize("NFKC", instruction).lower().split())[:FAR]
    if said.startswith(ALL_THE_SAME):
        return None
    if _JAPANESE_LETTER.search(said):
        said, language = _in_japanese(said), _JAPANESE
    else:
        said, language = _in_english(said), _ENGLISH
    crosswise = language.crosswise(said)
    said = language.harmless.sub(_TAKEN_OUT, said)
    for kind in _FIRST:
        if language.patterns[kind].search(said) or (kind is Beyond.SWAPPING and crosswise):
            return kind
    return None


class _Vocabulary(Protocol):
    """What the modules of vocabulary say."""

    WORDS: Mapping[str, str]
    HARMLESS: Sequence[str]
    PATTERNS: Mapping[str, Sequence[str]]
    EDGE: str
    CONTENT: str
    SAME: Mapping[str, str]
    EMPTY: str


class _Language:
    """A vocabulary ready for use."""

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
        """Whether words come back in another order in the next clause: A … B, B … A."""
        clauses = map(self._words, _BETWEEN_CLAUSES.split(said))
        for first, second in itertools.pairwise(filter(None, clauses)):
            places = [second.index(word) for word in first if word in second]
            if places != sorted(places):
                return True
        return False

    def _words(self, clause: str) -> list[str]:
        """What a clause is about, each once."""
        words = (self._same.get(word, word) for word in self._content.findall(clause))
        return [word for word in dict.fromkeys(words) if word not in self._empty]


def _in_english(said: str) -> str:
    """Plain words: apostrophes left out, hyphens as spaces, slips put right."""
    said = re.sub(r"[-‐-―/_~*\"“”()]+", " ", re.sub(r"['’`´]", "", said))
    return " ".join(re.sub(r"[a-z]{4,}", lambda word: _put_right(word[0]), said).split())


@functools.lru_cache(maxsize=4096)
def _put_right(word: str) -> str:
    """The key word of which `word` is a slip: letters swapped, or about one wrong; else `word`."""
    if word in _RIGHT:
        return word
    for key in _KEYS:
        if word[0] == key[0] and sorted(word) == sorted(key):
            return key
    close = difflib.get_close_matches(word, _KEYS, n=1, cutoff=0.82)
    return close[0] if close and close[0][0] == word[0] else word


def _in_japanese(said: str) -> str:
    """One way to write each word: no spaces between letters, kanji for what is written in kana."""
    said = said.replace(" ", "")
    for plain, variants in japanese.VARIANTS.items():
        said = re.sub(variants, plain, said)
    return said


_JAPANESE_LETTER = re.compile("[ぁ-ゖァ-ヺ一-鿿]")
_BETWEEN_CLAUSES = re.compile(r"[,.;、。]|\b(?:and|while|but)\b")
_KEYS = english.KEY_WORDS.split()
_RIGHT = {key + ending for key in _KEYS for ending in ("", "s", "d", "r", "ed", "er", "ing")}
_RIGHT.update(english.NOT_SLIPS.split())
_ENGLISH = _Language(english)
_JAPANESE = _Language(japanese)
