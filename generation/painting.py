"""One request on its way: what is prepared, denoised and written of it so far."""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import chain
from pathlib import Path

from PIL import Image
from torch import Tensor

from generation.canvases import lay_out
from generation.feedback import Half, Picture, Steering, explores
from generation.messages import Finished, Paint, Painted, Progress, Reference, Source
from generation.models import Model
from generation.origins import Origin, kept, origin_of
from generation.pictures import (
    BadPicture,
    clean_picture,
    digest_of,
    read_size,
    resized,
    to_pixels,
)
from generation.prompts import BadPrompt, chosen
from generation.references import Need, ReferenceStates
from generation.requests import Refused
from generation.sampling import Conditions, Trajectory
from generation.sheets import Thumbnail
from generation.writing import Writer

PREVIEW_SECONDS = 1.0
"""Between two previews of a request."""


class Painting:
    """The state of one request: first its `chores` are done, then its pictures denoised."""

    def __init__(
        self,
        request: Paint,
        size: tuple[int, int],
        model: Model,
        states: ReferenceStates,
        writer: Writer,
    ) -> None:
        self.request = request
        self.width, self.height = size
        self.trajectories: list[Trajectory] = []
        self.alone = False
        """Whether it keeps out of company, after a call that failed in company."""
        self.short_of_memory = False
        """Whether memory has run out under it before."""
        self._asked = [_one(request, place) for place in range(request.count)]
        self._model = model
        self._states = states
        self._writer = writer
        self._origin: Origin | None = None
        self._kept: tuple[Image.Image, Image.Image] | None = None
        """The source and its mask at the size of the pictures, where the mask keeps some of it."""
        self._calls: list[list[Need]] = []
        self._pictures: dict[Reference, Picture] = {}
        self._thumbnails: dict[Reference, Image.Image] = {}
        self._files: dict[int, Future[Painted] | Painted] = {}
        self._strip: Future[Path] | None = None
        self._preview: Future[Path] | None = None
        self._told = 0
        self._began = self._previewed = time.perf_counter()
        self.chores = deque(self._plan())
        """What is left to prepare, a quantum each."""

    @property
    def job(self) -> str:
        """The request's name in the protocol."""
        return self.request.job

    @property
    def denoising(self) -> list[Trajectory]:
        """Pictures that are not denoised yet."""
        return [t for t in self.trajectories if not t.done]

    @property
    def undecoded(self) -> list[Trajectory]:
        """Pictures that are denoised and wait to be decoded."""
        return [t for t in self.trajectories if t.done and t.seed not in self._files]

    @property
    def pictures_read(self) -> set[Picture]:
        """The references that it was found to read so far."""
        return set(self._pictures.values())

    def prepare(self) -> None:
        """Do the next chore; one that fails is still to be done."""
        self.chores[0]()
        self.chores.popleft()

    def needs(self, call: int) -> list[Need]:
        """The reference states that one UNet call reads."""
        return self._calls[call]

    def needs_ahead(self) -> Iterator[Need]:
        """The reference states of all calls still to come, the next ones first."""
        first = min((t.call for t in self.denoising), default=len(self._calls))
        return chain.from_iterable(self._calls[first:])

    def _plan(self) -> Iterator[Callable[[], object]]:
        request, feedback = self.request, self.request.feedback
        for asked in self._asked:
            yield partial(self._model.words.together, asked.prompt, asked.negative_prompt)
        if max(feedback.strength, feedback.floor) > 0:
            # Dislikes speak to the unconditional rows, which guidance 1 does without.
            disliked = request.disliked if request.guidance > 1 else ()
            for reference in dict.fromkeys((*request.liked, *disliked)):
                yield partial(self._read, reference)
        if request.source is not None:
            yield partial(self._open_source, request.source)
        yield self._set_out

    def _read(self, reference: Reference) -> None:
        """Open a reference, and encode it unless its states are still known."""
        picture = open_picture(
            reference.path, f"The reference {reference.path.name}", reference.digest
        )
        scale = self._model.scale
        width, height = read_size(picture, self.width * self.height, scale)
        read_as = Picture(reference.digest, height // scale, width // scale)
        if not self._states.knows(read_as):
            self._states.encode(read_as, resized(picture, width, height))
        self._pictures[reference] = read_as
        self._thumbnails[reference] = picture.copy()
        self._thumbnails[reference].thumbnail((256, 256))

    def _open_source(self, source: Source) -> None:
        """Encode the picture to begin from."""
        size = (self.width, self.height)
        picture = open_picture(source.path, "The picture to begin from", source.digest)
        mask = open_picture(source.mask, "The mask") if source.mask else None
        canvas, anew = lay_out(picture, mask, source, size, self._model.scale)
        if anew is not None and anew.getbbox() is None:
            raise Refused(
                "Nothing would be painted anew; make the mask white where something should."
            )
        self._origin = origin_of(self._model, canvas, anew, size=size, strength=source.strength)
        if anew is not None:
            self._kept = canvas, anew

    def _set_out(self) -> None:
        """Draw each picture's first noise and know what its calls will read."""
        request, model = self.request, self._model
        steering = Steering(
            liked=self._weighed(request.liked),
            disliked=self._weighed(request.disliked),
            feedback=request.feedback,
        )
        exploring, count = steering.exploring(), request.count
        like = model.empty_latents(self.width, self.height)
        for place, asked in enumerate(self._asked):
            positive, negative = model.words.together(asked.prompt, asked.negative_prompt)
            explorer = explores(request.feedback, place, count, len(request.liked))
            conditions = Conditions(
                positive=positive,
                negative=negative,
                guidance=request.guidance,
                steering=exploring if explorer else steering,
            )
            seed = request.seed + place
            scheduler = model.scheduler(request.scheduler, request.steps, seed)
            self.trajectories.append(
                Trajectory(model, conditions, scheduler, seed=seed, like=like, origin=self._origin)
            )
        self._calls = _needs_of(self.trajectories[0])
        if any(self._calls):
            strip = self._strip_of(steering, len(self._calls))
            self._strip = self._writer.strip(request.out, strip)

    def _weighed(self, references: Sequence[Reference]) -> tuple[tuple[Picture, float], ...]:
        return tuple(
            (self._pictures[reference], reference.weight)
            for reference in references
            if reference in self._pictures
        )

    def _strip_of(self, steering: Steering, calls: int) -> list[Thumbnail]:
        """Each reference with the most that it weighs at any call."""
        thumbnails = {
            picture: self._thumbnails[reference] for reference, picture in self._pictures.items()
        }
        strip = []
        for half in Half:
            weights: dict[Picture, float] = {}
            for call in range(calls):
                for picture, weight in steering.pulls(half, call, calls):
                    weights[picture] = max(weight, weights.get(picture, 0))
            strip += [
                Thumbnail(thumbnails[picture], weight, half is Half.LIKED)
                for picture, weight in weights.items()
            ]
        return strip

    def hand_in(self, trajectory: Trajectory, decoded: Tensor) -> None:
        """Have a decoded picture (1, 3, H, W) written."""
        place = trajectory.seed - self.request.seed
        pixels = to_pixels(decoded)[0]
        if self._kept is not None:
            pixels = kept(pixels, *self._kept)
        self._files[trajectory.seed] = self._writer.picture(self._asked[place], place, pixels)

    def withhold(self, trajectory: Trajectory) -> None:
        """Keep a picture back, as the safety checker wants."""
        self._files[trajectory.seed] = Painted(
            path=None,
            digest=None,
            seed=trajectory.seed,
            width=self.width,
            height=self.height,
            withheld=True,
        )

    def preview_due(self) -> bool:
        """Whether it is time to show how the pictures are coming along."""
        waiting = self._preview is not None and not self._preview.done()
        recently = time.perf_counter() - self._previewed < PREVIEW_SECONDS
        return self.request.previews and bool(self.denoising) and not waiting and not recently

    def show(self, pictures: Callable[[], Sequence[Image.Image]]) -> None:
        """Have a preview written of what `pictures` makes, on the writer's thread."""
        self._previewed = time.perf_counter()
        self._preview = self._writer.preview(self.request.out, pictures)

    def progress(self) -> Progress | None:
        """How far it is, if that has changed: the UNet calls that its pictures average."""
        if not self.trajectories:
            return None
        step = sum(t.call for t in self.trajectories) // len(self.trajectories)
        preview = self._preview if self._preview and self._preview.done() else None
        if step == self._told and preview is None:
            return None
        if preview:
            self._preview = None
        self._told = step
        return Progress(
            job=self.job,
            step=step,
            steps=len(self._calls),
            preview=preview.result() if preview else None,
        )

    def finished(self) -> Finished | None:
        """The terminal event once every file is on disk; raises what the writer raised."""
        waiting = [self._strip, self._preview, *self._files.values()]
        if len(self._files) < self.request.count or not all(
            file.done() for file in waiting if isinstance(file, Future)
        ):
            return None
        pictures = [
            file.result() if isinstance(file, Future) else file
            for _, file in sorted(self._files.items())
        ]
        return Finished(
            job=self.job,
            pictures=tuple(pictures),
            seconds=time.perf_counter() - self._began,
            steering=self._strip.result() if self._strip else None,
        )


def open_picture(path: Path, what: str, digest: str | None = None) -> Image.Image:
    """A picture that a request names, clean; `Refused` if it is not there or not what it was."""
    try:
        data = path.read_bytes()
        picture = clean_picture(data)
    except OSError as error:
        raise Refused(f"{what} cannot be read.") from error
    except BadPicture as error:
        raise Refused(f"{what}: {error}") from error
    if digest is not None and digest_of(data) != digest:
        raise Refused(f"{what} is not the picture it was.")
    return picture


def _one(request: Paint, place: int) -> Paint:
    """The request as it is for one of its pictures: of alternatives, those its seed chooses."""
    seed = request.seed + place
    try:
        return dataclasses.replace(
            request,
            prompt=chosen(request.prompt, seed),
            negative_prompt=chosen(request.negative_prompt, seed),
        )
    except BadPrompt as error:
        raise Refused(str(error)) from error


def _needs_of(trajectory: Trajectory) -> list[list[Need]]:
    """What each UNet call reads; the first picture reads all that any other one does."""
    steering, calls = trajectory.conditions.steering, trajectory.calls
    return [
        [
            Need(picture, trajectory.timesteps[call], float(trajectory.signal[call]))
            for picture in steering.pictures(call, calls)
        ]
        for call in range(calls)
    ]
