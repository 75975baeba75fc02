"""Names of styles as members type them: compared without case, width or kind of kana."""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from storage.style_records import Style

NONE = frozenset({"none", "なし", "無し"})
"""What stands for no style at all."""

USUAL = frozenset({"default", "標準"})
"""What takes a member's usual style back."""

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SEPARATOR = re.compile(r"[,、;\n]")
_NUMBERED = re.compile(r"(.+?)\s*[:=\s]\s*([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))")
_TAG = re.compile(r"<(?:lora|lyco|lycoris):(.+)>", re.IGNORECASE)

MOST_TYPED = 1000
"""Characters that are read of what was typed."""
MOST_COMMAS = 8
"""Pieces between commas that may belong to one name."""
OTHERWISE = 6
"""Rank of what matches in nothing but its single words."""


@dataclasses.dataclass(frozen=True, slots=True)
class TypedStyle:
    """A style as it was typed, and its strength if that was said."""

    name: str
    strength: float | None = None


@functools.lru_cache(maxsize=2**14)
def folded(name: str) -> str:
    """Return the form of a name in which it is compared: no case, no width, hiragana alone."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().translate(_HIRAGANA).split())


def read_typed(typed: str, known: Callable[[str], bool]) -> Iterator[TypedStyle]:
    """Yield the styles in what a member typed: `ink:0.8, oil`, `墨：0.5、水彩`, `<lora:ink:0.8>`.

    known: tells if there is a style of a name, which may itself have commas, colons and digits.
    Names that are not known come out as they were typed.
    """
    line = unicodedata.normalize("NFKC", typed)[:MOST_TYPED]
    ends = [found.start() for found in _SEPARATOR.finditer(line)] + [len(line)]
    begin, at = 0, 0
    while at < len(ends):
        # The longest name first: what looks like two styles may be one with a comma in its name.
        for end in range(min(len(ends), at + MOST_COMMAS), at, -1):
            found = _one(line[begin : ends[end - 1]].strip(), known)
            if found is not None:
                break
        else:
            end, found = at + 1, _unknown(line[begin : ends[at]].strip())
        if found.name:
            yield found
        begin, at = ends[end - 1] + 1, end


def last_piece(typed: str) -> tuple[str, str, str]:
    """Split what is being typed: all up to the last separator, the name after it, its strength."""
    found = list(re.finditer(r"[,，、;；]\s*", typed))
    end = found[-1].end() if found else 0
    name = unicodedata.normalize("NFKC", typed[end:]).strip()
    numbered = _NUMBERED.fullmatch(name)
    if numbered and not name[numbered.end(1) :].isspace():
        return typed[:end], numbered[1], f":{numbered[2]}"
    return typed[:end], name.rstrip(":= "), ""


def _one(written: str, known: Callable[[str], bool]) -> TypedStyle | None:
    """Return the known style that this names, as a whole or before a strength."""
    tag = _TAG.fullmatch(written)
    written = tag[1] if tag else written
    if known(written):
        return TypedStyle(written)
    numbered = _NUMBERED.fullmatch(written)
    if numbered and known(numbered[1]):
        return TypedStyle(numbered[1], float(numbered[2].replace(",", ".")))
    return None


def _unknown(written: str) -> TypedStyle:
    numbered = _NUMBERED.fullmatch(written)
    return TypedStyle(numbered[1] if numbered else written)


def rank(query: str, style: Style) -> int | None:
    """Return how well a style matches a folded query, the best with the least; None: not at all.

    By its name: exact, prefix, start of a word, any part of it; then by its trigger words.
    """
    name, trigger = folded(style.name), folded(style.trigger)
    if not query:
        return 0
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    if _starts_word(query, name):
        return 2
    if query in name:
        return 3
    if _starts_word(query, trigger):
        return 4
    if query in trigger:
        return 5
    words = query.split()
    return OTHERWISE if all(word in name or word in trigger for word in words) else None


def _starts_word(query: str, text: str) -> bool:
    at = text.find(query)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            return True
        at = text.find(query, at + 1)
    return False


def ordered(
    query: str, styles: Sequence[Style], member_id: int, recent: Sequence[int]
) -> list[Style]:
    """Return the styles that match, best first; then a member's own and recently used ones."""
    last = {style_id: place for place, style_id in enumerate(recent)}
    query = folded(query)
    ranked = [(found, style) for style in styles if (found := rank(query, style)) is not None]

    def key(item: tuple[int, Style]) -> tuple[int, bool, int, str]:
        found, style = item
        used, own = last.get(style.id), style.owner_id == member_id
        return found, used is None and not own, len(last) if used is None else used, style.name

    return [style for _, style in sorted(ranked, key=key)]
