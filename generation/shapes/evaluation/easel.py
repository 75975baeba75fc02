"""Generate images for a measurement: no previews, and never the same image twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PIL import Image
from tqdm import tqdm

from generation.engine.session import LocalEngine, local_engine
from generation.protocol.events import Painted
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import MAX_PICTURES, Feedback, Paint, Reference

T = TypeVar("T")
Painter = Callable[[Sequence[Paint]], Sequence[Sequence[Painted]]]
"""Function that runs requests together and returns the images of each, in order."""

PLAIN = Feedback()
"""Feedback settings of requests without references, so that equal requests compare equal."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setup:
    """Generation settings shared by one whole measurement."""

    model: str = "shapes"
    steps: int = 20
    guidance: float = 6.0
    scheduler: str = "euler_a"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Picture:
    """A generated image, and the reference by which it steers another request."""

    image: Image.Image
    reference: Reference


def painter(engine: LocalEngine) -> Painter:
    """Return a painter that runs requests on a real engine."""
    return lambda requests: [each.pictures for each in engine.paint_together(requests)]


@contextmanager
def unchecked_engine(options: WorkerOptions) -> Iterator[LocalEngine]:
    """Open an engine without the safety checker, which would withhold images to be measured."""
    with local_engine(options) as engine:
        engine.model.safety = None
        yield engine


def in_batches(things: Sequence[T], most: int, what: str) -> Iterator[Sequence[T]]:
    """Yield batches of at most `most` things; show progress on a terminal, labelled `what`."""
    with tqdm(total=len(things), desc=what, disable=None) as bar:
        for first in range(0, len(things), most):
            some = things[first : first + most]
            yield some
            bar.update(len(some))


class Easel:
    """Generates images into one folder, and returns the earlier result for a repeated request.

    The arms of a trial ask for many of the same images, above all in their first rounds.
    """

    def __init__(self, paint: Painter, setup: Setup, folder: Path) -> None:
        self._paint = paint
        self._setup = setup
        self._folder = folder
        self._known: dict[Paint, list[Picture]] = {}
        self.painted = 0
        """Number of images generated so far."""

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
        """Generate images with the seeds from `seed` on; `guidance` None uses the setup's."""
        request = dataclasses.replace(
            self._request(prompt, seed),
            count=count,
            guidance=self._setup.guidance if guidance is None else guidance,
            liked=tuple(liked),
            disliked=tuple(disliked),
            feedback=feedback if liked or disliked else PLAIN,
        )
        [pictures] = self._paint_all([request])
        return pictures

    def paint_each(self, wishes: Sequence[tuple[str, int]]) -> list[Picture]:
        """Generate one image for each pair of prompt and seed, all together."""
        requests = [self._request(prompt, seed) for prompt, seed in wishes]
        return [picture for [picture] in self._paint_all(requests)]

    def paint_many(self, prompt: str, *, seed: int, count: int) -> list[Picture]:
        """Generate unsteered images, more than fit into one request if need be."""
        batches = range(0, count, MAX_PICTURES)
        return [
            picture
            for first in batches
            for picture in self.paint(
                prompt, seed=seed + first, count=min(MAX_PICTURES, count - first)
            )
        ]

    def _request(self, prompt: str, seed: int) -> Paint:
        return Paint(
            job="",
            model=self._setup.model,
            prompt=prompt,
            count=1,
            seed=seed,
            steps=self._setup.steps,
            guidance=self._setup.guidance,
            scheduler=self._setup.scheduler,
            feedback=PLAIN,
            previews=False,
            out=self._folder,
        )

    def _paint_all(self, requests: Sequence[Paint]) -> list[list[Picture]]:
        fresh = [each for each in dict.fromkeys(requests) if each not in self._known]
        jobs = []
        for number, request in enumerate(fresh, len(self._known)):
            job = f"{number:05}"
            (self._folder / job).mkdir()
            jobs.append(dataclasses.replace(request, job=job, out=self._folder / job))
            self.painted += request.count
        for request, pictures in zip(fresh, self._paint(jobs), strict=True):
            self._known[request] = [_open(each) for each in pictures]
        return [self._known[request] for request in requests]


def _open(painted: Painted) -> Picture:
    if painted.path is None or painted.digest is None:
        raise ValueError(f"the picture of seed {painted.seed} was withheld")
    with Image.open(painted.path) as opened:
        image = opened.convert("RGB")
    return Picture(image=image, reference=Reference(path=painted.path, digest=painted.digest))
