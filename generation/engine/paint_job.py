"""The state of one request: its preparation, its trajectories and its output."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PIL import Image
from torch import Tensor

from generation.engine.job import Quantum
from generation.engine.job_references import JobReferences, open_picture
from generation.engine.outputs import Outputs
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache, StateKey
from generation.fabric.steering import RatedImage
from generation.images.canvas import lay_out
from generation.images.tensors import resized, to_pixels
from generation.models.adapters.runtime import Adapters
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.protocol.events import Finished, Painted, Progress
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Adapter, Filter, Lane, Paint, Source
from generation.requests.expansion import picture_of
from generation.requests.prompts import unbroken
from generation.requests.refused import Refused
from generation.sampling.guidance import Guidance
from generation.sampling.init_image import EncodedSource, blended, encode_source, kept
from generation.sampling.trajectory import Trajectory


class PaintJob:
    """The state of one request: its `chores` run first, then its pictures are denoised."""

    def __init__(
        self,
        request: Paint,
        size: tuple[int, int],
        model: Model,
        states: ReferenceCache,
        writer: Writer,
        adapters: Adapters,
    ) -> None:
        self.request = request
        self.width, self.height = size
        self.trajectories: list[Trajectory] = []
        self.isolated = False
        """Run without other requests in a batch, after a batch with others failed."""
        self.short_of_memory = False
        """Set once this request has run out of memory."""
        self._asked = [picture_of(request, place) for place in range(request.count)]
        self._model = model
        self._adapters = adapters
        self._held: list[str] = []
        """Digests of the adapters that it keeps loaded."""
        self._source: EncodedSource | None = None
        self._image_latents: Tensor | None = None
        self._kept: tuple[Image.Image, Image.Image] | None = None
        """The source and its mask at the size of the pictures, if the mask keeps some of it."""
        self._blended: tuple[Image.Image, float] | None = None
        """The repaired source and the weight of the generated picture, if the two are blended."""
        self._places: dict[Trajectory, int] = {}
        self._references = JobReferences(request, size, model, states)
        self._outputs = Outputs(request, writer)
        self._told = 0
        self.chores = deque(self._plan())
        """Remaining preparation, one quantum each."""

    @property
    def id(self) -> str:
        """Id of the job in the protocol."""
        return self.request.job

    @property
    def lane(self) -> Lane:
        """Lane that its quanta run in."""
        return self.request.lane

    @property
    def denoising(self) -> list[Trajectory]:
        """Trajectories that are still being denoised."""
        return [t for t in self.trajectories if not t.done]

    @property
    def undecoded(self) -> list[Trajectory]:
        """Trajectories that are denoised and not yet decoded."""
        done = (t for t in self.trajectories if t.done)
        return [t for t in done if not self._outputs.has(self._places[t])]

    @property
    def pictures_read(self) -> set[RatedImage]:
        """References that its pictures have been found to read so far."""
        return self._references.pictures

    @property
    def trained(self) -> str | None:
        """The adapter that was trained for its pictures, if there is one."""
        return None

    def close(self) -> None:
        """Release what the request holds, however it ended."""
        while self._held:
            self._adapters.release(self._held.pop())

    @property
    def filtered(self) -> bool:
        """True if its output must not show adult content openly."""
        return self.request.filter is not Filter.OFF

    def next(self) -> Quantum | None:
        """Return the decoding of a finished picture, else the next chore; batches are shared."""
        if undecoded := self.undecoded:
            run = partial(self._decode, undecoded[0])
            return Quantum(run=run, jobs=[self], finishes=True)
        return Quantum(run=self.prepare, jobs=[self]) if self.chores else None

    def report(self) -> Progress | Finished | None:
        """Return the progress if it has changed, else that the last file has been written."""
        return self.progress() or self.finished()

    def prepare(self) -> None:
        """Run the next chore, which stays first in line if it fails."""
        self.chores[0]()
        self.chores.popleft()

    def needs(self, trajectory: Trajectory) -> list[StateKey]:
        """Return the reference states that a picture's next UNet call reads."""
        return self._references.needs(trajectory)

    def needs_ahead(self) -> Iterator[StateKey]:
        """Yield the reference states of all remaining calls, the next ones first."""
        return self._references.needs_ahead(self.denoising)

    def _plan(self) -> Iterator[Callable[[], object]]:
        for adapter in {a.digest: a for one in self._asked for a in one.adapters}.values():
            yield partial(self._load, adapter)
        for place in range(len(self._asked)):
            yield partial(self._encode, place)
        yield from self._references.chores(self._asked)
        if self.request.source is not None:
            yield partial(self._open_source, self.request.source)
        yield self._set_out

    def _load(self, adapter: Adapter) -> None:
        """Load an adapter, and keep it loaded until the request ends."""
        self._adapters.load(adapter)
        self._held.append(adapter.digest)
        self._asked = [self._adapters.recognised(asked) for asked in self._asked]

    def _encode(self, place: int) -> None:
        """Encode a picture's prompts, which are then remembered."""
        self._conditions(self._asked[place])

    def _open_source(self, source: Source) -> None:
        """Encode the source image."""
        size = (self.width, self.height)
        picture = open_picture(source.path, Problem(Code.SOURCE), source.digest)
        mask = open_picture(source.mask, Problem(Code.MASK)) if source.mask else None
        share, multiple = 1.0, self._model.latent_format.multiple
        if source.mend is not None:
            # OpenCV takes time and memory that few requests need.
            from generation.editing.restoration import restore_source

            restored = restore_source(picture, mask, source, size, multiple)
            picture, mask, share = restored.picture, restored.anew, restored.share
        canvas, anew = lay_out(picture, mask, source, size, multiple)
        if anew is not None and anew.getbbox() is None:
            raise Refused(Code.NOTHING_ANEW)
        if self.request.image_guidance is not None:
            self._image_latents = self._model.image_latents(resized(canvas, *size))
        else:
            self._source = encode_source(
                self._model,
                canvas,
                anew,
                size=size,
                strength=source.strength,
                anchored=self.request.tiled,
            )
        if anew is not None:
            self._kept = canvas, anew
        if share < 1:
            self._blended = canvas, share

    def _set_out(self) -> None:
        """Create each picture's trajectory and determine the reference states that it will read."""
        model = self._model
        like, tile = model.empty_latents(self.width, self.height), self._tile()
        self.trajectories.clear()  # those of an attempt for which memory was short
        self._references.forget_trajectories()
        for place, asked in enumerate(self._asked):
            positive, negative = self._conditions(asked)
            guidance = Guidance(
                positive=positive,
                negative=negative,
                scale=asked.guidance,
                steering=self._references.steering_of(asked),
                image_scale=asked.image_guidance,
                adapters=self._adapters.acting_of(asked.adapters),
                trained=self.trained,
            )
            source = self._source
            if source is not None and asked.source is not None:
                source = dataclasses.replace(source, strength=asked.source.strength)
            scheduler = model.scheduler(asked.scheduler, asked.steps, asked.seed)
            trajectory = Trajectory(
                model,
                guidance,
                scheduler,
                seed=asked.seed,
                like=like,
                source=source,
                image_latents=self._image_latents,
                tile=tile,
            )
            self._references.follow(trajectory)
            self._places[trajectory] = place
            self.trajectories.append(trajectory)
        if self._references.are_read:
            self._outputs.write_strip(self._references.strip())

    def _conditions(self, asked: Paint) -> tuple[Condition, Condition | None]:
        """Return the conditions of a picture's rows; a tile is conditioned on its own size."""
        size = self.width, self.height
        if tile := self._tile():
            factor = self._model.latent_format.vae_scale_factor
            size = tile[1] * factor, tile[0] * factor
        words = asked.prompt, asked.negative_prompt
        if asked.literal:
            words = unbroken(asked.prompt), unbroken(asked.negative_prompt)
        adapters = self._adapters.acting_of(asked.adapters).text
        return self._model.encode_prompt(*words, asked.guidance, *size, adapters)

    def _tile(self) -> tuple[int, int] | None:
        """Return height and width in latents of the tiles for denoising; None for the whole."""
        if not self.request.tiled:
            return None
        card, factor = self._model.card, self._model.latent_format.vae_scale_factor
        return min(card.height, self.height) // factor, min(card.width, self.width) // factor

    def _decode(self, trajectory: Trajectory) -> None:
        """Decode a denoised picture, check it for adult content, and hand it in."""
        pixels = self.finish(self._model.decode(trajectory.latents))
        safety = self._model.safety
        flagged = safety is not None and safety.flags(Image.fromarray(pixels.cpu().numpy()))
        self.hand_in(trajectory, pixels, flagged=flagged)

    def finish(self, decoded: Tensor) -> Tensor:
        """Convert a decoded picture (1, 3, H, W) to its final pixels (H, W, 3)."""
        pixels = to_pixels(decoded)[0]
        if self._blended is not None:
            return blended(pixels, *self._blended)
        return pixels if self._kept is None else kept(pixels, *self._kept)

    def hand_in(self, trajectory: Trajectory, pixels: Tensor, *, flagged: bool) -> None:
        """Have a finished picture (H, W, 3) written, unless the filter withholds it."""
        place = self._places[trajectory]
        if not (flagged and self.request.filter is Filter.WITHHOLD):
            self._outputs.write(self._asked[place], place, pixels, flagged=flagged)
            return
        withheld = Painted(
            path=None,
            digest=None,
            seed=trajectory.seed,
            width=self.width,
            height=self.height,
            withheld=True,
            flagged=True,
        )
        self._outputs.withhold(place, withheld)

    def preview_due(self) -> bool:
        """Return True if it is time for the next preview."""
        return self._outputs.preview_due() and bool(self.denoising)

    def show(self, pictures: Callable[[], Sequence[Image.Image]]) -> None:
        """Have the writer's thread write a preview of the images that `pictures` returns."""
        self._outputs.show(pictures)

    def progress(self) -> Progress | None:
        """Return the progress, averaged over the pictures, if it has changed."""
        step, steps = self._taken
        if not steps:
            return None
        preview = self._outputs.take_preview()
        if step == self._told and preview is None:
            return None
        self._told = step
        return Progress(job=self.id, step=step, steps=steps, preview=preview)

    @property
    def _taken(self) -> tuple[int, int]:
        """Return the UNet calls done and in total, averaged over the pictures."""
        count = max(1, len(self.trajectories))
        calls = [(t.call, t.calls) for t in self.trajectories]
        return sum(call for call, _ in calls) // count, sum(of for _, of in calls) // count

    def finished(self) -> Finished | None:
        """Return the terminal event once every file is on disk; re-raise errors of the writer."""
        card = self._model.card
        # Tiles are of the native size, however large the picture.
        return self._outputs.finished(None if self.request.tiled else (card.width, card.height))
