"""Painting for a measurement: nothing shown meanwhile, and no picture painted twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from generation.local import LocalStudio, local_studio
from generation.messages import MAX_PICTURES, Feedback, Paint, Painted, Reference, WorkerOptions

Painter = Callable[[Paint], Sequence[Painted]]
"""Paints a request and returns its pictures, in order."""

PLAIN = Feedback()
"""What a request without references carries, so that all those are one request."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setup:
    """How pictures are painted throughout one measurement."""

    model: str = "shapes"
    steps: int = 20
    guidance: float = 6.0
    scheduler: str = "euler_a"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Picture:
    """A painted picture, and how to name it when it is to steer."""

    image: Image.Image
    reference: Reference


@contextmanager
def unchecked_studio(options: WorkerOptions) -> Iterator[LocalStudio]:
    """A model without its safety checker: what it paints is measured, not what it may show."""
    with local_studio(options) as studio:
        studio.model.safety = None
        yield studio


class Easel:
    """Paints into one folder; what has been asked for before is given again.

    Arms of one trial ask for much of the same, their first rounds above all.
    """

    def __init__(self, paint: Painter, setup: Setup, folder: Path) -> None:
        self._paint = paint
        self._setup = setup
        self._folder = folder
        self._known: dict[Paint, list[Picture]] = {}
        self.painted = 0
        """How many pictures this has cost so far."""

    def paint(
        self,
        prompt: str,
        *,
        seed: int,
        count: int = 1,
        liked: Sequence[Reference] = (),
        disliked: Sequence[Reference] = (),
        feedback: Feedback = PLAIN,
        guidance: float | None = None,
    ) -> list[Picture]:
        """Pictures of the seeds from `seed` on; `guidance` None is the setup's."""
        request = Paint(
            job="",
            model=self._setup.model,
            prompt=prompt,
            count=count,
            seed=seed,
            steps=self._setup.steps,
            guidance=self._setup.guidance if guidance is None else guidance,
            scheduler=self._setup.scheduler,
            liked=tuple(liked),
            disliked=tuple(disliked),
            feedback=feedback if liked or disliked else PLAIN,
            previews=False,
            out=self._folder,
        )
        if request not in self._known:
            self._known[request] = self._fresh(request)
        return self._known[request]

    def paint_many(self, prompt: str, *, seed: int, count: int) -> list[Picture]:
        """Unsteered pictures, more than one request may ask for."""
        batches = range(0, count, MAX_PICTURES)
        return [
            picture
            for first in batches
            for picture in self.paint(
                prompt, seed=seed + first, count=min(MAX_PICTURES, count - first)
            )
        ]

    def _fresh(self, request: Paint) -> list[Picture]:
        job = f"{len(self._known):05}"
        out = self._folder / job
        out.mkdir()
        self.painted += request.count
        return [_open(each) for each in self._paint(dataclasses.replace(request, job=job, out=out))]


def _open(painted: Painted) -> Picture:
    if painted.path is None or painted.digest is None:
        raise ValueError(f"the picture of seed {painted.seed} was withheld")
    with Image.open(painted.path) as opened:
        image = opened.convert("RGB")
    return Picture(image=image, reference=Reference(path=painted.path, digest=painted.digest))
