"""A request whose model is fitted to its picture first: Imagic, as quanta beside all others."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat

import torch.nn.functional as F
from torch import Tensor

from generation.editing.imagic import Tuning, choose, fit_to_words, noise_levels
from generation.engine.paint_job import PaintJob
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache
from generation.models.adapters import Adapters
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.protocol.events import Finished
from generation.protocol.requests import Imagic, Paint, Source
from generation.sampling.trajectory import Trajectory


class ImagicJob(PaintJob):
    """Stages A and B are chores before its pictures, judging them one after."""

    def __init__(
        self,
        request: Paint,
        size: tuple[int, int],
        model: Model,
        states: ReferenceCache,
        writer: Writer,
        adapters: Adapters,
        settings: Imagic,
    ) -> None:
        self._adapters = adapters
        self._settings = settings
        self._tuning: Tuning | None = None
        self._latents: dict[int, Tensor] = {}
        self._chosen: int | None = None
        super().__init__(request, size, model, states, writer)

    def close(self) -> None:
        """Leave the model as it was, however this ends."""
        if self._tuning is not None:
            self._tuning.end()

    @property
    def adapter(self) -> str | None:
        """The fitted one, once its pictures are painted."""
        return None if self._tuning is None else self._tuning.name

    def _plan(self) -> Iterator[Callable[[], object]]:
        *before, set_out = super()._plan()
        yield from before
        yield self._begin
        settings = self._settings
        # A step is a quantum: on a CPU a large model takes long enough for one.
        yield from repeat(self._tune, settings.embedding_steps + settings.tuning_steps)
        yield set_out

    def _open_source(self, source: Source) -> None:
        # As an origin of which no step is taken: its latents are what is asked for.
        super()._open_source(dataclasses.replace(source, strength=1.0))

    def _begin(self) -> None:
        origin, asked = self._origin, self._asked[0]
        if origin is None:
            raise RuntimeError("the source has not been opened")
        target, _ = super()._conditions(asked)
        self._tuning = Tuning(
            self._model,
            self._adapters,
            f"imagic-{self.job}",
            picture=origin.mean,
            target=target,
            settings=self._settings,
            seed=asked.seed,
        )
        # What is painted begins from noise; the picture is in the model now.
        self._picture, self._origin = origin.mean, None

    def _tune(self) -> None:
        if self._tuning is not None:
            self._tuning.work(1)

    def _conditions(self, asked: Paint) -> tuple[Condition, Condition | None]:
        wanted, left = super()._conditions(asked)
        return (wanted if self._tuning is None else self._tuning.between(asked.eta)), left

    def hand_in(self, trajectory: Trajectory, pixels: Tensor, *, flagged: bool) -> None:
        """Have a finished picture written; after the last one they are judged."""
        self._latents[self._places[trajectory]] = trajectory.latents
        super().hand_in(trajectory, pixels, flagged=flagged)
        if len(self._latents) == self.request.count > 1:
            self.chores = deque([self._judge])

    def _judge(self) -> None:
        """Which picture says best what was wanted, and is nearest to what there was."""
        wanted, _ = super()._conditions(self._asked[0])
        empty = self._model.unprompted(self.width, self.height)
        signal = noise_levels(self._model).to(self._model.device)
        pictures = [self._latents[place] for place in range(self.request.count)]
        before, *fits = (
            fit_to_words(self._model, one, wanted, empty, signal)
            for one in (self._picture, *pictures)
        )
        near = [
            float(F.cosine_similarity(one.flatten(), self._picture.flatten(), dim=0))
            for one in pictures
        ]
        self._chosen = choose(fits, near, before)

    def finished(self) -> Finished | None:
        """As of any request, with the picture that was found best."""
        if self.chores:
            return None
        finished = super().finished()
        return finished and dataclasses.replace(finished, chosen=self._chosen)

    @property
    def _taken(self) -> tuple[int, int]:
        """Steps of all stages."""
        steps, of = super()._taken
        if self._tuning is None:
            return 0, of
        return steps + self._tuning.done, of + self._tuning.total
