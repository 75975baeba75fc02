"""Map gestures to ratings: pure functions that do not depend on the order of arrival."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

PICTURES_A_MESSAGE = 8
"""Number of pictures that one message shows."""

EARLIER_PICTURES_A_MESSAGE = 4
"""The same for rounds of earlier versions, which do not say it, and for the private pages with a
comparison's single pictures."""

SHEET = -1
"""The part number of a message that shows a whole round as one sheet, where nothing can be
rated."""


class Gesture(enum.Enum):
    """Action requested by a reaction on the message of a picture or a round."""

    LIKE_1 = "like_1"
    LIKE_2 = "like_2"
    LIKE_3 = "like_3"
    LIKE_4 = "like_4"
    LIKE_5 = "like_5"
    LIKE_6 = "like_6"
    LIKE_7 = "like_7"
    LIKE_8 = "like_8"
    LIKE_ALL = "like_all"
    DISLIKE_ALL = "dislike_all"
    NEXT = "next"
    """Generate the next round."""
    AGAIN = "again"
    """Same prompt, new seeds, no feedback."""
    EDIT = "edit"
    MOODBOARD = "moodboard"
    DELETE = "delete"

    @property
    def number(self) -> int | None:
        """Number of the picture that this gesture likes; None if it names no picture."""
        return _NUMBERS.get(self)

    @property
    def rates(self) -> bool:
        """True if it rates pictures rather than asking for something to be done."""
        return self in _NUMBERS or self in (Gesture.LIKE_ALL, Gesture.DISLIKE_ALL)


_NUMBERS = {Gesture(f"like_{number}"): number for number in range(1, 9)}

USUAL_GESTURES: Mapping[str, str] = MappingProxyType(
    {f"{number}\N{COMBINING ENCLOSING KEYCAP}": f"like_{number}" for number in range(1, 9)}
    | {
        "👍": "like_all",
        "❤": "like_all",
        "🔥": "like_all",
        "👎": "dislike_all",
        "🔁": "next",
        "🎲": "again",
        "✏": "edit",
        "⭐": "moodboard",
        "❌": "delete",
    }
)
"""Default gestures of a server: emoji, without variation selectors, to `Gesture` value."""

_VARIATION_SELECTORS = re.compile("[\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}]")
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")


def plain(emoji: str) -> str:
    """Strip variation selectors, which clients add or omit at will, from an emoji."""
    return _VARIATION_SELECTORS.sub("", emoji)


def gesture_of(emoji: str, table: Mapping[str, str] | None = None) -> Gesture | None:
    """Look up an emoji, in any skin tone, in a server's `table` (None: the defaults).

    `table` maps emoji, written with or without variation selectors, to `Gesture` values.
    """
    meanings = USUAL_GESTURES if table is None else {plain(key): table[key] for key in table}
    emoji = plain(emoji)
    value = meanings.get(emoji) or meanings.get(_SKIN_TONES.sub("", emoji))
    return None if value is None else Gesture(value)


def ratings_of(
    gestures: Iterable[Gesture],
    votes: Mapping[int, int],
    positions: Collection[int],
    *,
    part: int = 0,
    together: int = PICTURES_A_MESSAGE,
) -> dict[int, int]:
    """Return a member's ratings of a message's pictures: position to 1 or -1, without unrated ones.

    A button (`votes`: position to 1 or -1) takes precedence over a number, a number over 👍 and 👎,
    and those two together cancel out.  `positions` are the pictures that can be rated, by position
    in the round; message `part` of the round begins at position `together` × part.  Numbers count
    within the message, or within the round if they are beyond the message's pictures.
    """
    present = set(gestures)
    numbered = {
        _position(number, part, together)
        for gesture in present
        if (number := gesture.number) is not None
    }
    rest = (Gesture.LIKE_ALL in present) - (Gesture.DISLIKE_ALL in present)
    ratings = {}
    for position in positions:
        if value := votes.get(position) or (1 if position in numbered else rest):
            ratings[position] = value
    return ratings


def _position(number: int, part: int, together: int) -> int:
    if number > together:
        return number - 1
    return together * part + number - 1
