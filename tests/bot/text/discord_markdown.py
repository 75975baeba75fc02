"""A reader of Discord's Markdown, written after what its clients do and apart from our escaping.

Where clients differ, and where something is only perhaps a link, it is taken for one.
"""

from __future__ import annotations

import re

OPEN, INSIDE, SHUT = "\ue000", "\ue001", "\ue002"
"""Around what is more than text: OPEN kind INSIDE words SHUT."""

BEGINNINGS = {
    "subtext": r"^-# +(?=\S)",
    "heading": r"^ *#{1,3} +(?=\S)",
    "quote": r"^ *(?:>>>|>) ",
    "list": r"^ *(?:[*+-]|\d+\.) +(?=\S)",
}
"""Of lines."""
LITERAL = {
    "fence": r"```.*?```",
    "code": r"(?P<ticks>`+)(?!`).*?[^`](?P=ticks)(?!`)",
    "autolink": r"<[A-Za-z][A-Za-z0-9+.-]*:/[^ >]+>",
    "mail": r"<(?:mailto:)?[^\s<>@\\]+@[^\s<>@\\]+\.[^\s<>@\\]+>|<(?:tel:)?\+[\d ]+>",
    "url": r"(?:https?|steam|discord|ftp|file)://[^\s<]*[^\s<.,:;\"')\]]",
    "invite": r"(?:discord\.gg|discord(?:app)?\.com/invite|dsc\.gg)/[\w-]+",
    "address": r"www\.[\w-]+\.\w+",
    "mention": r"<@[!&]?\d+>|<#\d+>|</[^>\n]+:\d+>|<id:[a-z-]+(?::\d+)?>|@(?:everyone|here)",
    "emoji": r"<a?:[A-Za-z0-9_]+:\d+>|:[a-z0-9_+-]+:",
    "time": r"<t:-?\d+(?::[a-zA-Z])?>",
}
"""Their insides are not read again."""
NESTED = {
    "masked": r"\[(?P<masked_in>(?:\[(?:\\.|[^\]\\])*\]|\\.|[^\[\]\\])*)\]\((?:\\.|[^\\)])*\)",
    "spoiler": r"\|\|(?P<spoiler_in>(?:\\.|[^\\])+?)\|\|",
    "strike": r"~~(?P<strike_in>(?:\\.|[^\\])+?)~~",
    "bold": r"\*\*(?P<bold_in>(?:\\.|[^\\])+?)\*\*(?!\*)",
    "underline": r"__(?P<underline_in>(?:\\.|[^\\])+?)__(?!_)",
    "italics": r"\*(?=\S)(?P<italics_in>(?:\\.|\*\*|[^\\*])+?)\*(?!\*)",
    "slanted": r"(?<!\w)_(?P<slanted_in>(?:\\.|__|[^\\_])+?)_(?!\w)",
}
"""Their insides are Markdown again."""

TOKEN = re.compile(
    "|".join(
        [
            r"\\(?P<escaped>[^0-9A-Za-z\s])",
            *(f"(?P<{kind}>{rule})" for kind, rule in (BEGINNINGS | LITERAL | NESTED).items()),
        ]
    ),
    re.DOTALL | re.MULTILINE,
)


def read(source: str) -> str:
    """Return what members see, with a mark around each thing that is more than text."""
    seen, at = [], 0
    for found in TOKEN.finditer(source):
        seen.append(source[at : found.start()])
        at = found.end()
        if found["escaped"]:
            seen.append(found["escaped"])
            continue
        kind = next(each for each in (*BEGINNINGS, *LITERAL, *NESTED) if found[each] is not None)
        if kind in NESTED:
            inside = read(found[f"{kind}_in"])
        else:
            inside = found[kind].strip("`") if kind == "code" else found[kind]
        seen.append(f"{OPEN}{kind}{INSIDE}{'' if kind in BEGINNINGS else inside}{SHUT}")
    seen.append(source[at:])
    return "".join(seen)


def kinds(read_: str) -> list[str]:
    """Return what there is besides text, in the order in which it begins."""
    return re.findall(f"{OPEN}([a-z]+){INSIDE}", read_)
