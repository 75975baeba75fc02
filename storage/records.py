"""What the database remembers, row by row, as frozen dataclasses."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A server's settings; `id` 0 stands for direct messages."""

    id: int
    channels: tuple[int, ...] = ()
    """Where the bot paints; empty: everywhere it can post."""
    group_boards: bool = False
    """Whether new boards are steered by everyone's ratings."""
    add_reactions: bool = True
    """Whether the bot adds the number reactions under a finished round."""
    gestures: Mapping[str, str] | None = None
    """Emoji to `Gesture` value; None: the usual table."""
    waiting_per_member: int | None = None
    """Requests a member may have waiting; None: the host's setting."""
    pictures_per_day: int | None = None
    """Pictures a member may ask for in 24 hours; None: the host's setting."""
    content_filter: str = "withhold"
    """What becomes of adult content in age-restricted channels: "off", "spoiler", "withhold"."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Someone who used the bot in a server, with the locale they were last seen with."""

    server_id: int
    id: int
    locale: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """One line of work, owned by the member who started it."""

    id: int
    server_id: int
    channel_id: int
    owner_id: int
    group: bool
    since_round: int
    """Ratings of rounds before this number no longer steer (Reset moves it)."""
    forked_from: int | None
    """The round of another board that this one grew from."""
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One painting of a board: what was asked for, and what steered it."""

    id: int
    board_id: int
    number: int
    """1 is the board's first."""
    parent_id: int | None
    """The round this one follows or repaints."""
    parameters: Mapping[str, Any]
    """The request as plain JSON: prompt, seed, steps, … (never paths)."""
    steering_digest: str | None
    """The strip that shows what steered it, once painted."""
    sheet_digest: str | None = None
    """All its pictures in one, once painted: of a comparison, or where a grid was asked for."""
    source_digest: str | None = None
    """The picture that it begins from, if any: a file of the round's own."""
    mask_digest: str | None = None
    """The picture that is white where the source is painted anew."""
    source_image_id: int | None = None
    """Which picture of ours the source is, as long as that is there."""
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewSource:
    """What a round is to begin from: a file, a picture of ours, or that of another round."""

    path: Path | None = None
    """A file to adopt; it stays where it is."""
    mask: Path | None = None
    """Another, for the mask; with any of the three."""
    image_id: int | None = None
    round_id: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Steer:
    """One picture's part in a round: its value (1 liked, -1 disliked) and its weight."""

    image_id: int
    value: int
    weight: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A file that a board holds: a picture that it shows, or one that a round of it begins from."""

    digest: str
    image_id: int | None
    """The picture; None: what a round begins from, or its mask."""
    owner_id: int
    channel_id: int
    """Where the board is."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A message that shows pictures of a round; part 0 shows the first four, `SHEET` all in one."""

    round_id: int
    part: int
    channel_id: int
    message_id: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One painted picture; a withheld one has no digest."""

    id: int
    round_id: int
    position: int
    """0 is the round's first."""
    digest: str | None
    """SHA-256 of the file in hex; the file is `Files.path(digest)`."""
    seed: int
    width: int
    height: int
    parameters: Mapping[str, Any]
    parent_id: int | None
    """The picture this one was made from, if any."""
    created_at: float
    flagged: bool = False
    """Whether the safety checker found adult content in it."""

    @property
    def withheld(self) -> bool:
        """Whether it was kept back for what the safety checker found."""
        return self.digest is None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewImage:
    """A picture to adopt: the file at `path` is moved into place."""

    path: str | None
    digest: str | None
    seed: int
    width: int
    height: int
    parameters: Mapping[str, Any]
    parent_id: int | None = None
    """The picture that it was made from; None: the one that its round begins from, if any."""
    flagged: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """What a member's present gestures say of a picture: 1 liked, -1 disliked."""

    image_id: int
    member_id: int
    value: int


class JobState(enum.Enum):
    """Where a job stands; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A request on its way, as committed before anyone is told that it is queued."""

    id: int
    server_id: int
    channel_id: int
    member_id: int
    message_id: int | None
    """The progress message that becomes the result; None until it was sent."""
    round_id: int
    locale: str
    """The language its messages are written in."""
    state: JobState
    attempts: int
    lease_until: float | None = None
    """Until when the running attempt counts as alive without another heartbeat."""
    error: str | None
    """Why it failed: a `Reason` value of the protocol and, after a colon, its detail."""
    delivered: bool
    """Whether its outcome stands in the channel."""
    created_at: float
