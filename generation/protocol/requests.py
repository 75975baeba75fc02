"""Requests to the generator: paint, cancel, shut down.

Frozen, keyword-only dataclasses of the standard library, so that either process can read them
without importing the other.  A request is complete: a child that was restarted paints the same
pictures for it.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path

SCHEDULERS = (
    "euler_a",
    "euler",
    "heun",
    "dpmpp_2m",
    "dpmpp_2m_karras",
    "dpmpp_sde",
    "unipc",
    "ddim",
    "pndm",
    "lms",
    "lcm",
)
"""Names of the samplers that a request may ask for."""


MAX_PICTURES = 8
"""The most pictures that one request may ask for."""

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
)
"""Names of the parameters that a comparison may vary."""

MAX_CELLS = 16
"""The most pictures of a comparison: with more, a sheet shows each too small to judge it, and
whoever comes next waits too long."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A rated picture that steers: FABRIC attends to it.

    `digest` is the SHA-256 of the file's bytes in hex; it seeds the reference's noise and
    names its states in caches.  `weight` is its share of its half's influence, relative to
    the other references of that half (1 unless votes say otherwise).  A `flagged` one, in
    which the safety checker found adult content, shows in the strip only with the filter off.
    """

    path: Path
    digest: str
    weight: float = 1.0
    flagged: bool = False


class Filter(enum.Enum):
    """What becomes of a picture in which the safety checker finds adult content.

    From the mildest to the strictest; docs/content-filter.md says who chooses.
    """

    OFF = "off"
    """It is written like any other, and flagged."""
    SPOILER = "spoiler"
    """It is written and flagged; whoever shows it hides it behind a spoiler."""
    WITHHOLD = "withhold"
    """It is never written."""


class Influence(enum.Enum):
    """What `Feedback.strength` is the weight of."""

    TOTAL = "total"
    """All references of a half together, however many there are."""
    EACH = "each"
    """Each reference alone: the published behaviour, which grows as likes pile up."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """When and how strongly references steer.

    `start` and `end` are shares of the denoising steps; inside the window references weigh
    `strength`, outside `floor`.  Disliked ones are multiplied by `dislike_scale`, and their window
    is over at `dislike_end`, if that is before `end`.

    The last pictures of a round, `explore` of them as a share rounded down, leave the likes aside
    (`generation.requests.feedback.explores` has the rule whole).  Of what guidance adds to 1 they
    take the share `explore_guidance`.  With `explore_avoid` > 0 they keep away from all that was
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
    """Standard deviation of the noise to take away, of values from 0 to 1; 0: none is taken;
    None: as much as is found."""
    scratches: bool = False
    """Whether scratches are looked for, besides those that the mask shows."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A picture to begin from, instead of from noise alone.

    `strength` is the share of the steps that are taken: little changes little, 1 all but
    forgets the picture.  `digest` is the SHA-256 of the source file's bytes in hex.

    What is painted anew: where `mask`, a picture, is white; the boxes `anew`, shares of the
    source; and all beside the source where that lies `within` a part of the picture alone.
    The rest is kept to the pixel.  With none of the three, all is painted anew.
    """

    path: Path
    digest: str
    strength: float = 0.6
    mask: Path | None = None
    anew: tuple[Box, ...] = ()
    within: Box | None = None
    times: int = 1
    """How many times the source's own sides the picture's are, where the request says no size;
    1: the size that suits the model, or the source's own if it is mended."""
    mend: Restoration | None = None
    """What it is restored from; None: it is painted from as it is."""

    @property
    def in_tiles(self) -> bool:
        """Whether what is painted from it is held to it tile by tile: it is to stay what it is."""
        return self.times > 1 or self.mend is not None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Imagic:
    """How a model is fitted to a picture before it paints what is wanted of it.

    First the target's embedding, then a LoRA (Kawar et al., arXiv 2210.09276); each step sees
    the picture under `batch` draws of noise.
    """

    embedding_steps: int = 500
    embedding_rate: float = 2e-3
    tuning_steps: int = 500
    tuning_rate: float = 2e-4
    rank: int = 8
    batch: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One parameter of a comparison, of `COMPARABLE`, with the values that it takes in turn.

    Those of "prompt" are words: the first is a piece of the prompt, which each of the others
    replaces.
    """

    parameter: str
    values: tuple[int | float | str, ...]
    label: str = ""
    """What a sheet calls the parameter, in the language of whoever sees it; else its own name."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """Paint `count` pictures of a prompt; picture k draws everything random from `seed + k`.

    With `axes`, one or two, it is a comparison: a picture for every combination of their
    values, `count` of them in all, row by row with the first axis running across; each is what
    the request with these values, and `seed` itself, would paint alone.

    The child writes its files into the existing folder `out`.
    """

    job: str
    model: str
    prompt: str
    negative_prompt: str = ""
    count: int = 4
    seed: int = 0
    steps: int = 20
    guidance: float = 6.0
    width: int | None = None
    """In pixels, a multiple of 8; None: the model's native size, or as suits the source
    (`generation.images.canvas.usual_size`)."""
    height: int | None = None
    aspect: float | None = None
    """Width over height, instead of both: the sides next to it at the model's native area."""
    scheduler: str = "euler_a"
    liked: tuple[Reference, ...] = ()
    disliked: tuple[Reference, ...] = ()
    feedback: Feedback = Feedback()
    source: Source | None = None
    image_guidance: float | None = None
    """How much of the source is kept while the prompt, an instruction, edits it: s_I of
    InstructPix2Pix, beside which `guidance` is s_T.  Its `strength` says nothing then.  None:
    the source is begun from."""
    imagic: Imagic | None = None
    """Whether a model fitted to the source paints the prompt, which says what the picture is to
    show; then `eta` is how far to go."""
    eta: float = 0.7
    """0 paints the source again, 1 what the fitted model makes of the prompt alone."""
    varied: bool = False
    """Whether each picture of an edit draws both guidances from its seed."""
    tiled: bool = False
    """Whether it is denoised in overlapping tiles of the model's native size, as large pictures
    have to be that are to stay of one piece."""
    filter: Filter = Filter.WITHHOLD
    axes: tuple[Axis, ...] = ()
    grid: bool = False
    """Whether all pictures are wanted in one as well."""
    previews: bool = True
    """Coarse ones where the filter is on and the model has a safety checker."""
    out: Path


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cancel:
    """Stop this job at its next step."""

    job: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shutdown:
    """Finish nothing more and exit."""


Command = Paint | Cancel | Shutdown
