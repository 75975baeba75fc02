"""Edit prompts: a caption, an instruction, and the caption of the edited picture.

They come from a table that somebody wrote, or from captions by replacing words with alternatives.
InstructPix2Pix (Brooks et al., arXiv 2211.09800, section 3.1.1) had a language model write them;
whatever does can write the table.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from generation.protocol.problems import Code, blanks
from generation.requests.refused import Refused

MOST_BYTES = 64 * 2**20
COLUMNS = ("caption", "instruction", "edited")


@dataclasses.dataclass(frozen=True, kw_only=True)
class EditPrompt:
    """The caption of a picture, what is asked to be changed, and the caption after that."""

    caption: str
    instruction: str
    edited: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Alternatives:
    """Words or phrases of which one can stand in a caption in place of another.

    templates: instructions with the places {old} and {new}.
    """

    words: tuple[str, ...]
    templates: tuple[str, ...]


_THING = ("replace the {old} with a {new}", "turn the {old} into a {new}")
_QUALITY = ("make it {new}", "make it {new} instead of {old}", "change {old} to {new}")

USUAL = (
    Alternatives(
        words=(
            *("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"),
            *("white", "black", "grey"),
        ),
        templates=_QUALITY,
    ),
    Alternatives(
        words=("wooden", "golden", "silver", "stone", "glass", "metal", "paper"),
        templates=_QUALITY,
    ),
    Alternatives(
        words=("spring", "summer", "autumn", "winter"),
        templates=("make it {new}", "change the season to {new}"),
    ),
    Alternatives(
        words=("at dawn", "at noon", "at sunset", "at night"),
        templates=("make it {new}", "show it {new}"),
    ),
    Alternatives(
        words=("sunny", "cloudy", "rainy", "snowy", "foggy"),
        templates=("make it {new}", "make the weather {new}"),
    ),
    Alternatives(
        words=("cat", "dog", "horse", "cow", "sheep", "rabbit", "fox", "lion", "tiger", "bear"),
        templates=_THING,
    ),
    Alternatives(words=("man", "woman", "boy", "girl", "robot"), templates=_THING),
    Alternatives(words=("car", "bus", "truck", "bicycle", "boat"), templates=_THING),
    Alternatives(words=("house", "castle", "tower", "church", "temple"), templates=_THING),
    Alternatives(words=("beach", "forest", "desert", "city", "mountain"), templates=_THING),
    Alternatives(
        words=("photo", "painting", "drawing", "watercolor", "sketch"),
        templates=("make it a {new}", "turn it into a {new}"),
    ),
)
"""For English captions of photographs and paintings."""


def read_captions(file: Path) -> list[str]:
    """Read captions: one a line of a text; of a .jsonl, its objects' `caption` or `text`.

    Raises `Refused`.
    """
    if file.suffix.lower() == ".jsonl":
        captions = [row.get("caption", row.get("text", "")) for row in _rows(file)]
    else:
        captions = _text(file).splitlines()
    found = list(dict.fromkeys(" ".join(str(each).split()) for each in captions))
    if not (found := [each for each in found if each]):
        raise Refused(Code.PAIRS_NO_CAPTIONS, name=file.name)
    return found


def read_table(file: Path) -> list[EditPrompt]:
    """Read edit prompts from a .csv with a head or a .jsonl: `caption`, `instruction`, `edited`.

    Raises `Refused`, with the line that lacks one of them.
    """
    prompts = []
    for number, row in enumerate(_rows(file), 1):
        values = [row.get(name) for name in COLUMNS]
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise Refused(Code.PAIRS_ROW, name=file.name, row=number)
        caption, instruction, edited = (" ".join(str(value).split()) for value in values)
        prompts.append(EditPrompt(caption=caption, instruction=instruction, edited=edited))
    if not prompts:
        raise Refused(Code.PAIRS_NO_CAPTIONS, name=file.name)
    return prompts


def is_table(file: Path) -> bool:
    """Return True if a file holds instructions, not captions alone; raises `Refused`."""
    if file.suffix.lower() == ".csv":
        return True
    if file.suffix.lower() != ".jsonl":
        return False
    first = next(iter(_rows(file)), {})
    return "instruction" in first


def read_alternatives(file: Path) -> list[Alternatives]:
    """Read alternatives from JSON: objects with `words`, and with `templates` if need be.

    Raises `Refused`.
    """
    try:
        found = [
            Alternatives(
                words=_strings(each["words"], least=2),
                templates=_templates(each.get("templates", list(_QUALITY))),
            )
            for each in json.loads(_text(file))
        ]
        if not found:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(Code.PAIRS_ALTERNATIVES, name=file.name) from error
    return found


def replacements(
    captions: Sequence[str],
    alternatives: Sequence[Alternatives] = USUAL,
    *,
    each: int = 1,
    seed: int = 0,
) -> list[EditPrompt]:
    """Make up to `each` edit prompts of every caption, by replacing a phrase with an alternative.

    Raises `Refused` if no caption contains any of the alternatives.
    """
    prompts = []
    for number, caption in enumerate(captions):
        chance = Random(f"replacements/{seed}/{number}")
        possible = list(_possible(caption, alternatives))
        chance.shuffle(possible)
        prompts += [_replaced(caption, *some, chance) for some in possible[:each]]
    if not prompts:
        raise Refused(Code.PAIRS_NOTHING_TO_REPLACE)
    return prompts


_Replacement = tuple[re.Match[str], str, Alternatives]


def _possible(caption: str, alternatives: Sequence[Alternatives]) -> Iterator[_Replacement]:
    for some in alternatives:
        for word in some.words:
            for found in re.finditer(_pattern(word), caption, re.IGNORECASE):
                for other in some.words:
                    if other != word:
                        yield found, other, some


def _pattern(word: str) -> str:
    """Return a pattern of a whole word; in a script without spaces, of these letters anywhere."""
    begins = r"(?<!\w)" if word[0].isascii() else ""
    ends = r"(?!\w)" if word[-1].isascii() else ""
    return begins + re.escape(word) + ends


def _replaced(
    caption: str, found: re.Match[str], word: str, some: Alternatives, chance: Random
) -> EditPrompt:
    before, after = caption[: found.start()], caption[found.end() :]
    template = chance.choice(some.templates)
    return EditPrompt(
        caption=caption,
        instruction=_with_articles(template.format(old=found[0].lower(), new=word)),
        edited=_with_articles(before + word + after),
    )


def _with_articles(text: str) -> str:
    """Let every "a" and "an" agree with the letter that follows."""
    text = re.sub(r"\b([Aa]) (?=[aeioAEIO])", r"\1n ", text)
    return re.sub(r"\b([Aa])n (?=[b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z](?!\b))", r"\1 ", text)


def _strings(values: Any, *, least: int) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) < least:
        raise ValueError
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise ValueError
    return tuple(values)


def _templates(values: Any) -> tuple[str, ...]:
    templates = _strings(values, least=1)
    if any(blanks(each) - {"old", "new"} for each in templates):
        raise ValueError
    return templates


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    lines = _text(file).splitlines()
    if file.suffix.lower() == ".csv":
        yield from csv.DictReader(lines)
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise Refused(Code.PAIRS_ROW, name=file.name, row=number)
        yield row


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Refused(Code.PAIRS_UNREADABLE, name=file.name, most=MOST_BYTES // 2**20)
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(Code.PAIRS_UNREADABLE, name=file.name, most=MOST_BYTES // 2**20) from error
