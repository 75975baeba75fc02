"""Requests to the generator: paint, cancel, shut down.

Frozen, keyword-only dataclasses of the standard library, so that either process can read them
without importing the other.  A request is complete: a child that was restarted paints the same
pictures for it.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path
from typing import Protocol

MAX_PICTURES = 8
"""Largest number of pictures in one request."""

COMPARABLE = (
    "steps",
    "guidance",
    "scheduler",
    "prompt",
    "seed",
    "feedback_strength",
    "feedback_start",
    "feedback_end",
    "source_strength",
    "image_guidance",
    "eta",
    "adapter_strength",
)
"""Names of the parameters that a comparison may vary."""

MAX_CELLS = 16
"""Largest number of pictures in a comparison: with more, each would be too small on the sheet, and
the next in the queue would wait too long."""


class Lane(enum.Enum):
    """Kind of work by who waits for it."""

    INTERACTIVE = "interactive"
    """Somebody watches; goes first."""
    UNATTENDED = "unattended"
    """Takes seconds, and nobody waits for it; shares the rest of the time with the background."""
    BACKGROUND = "background"
    """Takes minutes or hours; gets the rest of the time, and at least a small share."""


class Work(Protocol):
    """Interface of a request, as the queue and the supervisor know it."""

    @property
    def job(self) -> str:
        """Id of the job, in requests and events."""

    @property
    def lane(self) -> Lane:
        """Lane that it waits and runs in."""

    @property
    def cost(self) -> int:
        """Number of pictures that it paints."""

    @property
    def retried(self) -> bool:
        """Is it tried again, alone, if the painter dies with it?  All others wait meanwhile."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A rated picture that FABRIC attends to.

    `digest` is the SHA-256 of the file's bytes in hex; it seeds the reference's noise and is its
    key in caches.  `weight` is its share of its half's influence, relative to the other references
    of that half (1 unless votes say otherwise).  A `flagged` one, in which the safety checker found
    adult content, shows in the strip only with the filter off.  `name` stands below it there;
    empty: its weight does.
    """

    path: Path
    digest: str
    weight: float = 1.0
    flagged: bool = False
    name: str = ""


class Filter(enum.Enum):
    """Handling of pictures in which the safety checker finds adult content.

    From the mildest to the strictest; docs/content-filter.md says who chooses.
    """

    OFF = "off"
    """Written like any other, and flagged."""
    SPOILER = "spoiler"
    """Written and flagged; whoever shows it hides it behind a spoiler."""
    WITHHOLD = "withhold"
    """Never written."""


class Influence(enum.Enum):
    """Scope of the weight `Feedback.strength`."""

    TOTAL = "total"
    """All references of a half together, however many there are."""
    EACH = "each"
    """Each reference alone: the published behaviour, which grows as likes accumulate."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """When and how strongly references steer.

    `start` and `end` are shares of the denoising steps; inside the window references weigh
    `strength`, outside `floor`.  Disliked ones are multiplied by `dislike_scale`, and their window
    is over at `dislike_end`, if that is before `end`.

    Of what guidance adds to 1, pictures that follow likes take the share `steered_guidance`.

    The last pictures of a round, `explore` of them as a share rounded down, leave the likes aside
    (`generation.requests.feedback.explores` has the rule whole).  Their share of guidance is
    `explore_guidance`.  With `explore_avoid` > 0 they keep away from all that was
    rated, as if all were disliked and it were `dislike_scale`
    (`generation.requests.feedback.exploring`).

    With the chance `drop`, a picture that follows likes leaves the prompt aside
    (`generation.requests.feedback.drops_prompt`).
    """

    start: float = 0.0
    end: float = 0.5
    strength: float = 0.8
    floor: float = 0.0
    dislike_scale: float = 0.5
    dislike_end: float = 1.0
    influence: Influence = Influence.TOTAL
    steered_guidance: float = 1.0
    explore: float = 0.25
    explore_guidance: float = 1.0
    explore_avoid: float = 0.0
    drop: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A part of a picture, its edges as shares of the width and of the height.

    0 is the left or the upper edge of the picture, 1 the right or the lower one.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Restoration:
    """Damage to remove from a source before it is painted from (`generation.editing.restoration`).

    Where the source's mask is white it is scratched.
    """

    noise: float | None = 0.0
    """Standard deviation of the noise to remove, of values from 0 to 1; 0 to remove none, None to
    estimate it."""
    scratches: bool = False
    """Detect scratches, besides those in the mask."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A picture for image to image, instead of pure noise.

    `strength` is the share of the steps that are run: a low one changes little, 1 all but ignores
    the picture.  `digest` is the SHA-256 of the source file's bytes in hex.

    Painted anew is: where `mask`, a picture, is white; the boxes `anew`, shares of the source; and
    everything around the source if it lies `within` only a part of the picture. The rest is kept to
    the pixel.  With none of the three, everything is painted anew.
    """

    path: Path
    digest: str
    strength: float = 0.6
    mask: Path | None = None
    anew: tuple[Box, ...] = ()
    within: Box | None = None
    times: int = 1
    """Factor by which the source's own sides are enlarged, if the request gives no size; 1 for the
    size that suits the model, or the source's own if it is restored."""
    mend: Restoration | None = None
    """Damage to remove first; None to use the source as it is."""

    @property
    def in_tiles(self) -> bool:
        """True if tiles are each held to the source, because the content must not change."""
        return self.times > 1 or self.mend is not None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Imagic:
    """Settings for fitting a model to a picture, before it paints the described one.

    First the target's embedding is optimised, then a LoRA (Kawar et al., arXiv 2210.09276); each
    step sees the picture under `batch` draws of noise.
    """

    embedding_steps: int = 500
    embedding_rate: float = 2e-3
    tuning_steps: int = 500
    tuning_rate: float = 2e-4
    rank: int = 8
    batch: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Adapter:
    """A LoRA that acts on the model while a request's pictures are painted, or an embedding.

    `digest` is the SHA-256 of the .safetensors file's bytes in hex.  An embedding acts where its
    name, or the token that its file says, is a word of the prompt.
    """

    path: Path
    digest: str
    strength: float = 1.0
    """Factor of its change to the model; 0 is none, and a negative one is the opposite."""
    text_strength: float | None = None
    """The same for the text encoders; None for `strength`."""
    name: str
    embedding: bool = False
    """True for an embedding, as far as is known before its file is read."""
    trigger: str = ""
    """The words that call for it; those that the prompt lacks are put in front."""

    @property
    def strength_of_text(self) -> float:
        """Factor of its change to the text encoders."""
        return self.strength if self.text_strength is None else self.text_strength


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One parameter of a comparison, of `COMPARABLE`, with its values in order.

    The values of "prompt" are text: the first is a piece of the prompt, which each of the others
    replaces.
    """

    parameter: str
    values: tuple[int | float | str, ...]
    label: str = ""
    """The parameter's name on the sheet, in the language of the reader; its own name if empty."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """Request for `count` pictures of a prompt; picture k draws all randomness from `seed + k`.

    With `axes`, one or two, it is a comparison: one picture for each combination of their values,
    `count` in total, row by row with the first axis running across; each is what a request with
    these values, and `seed` itself, would paint alone.

    The child writes its files into the existing folder `out`.
    """

    job: str
    model: str
    prompt: str
    negative_prompt: str = ""
    literal: bool = False
    """Read the prompts as they were read before pasted syntax and `BREAK` meant anything."""
    count: int = 4
    seed: int = 0
    steps: int = 20
    guidance: float = 6.0
    width: int | None = None
    """In pixels, a multiple of 8; None for the model's native size, or the size that suits the
    source (`generation.requests.sizes.usual_size`)."""
    height: int | None = None
    aspect: float | None = None
    """Width over height, instead of both: the closest sides at the model's native area."""
    scheduler: str = "euler_a"
    liked: tuple[Reference, ...] = ()
    """Those liked first come first, as do those disliked first."""
    disliked: tuple[Reference, ...] = ()
    feedback: Feedback = Feedback()
    source: Source | None = None
    image_guidance: float | None = None
    """Image guidance scale of an edit by the prompt as instruction: s_I of InstructPix2Pix, with
    `guidance` as s_T; the source's `strength` is then ignored.  None for image to image."""
    imagic: Imagic | None = None
    """Settings for fitting a model to the source, with the prompt describing the target at `eta`;
    None for no Imagic."""
    eta: float = 0.7
    """Interpolation: 0 reproduces the source, 1 is the fitted model's image of the prompt alone."""
    adapters: tuple[Adapter, ...] = ()
    """The adapters that act, unless the prompt says at which strength: `<lora:name:0.8>`."""
    offered: tuple[Adapter, ...] = ()
    """Further adapters, which act where the prompt names them so."""
    varied: bool = False
    """Draw both guidance scales of each edit from its seed."""
    tiled: bool = False
    """Denoise in overlapping tiles of the model's native size, which keeps large pictures
    coherent."""
    filter: Filter = Filter.WITHHOLD
    axes: tuple[Axis, ...] = ()
    grid: bool = False
    """Also write all pictures as one grid."""
    previews: bool = True
    """Send previews; coarse ones if the filter is on and the model has a safety checker."""
    unattended: bool = False
    """Nobody waits for it: what somebody watches goes first."""
    out: Path

    @property
    def lane(self) -> Lane:
        """Lane that it waits and runs in."""
        return Lane.UNATTENDED if self.unattended else Lane.INTERACTIVE

    @property
    def cost(self) -> int:
        """Number of pictures that it paints."""
        return self.count

    @property
    def retried(self) -> bool:
        """Is it tried again, alone, if the painter dies with it?"""
        return True


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cancel:
    """Stop this job at its next step."""

    job: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shutdown:
    """Stop all work and exit."""
