"""Escapes foreign text for Discord's Markdown, so that each of its characters is shown as it is.

Foreign is all that is not ours: prompts, names of models from files, texts of libraries.  `Phrase`
escapes what it is filled with, unless that is `Markup`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SHOWN_PROMPT = 300
"""Characters of a prompt in a message; the whole of it is in the picture's panel."""
MOST_DESCRIBED = 200
"""Characters of a picture's description, which has little room."""

ZERO_WIDTH_SPACE = "\u200b"

_HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # invisible ones of scripts
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # zero width, line ends, directions
    "\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef\ud800-\udfff"  # no characters at all
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e001f\U000e0080-\U000e00ff"
    "]"
)
"""Characters that show nothing by themselves but hide text, break words or turn lines around."""

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_REPEATED = re.compile(f"([{_SELECTORS}])[{_SELECTORS}]+|([\u200c\u200d])[\u200c\u200d]+")
"""Selectors of glyphs and joiners: one means something, more could hide a text."""
_JOINERS = re.compile("(?<![^\x00-\x7f\\s])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\\s])")
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
    "|[\U000e0020-\U000e007f]"
)
"""Invisible copies of ASCII; they spell a region after a black flag, as in England's."""

_SPECIAL = re.compile(r"[\\*_~`|#<>\[\]():/@]|^[-+]|(?<=\d)\.(?=\s|$)|\.(?=[^\W\d])")
"""What Discord's Markdown gives a meaning to: dashes and numbers where they begin the line of a
list, dots there and in addresses, everything else anywhere."""
_PLAIN = re.compile(r"(?!.*//)[\w .,:×+/…-]+")
_CALLS = re.compile(r"(?<=@)(?=everyone|here)", re.IGNORECASE)


class Markup(str):
    """Text in Discord's Markdown: our own, or escaped; safe to be shown as it is."""

    __slots__ = ()


def shown(words: str) -> str:
    """Return foreign text on one line, without characters that nobody sees.

    Joiners stay between characters beyond ASCII, where emoji and scripts such as Persian need them;
    within Latin words they only keep words from being recognised.
    """
    line = _HIDDEN.sub("", " ".join(words.split()))
    line = _TAGS.sub(lambda found: found[1] or "", line)
    line = _REPEATED.sub(r"\1\2", line)
    # Some stood between spaces.
    return " ".join(_JOINERS.sub("", line).split())


def quoted(words: str, most: int = SHOWN_PROMPT, room: int | None = None) -> Markup:
    """Return foreign text for a message: one line, escaped.

    `most`: the most characters that are seen; `room`: the most that it takes with its escapes.
    """
    line = cut(shown(words), most)
    escaped = escape(line)
    while room is not None and len(escaped) > room:
        # At most every other character is a backslash, so this never takes away too much.
        line = cut(line, len(line) - max(1, (len(escaped) - room) // 2)) if room > 0 else ""
        escaped = escape(line)
    return escaped


def code(words: str, most: int = SHOWN_PROMPT) -> Markup:
    """Return a value as code, which has no escapes: any but plain ones stand in quotes instead."""
    line = cut(shown(words), most)
    if _PLAIN.fullmatch(line):
        return Markup(f"`{line}`")
    return Markup(f"“{escape(line)}”")


def escape(line: str) -> Markup:
    """Put a backslash before what Markdown gives a meaning to; Discord shows the line without them.

    `@everyone` and `@here` get a zero-width space besides, as Discord looks for those without reading
    Markdown.
    """
    return Markup(_SPECIAL.sub(r"\\\g<0>", _CALLS.sub(ZERO_WIDTH_SPACE, line)))


def cut(line: str, most: int) -> str:
    """Shorten a line to `most` characters, the last of them an ellipsis."""
    if len(line) <= most:
        return line
    # What joined the last character to the next one has lost its meaning.
    return line[: max(0, most - 1)].rstrip(" \u200c\u200d") + "…"


def alt(words: str) -> str:
    """Return words as the description of a picture, where Markdown has no meaning."""
    return cut(shown(words), MOST_DESCRIBED)


def mention(member_id: int) -> Markup:
    """Return a member's name as Discord shows it to each viewer; it pings nobody by itself."""
    return Markup(f"<@{member_id}>")


def message_link(server_id: int, channel_id: int, message_id: int) -> Markup:
    """Return the address of a message in a server."""
    return Markup(f"https://discord.com/channels/{server_id}/{channel_id}/{message_id}")


def channels(channel_ids: Iterable[int]) -> Markup:
    """Return the names of channels, each a link to it."""
    return Markup(" ".join(f"<#{each}>" for each in channel_ids))
