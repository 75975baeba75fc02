"""Events of a job: what `submit()` yields, on either side of the queue.

Every job ends in exactly one terminal event: `Finished`, `Trained`, `Captioned`, `Failed` or
`Cancelled`.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path

from generation.protocol.options import ModelCard
from generation.protocol.problems import Problem


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Sent when the child has loaded its model and accepts requests."""

    model: ModelCard


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Unready:
    """Sent before the child exits without a model; `detail` is a sentence for the host."""

    detail: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """The job is waiting; `position` 1 is next.  Sent by the queue, never by the child."""

    job: str
    position: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """The job was handed to the child for the `attempt`th time.  Sent by the queue."""

    job: str
    attempt: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """UNet calls done and in total for the whole job; `preview` is a small picture file."""

    job: str
    step: int
    steps: int
    preview: Path | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Painted:
    """One finished picture; a withheld one was not written.

    In a flagged one the safety checker found adult content, whether or not it was withheld.
    """

    path: Path | None
    digest: str | None
    seed: int
    width: int
    height: int
    withheld: bool = False
    flagged: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """All pictures of the job, in order, and the seconds from its first step to its last file.

    `steering` is a strip of thumbnails of the references with their names or weights, if there
    were any; `sheet` is all pictures in one: a comparison with labels, or a grid if one was asked
    for.
    """

    job: str
    pictures: tuple[Painted, ...]
    seconds: float
    steering: Path | None = None
    sheet: Path | None = None
    native: tuple[int, int] | None = None
    """Native width and height of the model."""
    chosen: int | None = None
    """Of pictures along η, the index of the best one."""


class Reason(enum.Enum):
    """Category of a failure, for the bot to put into words."""

    INVALID = "invalid"
    """The request itself is impossible; `detail` is a sentence that says what to do instead."""
    MODEL = "model"
    """There is no model to run: it cannot be loaded, or the child died too often. `detail` says
    why."""
    MEMORY = "memory"
    """The job does not fit into the device's memory, even with a smaller batch."""
    CRASHED = "crashed"
    """The child died while it had the job."""
    INTERNAL = "internal"
    """An internal error; `detail` is for the log only."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The job ended without pictures."""

    job: str
    reason: Reason
    detail: str
    """English, for the command line and the log."""
    problem: Problem | None = None
    """Of the request, if that is why."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """The job was cancelled on request."""

    job: str


class Stage(enum.Enum):
    """What a training is at."""

    PREPARING = "preparing"
    """Pictures and captions are encoded."""
    CLASS_PICTURES = "class pictures"
    """The untouched model paints pictures of the class."""
    TRAINING = "training"
    SAMPLING = "sampling"
    EVALUATING = "evaluating"
    PAUSED = "paused"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainProgress:
    """Steps done and in total of the present stage."""

    job: str
    stage: Stage
    step: int
    steps: int
    loss: float | None = None
    """Of training, smoothed."""
    seconds_left: float | None = None
    sheet: Path | None = None
    """A sample grid that was asked for."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainRemark:
    """Something about the data that whoever trains should know."""

    job: str
    remark: Problem


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSaved:
    """A checkpoint was written, sampled and scored."""

    job: str
    step: int
    folder: Path
    validation: float
    """Loss on fixed pictures, timesteps and noise."""
    sheet: Path | None = None
    """The sample grid."""
    fidelity: float | None = None
    """CLIP-I of the samples to the training pictures."""
    following: float | None = None
    """CLIP-T of the samples to their prompts."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """The training ended with a result."""

    job: str
    result: Path
    """The file of an adapter or embedding, or the folder of a model: of the best checkpoint."""
    digest: str
    """SHA-256 of the file's bytes in hex; of a folder's largest file."""
    step: int
    """The step that the result is from."""
    last: Path
    """The result after the last step, beside it; the same path if that is the best."""
    steps: int
    """Steps done in total."""
    seconds: float
    report: Path | None = None
    """The page that shows the curves, the samples and the scores."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CaptionWritten:
    """A picture was described; `place` counts the request's pictures from 0.

    The text is clean and bounded (`generation.requests.captions`); it is empty if there is nothing
    to say of the picture, or if it cannot be read.
    """

    job: str
    place: int
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Captioned:
    """All pictures of the request were described."""

    job: str
    seconds: float


Update = Progress | TrainProgress | TrainRemark | CheckpointSaved | CaptionWritten
"""Events of a job under way, sent by the child."""


Terminal = Finished | Trained | Captioned | Failed | Cancelled


Event = Queued | Started | Update | Terminal
"""Events that `submit()` yields, on either side of the queue."""
