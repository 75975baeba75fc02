"""The references of a paint job: opened, encoded, weighed, and read call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from PIL import Image

from generation.fabric.reference_cache import ReferenceCache, StateKey
from generation.fabric.steering import Half, RatedImage, Steering
from generation.images.sanitize import clean_picture
from generation.images.sheets import Thumbnail, hidden
from generation.images.tensors import digest_of, resized
from generation.models.model import Model
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Feedback, Filter, Paint, Reference
from generation.requests.feedback import explores, exploring
from generation.requests.refused import Refused
from generation.requests.sizes import read_size
from generation.sampling.trajectory import Trajectory


class JobReferences:
    """The references of one request."""

    def __init__(
        self, request: Paint, size: tuple[int, int], model: Model, states: ReferenceCache
    ) -> None:
        self._request = request
        self._area = size[0] * size[1]
        self._model = model
        self._states = states
        self._needs: dict[Trajectory, list[list[StateKey]]] = {}
        """Reference states read by each UNet call of a picture; one list for all that read the
        same."""
        self._known: dict[tuple[object, ...], list[list[StateKey]]] = {}
        self._pictures: dict[Reference, RatedImage] = {}
        self._thumbnails: dict[Reference, Image.Image] = {}

    @property
    def pictures(self) -> set[RatedImage]:
        """References that the pictures have been found to read so far."""
        return set(self._pictures.values())

    def chores(self, asked: Sequence[Paint]) -> Iterator[Callable[[], object]]:
        """Yield what reads each of the references that steer any of these pictures."""
        steered = [one for one in asked if _steers(one.feedback)]
        if steered:
            disliked = self._request.disliked if any(map(self._opposes, steered)) else ()
            for reference in dict.fromkeys((*self._request.liked, *disliked)):
                yield partial(self._read, reference)

    def steering_of(self, asked: Paint) -> Steering:
        """Return the references and weights that steer one picture."""
        feedback, liked, disliked = asked.feedback, asked.liked, asked.disliked
        if explores(feedback, 0, 1, len(liked)):
            feedback, disliked = exploring(feedback, liked, disliked)
            liked = ()
        return Steering(
            liked=self._weighed(liked),
            disliked=self._weighed(disliked) if self._opposes(asked) else (),
            feedback=feedback,
        )

    def forget_trajectories(self) -> None:
        """Forget what was to be read by the trajectories of an earlier attempt."""
        self._needs.clear()
        self._known.clear()

    def follow(self, trajectory: Trajectory) -> None:
        """Determine the reference states that each UNet call of a picture will read."""
        alike = (trajectory.guidance.steering, *trajectory.noise_levels)
        if alike not in self._known:
            self._known[alike] = _needs_of(trajectory)
        self._needs[trajectory] = self._known[alike]

    @property
    def are_read(self) -> bool:
        """True if any call of any picture reads one."""
        return any(chain.from_iterable(self._known.values()))

    def needs(self, trajectory: Trajectory) -> list[StateKey]:
        """Return the reference states that a picture's next UNet call reads."""
        return self._needs[trajectory][trajectory.call]

    def needs_ahead(self, denoising: Sequence[Trajectory]) -> Iterator[StateKey]:
        """Yield the reference states of all remaining calls, the next ones first."""
        ahead = {(id(self._needs[t]), t.call): self._needs[t][t.call :] for t in denoising}.values()
        return chain.from_iterable(chain.from_iterable(zip_longest(*ahead, fillvalue=[])))

    def strip(self) -> list[Thumbnail]:
        """Return the references as they were rated, the newest of each half first.

        Each with its name, and its largest weight in any call.
        The strip leaves out that explorers avoid what was liked, which the message says in words.
        """
        thumbnails = {
            picture: self._thumbnails[reference] for reference, picture in self._pictures.items()
        }
        runs = {(t.guidance.steering, t.calls) for t in self._needs}
        rated = {Half.LIKED: self._request.liked, Half.DISLIKED: self._request.disliked}
        names = {picture: reference.name for reference, picture in self._pictures.items()}
        strip = []
        for half in Half:
            known = (self._pictures[one] for one in reversed(rated[half]) if one in self._pictures)
            weights: dict[RatedImage, float] = dict.fromkeys(known, 0.0)
            for steering, calls in runs:
                for call in range(calls):
                    for picture, weight in steering.references(half, call, calls):
                        if picture in weights:
                            weights[picture] = max(weight, weights[picture])
            strip += [
                Thumbnail(thumbnails[picture], weight, half is Half.LIKED, names[picture])
                for picture, weight in weights.items()
                if weight > 0
            ]
        return strip

    def _read(self, reference: Reference) -> None:
        """Open a reference, and encode it unless its states are still cached."""
        picture = open_picture(
            reference.path, Problem(Code.REFERENCE, {"name": reference.path.name}), reference.digest
        )
        latents = self._model.latent_format
        width, height = read_size(picture.size, self._area, latents.multiple)
        read_as = RatedImage(reference.digest, *latents.shape(width, height)[-2:])
        if not self._states.knows(read_as):
            self._states.encode(read_as, resized(picture, width, height))
        self._pictures[reference] = read_as
        filtered = self._request.filter is not Filter.OFF
        thumbnail = hidden() if reference.flagged and filtered else picture.copy()
        thumbnail.thumbnail((256, 256))
        self._thumbnails[reference] = thumbnail

    def _weighed(self, references: Sequence[Reference]) -> tuple[tuple[RatedImage, float], ...]:
        return tuple(
            (self._pictures[reference], reference.weight)
            for reference in references
            if reference in self._pictures
        )

    def _opposes(self, asked: Paint) -> bool:
        """Return True if there is an unconditional row, which dislikes act on."""
        return asked.guidance > 1 and not self._model.reads_guidance


def open_picture(path: Path, file: Problem, digest: str | None = None) -> Image.Image:
    """Open a picture named by a request; raise `Refused` if it is missing or has changed."""
    try:
        data = path.read_bytes()
        picture = clean_picture(data)
    except OSError as error:
        raise Refused(Code.FILE_MISSING, file=file) from error
    except Refused as error:
        raise Refused(Code.FILE_UNUSABLE, file=file, problem=error.problem) from error
    if digest is not None and digest_of(data) != digest:
        raise Refused(Code.FILE_CHANGED, file=file)
    return picture


def _steers(feedback: Feedback) -> bool:
    return max(feedback.strength, feedback.floor) > 0


def _needs_of(trajectory: Trajectory) -> list[list[StateKey]]:
    """Return the reference states that each UNet call of a picture reads."""
    steering, calls = trajectory.guidance.steering, trajectory.calls
    return [
        [
            StateKey(picture, trajectory.noise_levels[call])
            for picture in steering.all_references(call, calls)
        ]
        for call in range(calls)
    ]
