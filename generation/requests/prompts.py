"""Prompts as people write them: weights in parentheses, parts, alternatives in braces."""

from __future__ import annotations

import dataclasses
import functools
import math
import random
import re
from collections.abc import Iterator

from dynamicprompts.commands import Command, SamplingMethod
from dynamicprompts.parser.config import ParserConfig
from dynamicprompts.parser.parse import parse
from dynamicprompts.sampling_context import SamplingContext
from dynamicprompts.wildcards import WildcardManager
from pyparsing import ParseBaseException

from generation.protocol.problems import Code
from generation.requests.refused import Refused

HEAVIER = 1.1
"""Factor by which a pair of parentheses multiplies a weight, and square brackets divide it."""
LEAST_WEIGHT, MOST_WEIGHT = 0.0, 4.0
"""Weights beyond these paint noise; they are brought back to the nearest of them."""

MOST_LIGHTER = 32
"""Pieces that weigh less than 1: for each of them the prompt is encoded once more without it."""

MOST_PARTS = 10
"""Parts that `BREAK` makes: the text encoder reads each of them apart, and the UNet all of them at
each step."""

MOST_BRACES, DEEPEST = 24, 4
"""Choices in a prompt, and choices within choices."""
MOST_ALTERNATIVES = 100
"""Things to choose from in all of a prompt's braces together: reading one takes the library a
third of a millisecond, even if it is empty."""
LONGEST_CHOICE = 1500
"""Characters that a prompt may grow to by what is chosen: `{9$$, $$…}` repeats its separator."""

# Braces alone mean something here, and the library would read more: these stand for its
# other signs, and for what it takes for a comment, a bound or a way to choose.
_BRACES_ONLY = ParserConfig(wildcard_wrap="\ue000", variable_start="\ue001", wrap_start="\ue002")
_MEANT = {"#": "\ue003", "$": "\ue004", "/": "\ue005", "~": "\ue006", "!": "\ue007", "@": "\ue008"}
_MEANT_TABLE = str.maketrans(_MEANT)
_STANDS_FOR = str.maketrans({stand_in: sign for sign, stand_in in _MEANT.items()})
_RESERVED = re.compile("[\ue000-\ue008]")
_SIGN = re.compile(r"#|(?<!\$)\$(?!\$)|/(?=[/*])")
# All ways to choose but by chance are pointless for one prompt, and one of them never ends
# where two alternatives are alike.
_WAY_TO_CHOOSE = re.compile(r"(\{\s*)[~!@]([~!@\s]*)")

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[()\[\]\\]|BREAK\b)
    | (?P<break>\bBREAK\b)
    | :\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)
    | (?P<bracket>[()\[\]])
    | (?P<text>(?:(?!\bBREAK\b)[^\\()\[\]:])+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt whose words all weigh the same."""

    text: str
    weight: float = 1.0


_BREAK = Piece("BREAK", math.nan)
"""Stands between the pieces of two parts."""


@dataclasses.dataclass(slots=True)
class _Open:
    """A bracket that waits for its other half, and what it has enclosed so far."""

    bracket: str
    inside: list[Piece]


def parts_of(prompt: str) -> list[list[Piece]]:
    """Return the pieces of each part of a prompt; `BREAK` ends one, and none is empty."""
    parts: list[list[Piece]] = [[]]
    for piece in _read_brackets(prompt):
        if piece is _BREAK:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [part for joined in parts if (part := list(_joined(joined)))]


def has_breaks(prompt: str) -> bool:
    """Return True if the prompt has parts that are to be read apart."""
    return re.search(r"(?<!\\)\bBREAK\b", prompt) is not None


def unbroken(prompt: str) -> str:
    """Escape each `BREAK`, so that it is a word like any other."""
    return re.sub(r"(?<!\\)\bBREAK\b", r"\\BREAK", prompt)


def literal(text: str) -> str:
    """Return the prompt that is read as this text: its brackets and `BREAK` mean nothing."""
    return re.sub(r"[()\[\]\\]|\bBREAK\b", lambda found: "\\" + found[0], text)


def pieces(prompt: str) -> list[Piece]:
    """Return the pieces of all parts of a prompt."""
    return [piece for part in parts_of(prompt) for piece in part]


def _read_brackets(prompt: str) -> list[Piece]:
    """Read `(word)`, `((word))`, `[word]`, `(word:1.3)` and `\\(`, nested as deep as one likes.

    A bracket without its other half is text, as are weights outside parentheses.
    """
    stack = [_Open("", [])]
    for token in _TOKEN.finditer(prompt):
        innermost = stack[-1]
        if bracket := token["bracket"]:
            if bracket in "([":
                stack.append(_Open(bracket, []))
            elif (innermost.bracket, bracket) in {("(", ")"), ("[", "]")}:
                stack.pop()
                factor = HEAVIER if bracket == ")" else 1 / HEAVIER
                stack[-1].inside += _times(innermost.inside, factor)
            else:
                innermost.inside.append(Piece(bracket))
        elif token["weight"] is not None:
            if innermost.bracket == "(":
                stack.pop()
                stack[-1].inside += _times(innermost.inside, float(token["weight"]))
            else:
                innermost.inside.append(Piece(token[0]))
        elif token["break"]:
            innermost.inside.append(_BREAK)
        else:
            innermost.inside.append(Piece(token["escaped"] or token["text"]))
    while len(stack) > 1:
        unclosed = stack.pop()
        stack[-1].inside += [Piece(unclosed.bracket), *unclosed.inside]
    return stack[0].inside


def has_alternatives(prompt: str) -> bool:
    """Return True if the prompt has alternatives to choose from."""
    return "{" in prompt and "}" in prompt


def check_braces(prompt: str) -> None:
    """Raise `Refused` for braces without any partner, which somebody typed for a choice.

    `chosen` leaves them as they stand: pictures may have been painted so.
    """
    opened, closed = ("{" in prompt), ("}" in prompt)
    if re.search("[|｜]", prompt):
        opened, closed = opened or "｛" in prompt, closed or "｝" in prompt
    if opened != closed:
        raise Refused(Code.BRACES_UNMATCHED)


@functools.lru_cache(256)
def chosen(prompt: str, seed: int) -> str:
    """The prompt with one of `{a|b}` chosen by `seed`, the same one each time.

    `{3::a|b}` makes a three times as likely; `{2$$a|b|c}` takes two.  `Refused` if the
    braces cannot be read, or if it has too many parts or pieces weighed down.  Slow the first
    time: not for an event loop.
    """
    text = _sampled(prompt, seed) if has_alternatives(prompt) else prompt
    parts = parts_of(text)
    if len(parts) > MOST_PARTS:
        raise Refused(Code.TOO_MANY_BREAKS, most=MOST_PARTS - 1)
    if sum(piece.weight < 1 for part in parts for piece in part) > MOST_LIGHTER:
        raise Refused(Code.TOO_MANY_LIGHTER, lighter=MOST_LIGHTER)
    return text


def _sampled(prompt: str, seed: int) -> str:
    """One of the prompts that the braces stand for."""
    command = _read(prompt)
    context = SamplingContext(
        default_sampling_method=SamplingMethod.RANDOM,
        wildcard_manager=WildcardManager(),
        parser_config=_BRACES_ONLY,
        rand=random.Random(seed),
    )
    try:
        [result] = context.sample_prompts(command, 1)
    except (ValueError, ArithmeticError, RuntimeError) as error:
        raise Refused(Code.BRACES_UNREADABLE) from error
    text = str(result).translate(_STANDS_FOR)
    if len(text) > max(len(prompt), LONGEST_CHOICE):
        raise Refused(Code.BRACES_TOO_LONG, longest=LONGEST_CHOICE)
    return text


@functools.lru_cache(64)
def _read(prompt: str) -> Command:
    """Parse the alternatives by the library's grammar; once for all seeds."""
    _check_size(prompt)
    if _RESERVED.search(prompt):
        raise Refused(Code.BRACES_UNREADABLE)
    meant = _SIGN.sub(lambda sign: _MEANT[sign[0]], prompt)
    meant = _WAY_TO_CHOOSE.sub(lambda way: way[1] + way[2].translate(_MEANT_TABLE), meant)
    try:
        return parse(meant, parser_config=_BRACES_ONLY)
    except (ParseBaseException, ValueError, ArithmeticError) as error:
        raise Refused(Code.BRACES_UNREADABLE) from error


def _check_size(prompt: str) -> None:
    """Raise `Refused` for braces without their other half, and for too many of them."""
    depth = deepest = alternatives = 0
    for character in prompt:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
        # What follows a bar, and what follows an opening brace.
        alternatives += character == "{" or (character == "|" and depth > 0)
        if depth < 0:
            break
    if depth:
        raise Refused(Code.BRACES_UNMATCHED)
    if prompt.count("{") > MOST_BRACES or deepest > DEEPEST:
        raise Refused(Code.BRACES_TOO_MANY, most=MOST_BRACES, deepest=DEEPEST)
    if alternatives > MOST_ALTERNATIVES:
        raise Refused(Code.BRACES_TOO_MANY_ALTERNATIVES, alternatives=MOST_ALTERNATIVES)


def _times(inside: list[Piece], factor: float) -> list[Piece]:
    return [
        piece if piece is _BREAK else Piece(piece.text, piece.weight * factor) for piece in inside
    ]


def _joined(parts: list[Piece]) -> Iterator[Piece]:
    """Yield neighbours of one weight as one, weights within bounds, and no blank piece."""
    waiting: Piece | None = None
    for part in parts:
        weight = min(MOST_WEIGHT, max(LEAST_WEIGHT, round(part.weight, 4)))
        if waiting is not None and (weight == waiting.weight or not part.text.strip()):
            waiting = Piece(waiting.text + part.text, waiting.weight)
            continue
        if waiting is not None and waiting.text.strip():
            yield waiting
        waiting = Piece(part.text, weight)
    if waiting is not None and waiting.text.strip():
        yield waiting
