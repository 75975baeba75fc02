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
class Member:
    """A member who has used the bot in a server, with the locale last seen."""

    server_id: int
    id: int
    locale: str


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


class StyleKind(enum.Enum):
    """The kinds of files that a style is made of."""

    LORA = "lora"
    EMBEDDING = "embedding"


class StyleScope(enum.Enum):
    """Who may paint with a style."""

    MINE = "mine"
    """Its owner."""
    PRIVATE = "private"
    """Its owner and its contributors."""
    SERVER = "server"
    """Every member of the server."""


class StyleState(enum.Enum):
    """The states of a style."""

    READY = "ready"
    WITHDRAWN = "withdrawn"
    """Nobody may paint with it: a contributor took their consent back."""


class StyleOrigin(enum.Enum):
    """Where a style came from."""

    TRAINED = "trained"
    UPLOADED = "uploaded"
    HOST = "host"
    """The host took it from a file on this machine or from the hub."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewStyle:
    """A style to store; its files are in the store or arrive in the same transaction."""

    server_id: int
    owner_id: int
    name: str
    kind: StyleKind
    digest: str
    """SHA-256 of the adapter's file; empty while a withdrawn style is made anew."""
    base_model: str = ""
    """Public name of the model that it was trained on; empty if its file does not say."""
    base_hash: str = ""
    """SHA-256 of that model's weights, likewise."""
    architecture: str = ""
    trigger: str = ""
    """The words that call for it in a prompt."""
    strength: float = 1.0
    scope: StyleScope = StyleScope.MINE
    origin: StyleOrigin
    licence: str = ""
    evaluation: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    preview_digest: str | None = None
    job_id: int | None = None
    """The training that made it."""
    contributors: tuple[int, ...] = ()
    """The members whose pictures it was trained on, in ascending order."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Style(NewStyle):
    """An adapter that members paint with."""

    id: int
    state: StyleState
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStyle:
    """The style that a channel's pictures have unless their member says otherwise."""

    style: Style
    strength: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainingRights:
    """Who may train in a server."""

    server_id: int
    granted: bool = False
    """True if the host granted training to the server; nobody may train without."""
    roles: tuple[int, ...] = ()
    """The roles whose members may train, beside the admins."""
    member_tastes: bool = False
    """True if every member may train a taste of their own."""


class DatasetState(enum.Enum):
    """The states of a data set."""

    OPEN = "open"
    """It is being put together."""
    USED = "used"
    """A training was started on it."""
    CLOSED = "closed"
    """It was cancelled, or nothing is left in it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """Pictures that members handed over for one training, and the plan of that training."""

    id: int
    server_id: int
    channel_id: int
    member_id: int
    """Who starts the training."""
    message_id: int | None
    """The message that shows it."""
    locale: str
    plan: Mapping[str, Any]
    state: DatasetState
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewDatasetPicture:
    """A picture for a data set."""

    digest: str
    """SHA-256 of its file."""
    path: Path | None = None
    """The file to adopt, from a scratch folder; None for one that is in the store already."""
    member_id: int
    """Who handed it over, or whose rating it has."""
    image_id: int | None = None
    """The picture of Konomi's that it is a copy of."""
    rating: int | None = None
    caption: str = ""
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What else training and the members want to know of it: width, height, sharpness, seed, …"""
    dropped: str | None = None
    """Why it is not trained on; None if it is."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DatasetPicture:
    """A picture of a data set; pictures are trained on in the order of their positions."""

    id: int
    dataset_id: int
    position: int
    digest: str
    member_id: int
    image_id: int | None
    rating: int | None
    caption: str
    facts: Mapping[str, Any]
    dropped: str | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A member's consent to a training on the pictures that they added to a data set."""

    dataset_id: int
    member_id: int
    words: str
    """The sentence that they agreed to, as it was shown."""
    locale: str
    given_at: float
    revoked_at: float | None
    """When they took it back; None while it stands."""

    @property
    def stands(self) -> bool:
        """True unless it was taken back."""
        return self.revoked_at is None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """A training: what its job asks of the generator, and what came of it."""

    job_id: int
    dataset_id: int
    request: Mapping[str, Any]
    """The request as plain JSON, without paths."""
    paused: bool = False
    """True if it is to wait until somebody has it go on, also after a restart."""
    style_id: int | None = None
    """The style that it makes anew, until that is deleted."""
    result: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def retrains(self) -> bool:
        """True if it makes a style anew, or was to make one that has been deleted since."""
        return "retrains" in self.result

    @property
    def stopped(self) -> bool:
        """True if it is to end, or ended, with what there was."""
        return bool(self.result.get("stopped"))

    @property
    def chosen(self) -> int | None:
        """The step of the checkpoint that somebody chose, or None."""
        return self.result.get("chosen")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainingCheckpoint:
    """A checkpoint of a training, with the files that it owns."""

    job_id: int
    step: int
    adapter_digest: str | None
    """SHA-256 of the adapter's file; None for whole models, which are too large to keep."""
    sheet_digest: str | None
    """SHA-256 of the sample grid."""
    scores: Mapping[str, Any]
    """Validation loss, fidelity, following, …, as plain JSON."""


class RevocationCause(enum.Enum):
    """Why pictures left a data set."""

    CONSENT = "consent"
    """Their member took their consent back."""
    PICTURE = "picture"
    """They are copies of pictures of Konomi's that were deleted."""
    TRAINING = "training"
    """A training that was to make a style anew has ended without a result."""


class StyleFate(enum.Enum):
    """What a revocation does to a style, or to a training that has not made one yet."""

    DELETED = "deleted"
    RETRAINED = "retrained"
    """It cannot be used until a training has made it anew."""
    BEGUN_AGAIN = "begun again"
    """The training under way ended, and another one begins without the pictures."""
    ENDED = "ended"
    """The training under way ended."""
    FAILED = "failed"
    """It stays without a file, as it could not be made anew."""
    MODEL_DELETED = "model deleted"
    """It was a whole model on the host's disk."""
    MODEL_RETRAINED = "model retrained"
    """The same, and another training makes it anew."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RevocationOutcome:
    """What a revocation did to one style or training."""

    name: str
    fate: StyleFate
    style_id: int | None = None
    """The style, if there is one that is left."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Revocation:
    """What somebody took back from a data set, and what is still to be done about it."""

    id: int
    dataset_id: int
    cause: RevocationCause
    pictures: int
    """Number of pictures that left the data set."""
    digests: tuple[str, ...]
    """Files that go unless something else owns them."""
    job_ids: tuple[int, ...]
    """Trainings that saw the pictures: their folders go, and their cards show nothing more."""
    outcomes: tuple[RevocationOutcome, ...]
    member_ids: tuple[int, ...]
    """Those to tell: who started the training, and the owners of its styles."""
    created_at: float
