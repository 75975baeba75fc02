"""Commands that are typed in one go, as text: `/imagine a red star steps: 20`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TEXT = "string"


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


def read(
    content: str, catalog: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> Typed | None:
    """Return the command in a text; None if it names none of the catalog.

    catalog: SimCord's entries.  names: other languages' names of commands and options, each with
    the one in the catalog.
    """
    words = content[1:].split()
    for length in range(min(3, len(words)), 0, -1):
        invocation = " ".join(names.get(word, word) for word in words[:length]).lower()
        entry = next((each for each in catalog if each["invocation"] == invocation), None)
        if entry is not None:
            rest = content[1:].split(maxsplit=length)[length:]
            return Typed(entry=entry, options=dict(_options(entry, " ".join(rest), names)))
    return None


def other_names(commands: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return commands' and options' names in other languages, each with the plain one."""
    found: dict[str, str] = {}
    for command in commands:
        for name in (command.get("name_localizations") or {}).values():
            found[name] = command["name"]
        found |= other_names(command.get("options") or ())
    return found


def _options(
    entry: Mapping[str, Any], text: str, names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    known = {option["name"]: option for option in entry["options"]}
    spelled = {name: name for name in known} | {
        other: name for other, name in names.items() if name in known
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
