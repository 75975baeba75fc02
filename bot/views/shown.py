"""The data that a round's message shows, its parts, and the names of the files attached to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from bot.text.phrases import Phrase
from generation.protocol.problems import Problem
from generation.protocol.requests import Filter
from storage.gestures import SHEET
from storage.records import Board, ForkPlace, Image, Round


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Steered:
    """A picture that steered, as a member knows it: round and place on the board."""

    round_number: int
    position: int
    value: int
    weight: float
    owner_id: int | None = None
    """The owner of the picture's board, if that is another board."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SourceLine:
    """The source of a round, as a member knows it; without a number it has been deleted."""

    strength: float
    upload: bool = False
    edits: bool = False
    """True if it was edited by words, rather than used as an init image."""
    fitted: bool = False
    """True if a model was fitted to it."""
    kept: float | None = None
    """The guidance by the picture that was edited; None: each result has its own."""
    round_number: int | None = None
    position: int = 0
    owner_id: int | None = None
    """The owner of the picture's board, if that is another board."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """Everything that a message about a part of a round shows."""

    round: Round
    board: Board
    part: int
    images: Sequence[Image]
    """All of the round's pictures."""
    votes: Mapping[int, tuple[int, int]]
    """Picture's id to how many like and dislike it."""
    steered: Sequence[Steered]
    origin: SourceLine | None = None
    hint: Phrase | None = None
    hint_word: str = ""
    remarks: Sequence[Problem] = ()
    """What is said of a pasted prompt."""
    copied: Collection[int] = ()
    """The ids of pictures of which Discord is given JPEG copies, as their PNGs are too large."""
    hidden: Collection[int] = ()
    """The ids of pictures that the content filter hides where this is shown now."""
    fork: ForkPlace | None = None
    """The round of another member from which its board was forked."""
    rated_by_owner: bool = True
    """True if the pictures that steered it are all rated so by the owner of its board."""

    @property
    def locale(self) -> str:
        """The language the round's messages are written in."""
        return str(self.round.parameters.get("locale", "en"))

    @property
    def compares(self) -> bool:
        """True if the round is a comparison."""
        return bool(self.round.parameters.get("axes"))

    @property
    def is_sheet(self) -> bool:
        """True for the message with all pictures in one."""
        return self.part == SHEET

    @property
    def is_first(self) -> bool:
        """True for the message that begins the round."""
        return self.is_sheet or self.part == 0

    @property
    def here(self) -> Sequence[Image]:
        """The pictures of this part."""
        if self.is_sheet:
            return ()
        first, together = self.part * self.round.pictures_a_message, self.round.pictures_a_message
        return self.images[first : first + together]

    @property
    def visible(self) -> Sequence[Image]:
        """The pictures of this part that were not withheld."""
        return [image for image in self.here if not image.withheld]

    @property
    def veiled(self) -> Sequence[Image]:
        """Of the pictures of this part, those that stand behind a spoiler."""
        if self.round.parameters.get("filter") == Filter.OFF.value:
            return ()
        return [image for image in self.visible if image.flagged]

    @property
    def is_last(self) -> bool:
        """True if no further message follows."""
        return self.is_sheet or (self.part + 1) * self.round.pictures_a_message >= len(self.images)

    @property
    def beside(self) -> Mapping[str, str]:
        """The files attached beside the pictures: digests by names."""
        strip, sheet = self.round.steering_digest, self.round.sheet_digest
        beside = {}
        if self.is_last and self.steered and strip is not None:
            beside[strip_name(self.round)] = strip
        if self.is_last and sheet is not None:
            beside[sheet_name(self.round)] = sheet
        return beside


def parts_of(round_: Round, count: int) -> Sequence[int]:
    """Return the parts in which a round of so many pictures is shown, a message each."""
    if round_.parameters.get("axes"):
        return [SHEET]
    return range(max(1, -(-count // round_.pictures_a_message)))


def part_of(round_: Round, image: Image) -> int:
    """Return the part in which a picture stands by itself."""
    return image.position // round_.pictures_a_message


def picture_name(image: Image, *, copied: bool = False) -> str:
    """The name of an attached picture, or of a copy of it; pages refer to it by this name."""
    return f"konomi-{image.round_id}-{image.position + 1}.{'jpg' if copied else 'png'}"


def strip_name(round_: Round) -> str:
    """Return the name of the attached strip of references."""
    return f"konomi-{round_.id}-steering.png"


def sheet_name(round_: Round) -> str:
    """Return the name of the attached picture of all pictures."""
    return f"konomi-{round_.id}-sheet.png"
