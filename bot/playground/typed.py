"""Commands that are typed in one go, as text: `/imagine a red star steps: 20`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

TEXT = "string"
Names = Mapping[str, Collection[str]]
"""Names in other languages, each with the names in the catalog that it stands for."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A command and the options in the text after it."""

    entry: Mapping[str, Any]
    options: Mapping[str, str]

    def lacks(self) -> list[str]:
        """Return the names of the required options that the text does not give."""
        return [
            option["name"]
            for option in self.entry["options"]
            if option["required"] and option["name"] not in self.options
        ]


def looks_like_a_command(content: str) -> bool:
    """Return True for `/imagine`, and False for `/ 2` or `//`."""
    return re.match(r"/\w", content) is not None


def read(content: str, catalog: Sequence[Mapping[str, Any]], names: Names) -> Typed | None:
    """Return the command in a text; None if it names none of the catalog.

    catalog: SimCord's entries.  names: what `other_names` returns.
    """
    words = content[1:].split()
    for length in range(min(3, len(words)), 0, -1):
        named = words[:length]
        entry = next((each for each in catalog if _names(named, each["invocation"], names)), None)
        if entry is not None:
            rest = content[1:].split(maxsplit=length)[length:]
            return Typed(entry=entry, options=dict(_options(entry, " ".join(rest), names)))
    return None


def other_names(commands: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return commands' and options' names in other languages, each with all that it stands for."""
    found: dict[str, set[str]] = {}
    for command in commands:
        for name in (command.get("name_localizations") or {}).values():
            found.setdefault(name, set()).add(command["name"])
        for name, plain in other_names(command.get("options") or ()).items():
            found.setdefault(name, set()).update(plain)
    return found


def _names(words: Sequence[str], invocation: str, names: Names) -> bool:
    """Return True if words name a command."""
    plain = invocation.split()
    return len(words) == len(plain) and all(
        word.lower() == each or each in names.get(word, ())
        for word, each in zip(words, plain, strict=True)
    )


def _options(entry: Mapping[str, Any], text: str, names: Names) -> Iterator[tuple[str, str]]:
    known = {option["name"]: option for option in entry["options"]}
    spelled = {name: name for name in known} | {
        other: name for other, plain in names.items() for name in plain if name in known
    }
    if not spelled:
        return
    longest_first = sorted(map(re.escape, spelled), key=len, reverse=True)
    begun = re.split(rf"(?:^|\s)({'|'.join(longest_first)})[:：]\s*", text)
    given = list(zip((spelled[name] for name in begun[1::2]), begun[2::2], strict=True))
    bare = begun[0].strip()
    first = _for_bare_text(entry["options"])
    if bare and first is not None and first not in dict(given):
        yield first, bare
    for name, value in given:
        yield name, _choice(known[name], value.strip())


def _for_bare_text(options: Sequence[Mapping[str, Any]]) -> str | None:
    texts = [option for option in options if option["type"] == TEXT and not option["choices"]]
    required = [option for option in texts if option["required"]]
    return next((option["name"] for option in required or texts), None)


def _choice(option: Mapping[str, Any], value: str) -> str:
    """Return the value of a choice that was named by what the list shows."""
    for choice in option["choices"]:
        if choice["name"].lower() == value.lower():
            return str(choice["value"])
    return value
