"""Rows about training as frozen dataclasses: data sets, consent, trainings, revocations."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any


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


DESCRIBED = "described"
"""Fact of a picture: what a caption model said of it, empty if nothing; missing if none was asked
yet."""


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

    @property
    def number(self) -> int:
        """Its number as members know it, from 1; it stays when others are taken out."""
        return self.position + 1


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
    def told(self) -> bool:
        """True if whoever started it was told of its end."""
        return bool(self.result.get("told"))

    @property
    def revoked(self) -> bool:
        """True if what it made was deleted, as somebody took back their consent."""
        return bool(self.result.get("revoked"))

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
