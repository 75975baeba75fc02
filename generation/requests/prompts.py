"""Prompts as people write and paste them: weights in parentheses, alternatives in braces."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator

from dynamicprompts.generators import RandomPromptGenerator
from dynamicprompts.parser.config import ParserConfig
from pyparsing import ParseBaseException

HEAVIER = 1.1
"""What one pair of parentheses multiplies a weight by, and square brackets divide it by."""
LEAST_WEIGHT, MOST_WEIGHT = 0.0, 4.0
"""Weights beyond these paint noise; they are brought back to the nearest of them."""

MOST_BRACES, DEEPEST = 24, 4
"""Alternatives in a prompt, and alternatives within alternatives: reading them takes long."""

# Braces alone mean something here, and the library would read more: these stand for its
# other signs, which nobody types, and for what it takes for a comment or a bound.
_BRACES_ONLY = ParserConfig(wildcard_wrap="\ue000", variable_start="\ue001", wrap_start="\ue002")
_MEANT = {"#": "\ue003", "$": "\ue004"}
_SIGN = re.compile(r"#|(?<!\$)\$(?!\$)")

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[()\[\]\\])
    | :\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)
    | (?P<bracket>[()\[\]])
    | (?P<text>[^\\()\[\]:]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt whose words all weigh the same."""

    text: str
    weight: float = 1.0


@dataclasses.dataclass(slots=True)
class _Open:
    """A bracket that waits for its other half, and what it has enclosed so far."""

    bracket: str
    inside: list[Piece]


def pieces(prompt: str) -> list[Piece]:
    """Read `(word)`, `((word))`, `[word]`, `(word:1.3)` and `\\(`, nested as deep as one likes.

    A bracket without its other half is text, as are weights outside parentheses.  Neighbours
    of equal weight are one piece; no piece is blank.
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
        else:
            innermost.inside.append(Piece(token["escaped"] or token["text"]))
    while len(stack) > 1:
        unclosed = stack.pop()
        stack[-1].inside += [Piece(unclosed.bracket), *unclosed.inside]
    return list(_joined(stack[0].inside))


class Fault(enum.Enum):
    """What is wrong with a prompt's braces, in a sentence."""

    UNMATCHED = "Every { in the prompt needs its }, as in {red|blue}."
    TOO_MANY = f"A prompt can hold {MOST_BRACES} choices in braces, {DEEPEST} within each other."
    UNREADABLE = "The braces in the prompt cannot be read; write {red|blue}."


class BadPrompt(Exception):
    """A prompt cannot be read; the message is a sentence that says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def has_alternatives(prompt: str) -> bool:
    """Whether there is anything in it to choose from."""
    return "{" in prompt and "}" in prompt


def chosen(prompt: str, seed: int) -> str:
    """The prompt with one of `{a|b}` chosen by `seed`, the same one each time.

    `{3::a|b}` makes a three times as likely; `{2$$a|b|c}` takes two.  `BadPrompt` if the
    braces cannot be read.
    """
    if not has_alternatives(prompt):
        return prompt
    depth = deepest = 0
    for character in prompt:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            break
    if depth:
        raise BadPrompt(Fault.UNMATCHED)
    if prompt.count("{") > MOST_BRACES or deepest > DEEPEST:
        raise BadPrompt(Fault.TOO_MANY)
    generator = RandomPromptGenerator(seed=seed, parser_config=_BRACES_ONLY)
    try:
        [text] = generator.generate(_SIGN.sub(lambda sign: _MEANT[sign[0]], prompt), num_images=1)
    except (ParseBaseException, ValueError, ArithmeticError) as error:
        raise BadPrompt(Fault.UNREADABLE) from error
    for sign, stand_in in _MEANT.items():
        text = text.replace(stand_in, sign)
    return text


def _times(inside: list[Piece], factor: float) -> list[Piece]:
    return [Piece(piece.text, piece.weight * factor) for piece in inside]


def _joined(parts: list[Piece]) -> Iterator[Piece]:
    """Neighbours of one weight together, their weights within bounds, blank ones left out."""
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
