"""Names of styles: what one may be, and one for a file."""

from __future__ import annotations

import re
import unicodedata

from bot.actions.styles.names import NONE, USUAL, folded
from bot.errors import Refusal
from bot.text.styles import keeping as text

MOST_LETTERS = 40
UNNAMED = "style"
SIGNS = '< > : { } ( ) [ ] | \\ / ` @ , ; " *'
"""The signs that no name has, as a sentence lists them."""

_SYNTAX = re.compile(r"[<>:{}()\[\]|\\/`@,;、。\"*]+")
"""What prompts, lists of styles and Discord give a meaning to."""
_RESERVED = frozenset({*map(folded, NONE), *map(folded, USUAL)})
"""Words that stand for no style, or for the usual one."""
_FILLERS = "\u115f\u1160"
"""Letters of Hangul that nobody sees; compatibility forms of them become the second."""
_SUFFIXES = re.compile(r"\.(safetensors|pt|bin|ckpt|zip)$", re.IGNORECASE)


def checked_name(typed: str) -> str:
    """Return a name as it is stored; `Refusal` if it may not be one."""
    name = _in_one_line(typed)
    if not 1 <= len(name) <= MOST_LETTERS:
        raise Refusal(text.NAME_LENGTH, most=MOST_LETTERS)
    if _SYNTAX.search(name) or name[0] in "#-" or not any(map(str.isalnum, name)):
        raise Refusal(text.NAME_SIGNS, signs=SIGNS)
    if folded(name) in _RESERVED:
        raise Refusal(text.NAME_TAKEN_BY_US, name=name)
    return name


def name_for(title: str) -> str:
    """Return a name for a style whose file is called so."""
    stem = _SUFFIXES.sub("", re.split(r"[/\\]", title)[-1])
    name = _in_one_line(_SYNTAX.sub(" ", unicodedata.normalize("NFKC", stem)))
    name = name.lstrip("#-. ")[:MOST_LETTERS].strip()
    usable = any(map(str.isalnum, name)) and folded(name) not in _RESERVED
    return name if usable else UNNAMED


def numbered(name: str, number: int) -> str:
    """Return a name with a number behind it, for one that is taken."""
    behind = f" {number}"
    return name[: MOST_LETTERS - len(behind)].rstrip() + behind


def _in_one_line(words: str) -> str:
    """Return words in one line, without characters that nobody sees."""
    words = unicodedata.normalize("NFKC", words)
    plain = "".join(
        " " if letter.isspace() else letter
        for letter in words
        if letter.isspace() or not (letter in _FILLERS or unicodedata.category(letter)[0] == "C")
    )
    return " ".join(plain.split())
