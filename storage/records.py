"""Rows of the database as frozen dataclasses."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.gestures import EARLIER_PICTURES_A_MESSAGE


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """The settings of a server; `id` 0 stands for direct messages."""

    id: int
    channels: tuple[int, ...] = ()
    """The channels in which the bot paints; empty: all in which it can post."""
    group_boards: bool = False
    """True if new boards are steered by everyone's ratings."""
    add_reactions: bool = False
    """True if the bot itself adds reactions to a finished round: the numbers, 👎 and 🔁."""
    gestures: Mapping[str, str] | None = None
    """Emoji to `Gesture` value; None: the default table."""
    waiting_per_member: int | None = None
    """Requests a member may have waiting; None: the host's setting."""
    pictures_per_day: int | None = None
    """Pictures a member may ask for in 24 hours; None: the host's setting."""
    content_filter: str = "withhold"
    """Filter of adult content in age-restricted channels: "off", "spoiler" or "withhold"."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """A series of rounds, owned by the member who started it."""

    id: int
    server_id: int
    channel_id: int
    owner_id: int
    group: bool
    since_round: int
    """The first round whose ratings steer; Reset moves it past the newest round."""
    forked_from: int | None
    """The round of another board that this board started from."""
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One request on a board, with its parameters and the digests of its files."""

    id: int
    board_id: int
    number: int
    """Counts from 1 within the board."""
    parent_id: int | None
    """The round this one follows or repaints."""
    parameters: Mapping[str, Any]
    """The request as plain JSON: prompt, seed, steps, … (never paths)."""
    steering_digest: str | None
    """The strip of the pictures that steered it, once painted."""
    sheet_digest: str | None = None
    """The contact sheet of its pictures, once painted, if it has one (comparisons, `grid`)."""
    source_digest: str | None = None
    """The init image, if any: a file that the round itself owns."""
    mask_digest: str | None = None
    """The mask, which is white where the source is to be repainted."""
    source_image_id: int | None = None
    """The picture that the source is a copy of, until that is deleted."""
    created_at: float

    @property
    def pictures_a_message(self) -> int:
        """The number of its pictures that each of its messages shows."""
        return int(self.parameters.get("pictures_a_message", EARLIER_PICTURES_A_MESSAGE))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RoundPlace:
    """The place of a round: its board, and the channels that show it."""

    round_id: int
    board_id: int
    server_id: int
    owner_id: int
    """The owner of the board; in direct messages the member whose they are."""
    channel_ids: tuple[int, ...]
    """Where it was posted; before that the channel of its job, or of its board."""
    asked_by: int | None = None
    """The member who asked for it: on a group board anyone, else the owner; None: not known."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewSource:
    """The init image of a round to come: a file, a stored picture, or another round's source."""

    path: Path | None = None
    """A file to copy into the store; it stays where it is."""
    mask: Path | None = None
    """The file of the mask; goes with any of the three."""
    image_id: int | None = None
    round_id: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Steer:
    """A picture that steers a round, with its value (1 liked, -1 disliked) and weight."""

    image_id: int
    value: int
    weight: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A file that a round uses: one of its pictures, its source or its mask."""

    digest: str
    image_id: int | None
    """The picture; None if the file is a round's source or mask."""
    place: RoundPlace


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A message that shows a part of a round, counted from 0, or the `SHEET`."""

    round_id: int
    part: int
    channel_id: int
    message_id: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A message that is to be deleted in Discord."""

    message_id: int
    channel_id: int
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A painted picture; a withheld one has no digest."""

    id: int
    round_id: int
    position: int
    """Counts from 0 within the round."""
    digest: str | None
    """SHA-256 of the file in hex; the file is at `Files.path(digest)`."""
    seed: int
    width: int
    height: int
    parameters: Mapping[str, Any]
    parent_id: int | None
    """The picture that this one was made from, if any."""
    created_at: float
    flagged: bool = False
    """True if the safety checker found adult content in it."""

    @property
    def withheld(self) -> bool:
        """True if it was kept back because of what the safety checker found."""
        return self.digest is None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewImage:
    """A picture to store: the file at `path` is moved into place."""

    path: str | None
    digest: str | None
    seed: int
    width: int
    height: int
    parameters: Mapping[str, Any]
    parent_id: int | None = None
    """The picture that it was made from; None: the source of its round, if any."""
    flagged: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """A member's rating of a picture, from their present gestures: 1 liked, -1 disliked."""

    image_id: int
    member_id: int
    value: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """The effect of a press of 👍 or 👎, and which message shows the picture."""

    round_id: int
    part: int
    value: int
    """The member's vote now: 1 liked, -1 disliked, 0 withdrawn."""
    message_id: int | None
    """That message; None if this part is not posted, as those of a comparison."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ImagePlace:
    """The place of a picture as members know it: round number, position, and whose board."""

    round_number: int
    position: int
    board_id: int
    owner_id: int
    """The owner of the board."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ForkPlace:
    """The round of another member from which a board was forked, as members know it."""

    round_number: int
    owner_id: int
    """The owner of that round's board."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RoundMessage:
    """Everything stored that a message about a part of a round shows."""

    round: Round
    board: Board
    part: int
    images: Sequence[Image]
    """All pictures of the round, by position."""
    votes: Mapping[int, tuple[int, int]]
    """Numbers of likes and dislikes, by the ids of this part's pictures."""
    steers: Sequence[tuple[Steer, ImagePlace]]
    """The pictures that steered the round, in the order given at its creation."""
    source: ImagePlace | None
    """The picture that the round's source is a copy of, unless it was deleted."""
    fork: ForkPlace | None = None
    """The round that its board was forked from, unless that was the owner's own or was deleted."""
    rated_by_owner: bool = True
    """True if the pictures that steered it are all rated so by the owner of its board."""


class JobKind(enum.Enum):
    """The kinds of jobs."""

    PAINT = "paint"
    TRAIN = "train"


class JobState(enum.Enum):
    """The states of a job; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"


OPEN = (JobState.QUEUED, JobState.RUNNING)
"""The states of a job without an outcome."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A request to paint or to train, committed before the member hears that it is queued."""

    id: int
    kind: JobKind
    server_id: int
    channel_id: int
    member_id: int
    message_id: int | None
    """The progress message that becomes the result; None until it is sent."""
    round_id: int | None
    """The round to paint; a job that trains may have none."""
    locale: str
    """The language of its messages."""
    state: JobState
    attempts: int
    lease_until: float | None = None
    """The time at which the running attempt counts as lost without another heartbeat."""
    reason: str | None
    """The cause of a failure, a `Reason` value of the protocol; None if it has not failed."""
    detail: str
    """Further words on the failure; may be empty."""
    delivered: bool
    """True once the channel shows its outcome."""
    created_at: float


class WaitsFor(enum.Enum):
    """The work that a promised answer waits for."""

    UPLOAD = "upload"
    """A member's file is being fetched."""
    PAGE = "page"
    """Pictures are being read and sent."""
    JOB = "job"
    """Nothing: a job has a message of its own, and the answer goes."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OpenAnswer:
    """An answer that a member was promised, and what it takes to give it."""

    interaction_id: int
    application_id: int
    token: str = dataclasses.field(repr=False)
    locale: str
    waits_for: WaitsFor
    created_at: float
