"""Imagic requests: the model is fitted to the source first, in quanta among all other work."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat

import torch.nn.functional as F
from torch import Tensor

from generation.editing.imagic import Tuning, choose, fit_to_words
from generation.engine.paint_job import PaintJob
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache
from generation.models.adapters.runtime import Adapters
from generation.models.adapters.trained import TrainedAdapters
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.protocol.events import Finished
from generation.protocol.requests import Imagic, Paint, Source
from generation.sampling.trajectory import Trajectory


class ImagicJob(PaintJob):
    """An Imagic request: stages A and B run before its images, and choosing the best one after."""

    def __init__(
        self,
        request: Paint,
        size: tuple[int, int],
        model: Model,
        states: ReferenceCache,
        writer: Writer,
        adapters: Adapters,
        trained: TrainedAdapters,
        settings: Imagic,
    ) -> None:
        self._trained = trained
        self._settings = settings
        self._tuning: Tuning | None = None
        self._latents: dict[int, Tensor] = {}
        self._chosen: int | None = None
        super().__init__(request, size, model, states, writer, adapters)

    def close(self) -> None:
        """Remove the adapter from the model, however this ends."""
        super().close()
        if self._tuning is not None:
            self._tuning.end()

    @property
    def trained(self) -> str | None:
        """The fitted adapter, once it is used to generate the images."""
        return None if self._tuning is None else self._tuning.name

    def _plan(self) -> Iterator[Callable[[], object]]:
        *before, set_out = super()._plan()
        yield from before
        yield self._begin
        settings = self._settings
        # One step per quantum: with a large model on a CPU that takes long enough.
        yield from repeat(self._tune, settings.embedding_steps + settings.tuning_steps)
        yield set_out

    def _open_source(self, source: Source) -> None:
        # Encoded like an init image of which no step is taken, because only its latents are needed.
        super()._open_source(dataclasses.replace(source, strength=1.0))

    def _begin(self) -> None:
        source, asked = self._source, self._asked[0]
        if source is None:
            raise RuntimeError("the source has not been opened")
        target, _ = super()._conditions(asked)
        self._tuning = Tuning(
            self._model,
            self._trained,
            f"imagic-{self.id}",
            picture=source.mean,
            target=target,
            settings=self._settings,
            seed=asked.seed,
        )
        # Generation starts from noise; the source is in the fitted model now.
        self._picture, self._source = source.mean, None

    def _tune(self) -> None:
        if self._tuning is not None:
            self._tuning.work(1)

    def _conditions(self, asked: Paint) -> tuple[Condition, Condition | None]:
        wanted, left = super()._conditions(asked)
        return (wanted if self._tuning is None else self._tuning.between(asked.eta)), left

    def hand_in(self, trajectory: Trajectory, pixels: Tensor, *, flagged: bool) -> None:
        """Write a finished image; after the last one, choose the best."""
        self._latents[self._places[trajectory]] = trajectory.latents
        super().hand_in(trajectory, pixels, flagged=flagged)
        if len(self._latents) == self.request.count > 1:
            self.chores = deque([self._judge])

    def _judge(self) -> None:
        """Choose the image that fits the description best while staying close to the source."""
        wanted, _ = super()._conditions(self._asked[0])
        empty = self._model.unconditional(self.width, self.height)
        levels = self._model.training_levels
        pictures = [self._latents[place] for place in range(self.request.count)]
        before, *fits = (
            fit_to_words(self._model, one, wanted, empty, levels)
            for one in (self._picture, *pictures)
        )
        near = [
            float(F.cosine_similarity(one.flatten(), self._picture.flatten(), dim=0))
            for one in pictures
        ]
        self._chosen = choose(fits, near, before)

    def finished(self) -> Finished | None:
        """Return the same event as for any request, with the image that was chosen."""
        if self.chores:
            return None
        finished = super().finished()
        return finished and dataclasses.replace(finished, chosen=self._chosen)

    @property
    def _taken(self) -> tuple[int, int]:
        """Return the steps done and to do, over all stages."""
        steps, of = super()._taken
        if self._tuning is None:
            return 0, of
        return steps + self._tuning.done, of + self._tuning.total
