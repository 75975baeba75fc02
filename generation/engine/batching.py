"""Batches of rows of several paint jobs: UNet calls that they share, and the states these read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial

import torch

from generation.engine.batch_size import BatchSizer
from generation.engine.job import Quantum
from generation.engine.memory_budget import BatchEntry, MemoryBudget
from generation.engine.paint_job import PaintJob
from generation.fabric.reference_cache import ReferenceCache, StateKey, Wanted
from generation.fabric.unet import ReferenceAttention
from generation.models.adapters.runtime import Adapters
from generation.models.adapters.trained import TrainedAdapters
from generation.models.model import Model
from generation.protocol.requests import Lane
from generation.sampling.previews import Previews
from generation.sampling.trajectory import Trajectory, advance


class Batcher:
    """Batches the pictures of all paint jobs of one model into UNet calls."""

    def __init__(
        self,
        model: Model,
        attention: ReferenceAttention,
        adapters: Adapters,
        trained: TrainedAdapters,
        states: ReferenceCache,
        jobs: Callable[[], Sequence[PaintJob]],
    ) -> None:
        """`jobs` returns the running paint jobs, in the order of their requests."""
        self._model = model
        self._attention = attention
        self._adapters = adapters
        self._trained = trained
        self._states = states
        self._jobs = jobs
        self._previews = Previews(model)
        self._batch_sizer = BatchSizer(model.device)
        self._memory_budget = MemoryBudget(model, states, self._wanted, adapters)
        self._turn = 0

    def next(self, lane: Lane) -> Quantum | None:
        """Return the next call of a lane: missing reference states, else a denoising step."""
        batch = self._gather(lane)
        if not batch:
            return None
        return self._prefetch(batch) or self._denoise(batch)

    def make_room(self, rows: int) -> None:
        """Free all states and adapters that can be spared, and halve calls of so many rows."""
        if rows > 1:
            self._batch_sizer.shrink(rows)
        self._states.shrink(0, self._wanted())
        self._adapters.forget_unused()

    def _gather(self, lane: Lane) -> list[BatchEntry]:
        """Select the pictures of the next call: the longest waiting, and all that fit with it."""
        waiting = [(job, t) for job in self._jobs() if job.lane is lane for t in job.denoising]
        if not waiting:
            return []
        host, first = min(waiting, key=lambda pair: pair[1].turn)
        most = self._batch_sizer.rows(("denoise", first.kind))
        chosen: list[BatchEntry] = []
        rows = 0
        for job, trajectory in sorted(waiting, key=lambda pair: pair[1].turn):
            apart = job is not host and (job.isolated or host.isolated)
            if apart or trajectory.batch_key != first.batch_key:
                continue
            quick = (most - rows) // trajectory.rows
            if chosen and quick < 1:
                break
            fitting = self._memory_budget.tiles(chosen, (job, trajectory))
            if fitting < 1:
                continue
            trajectory.tiles = max(1, min(quick, fitting, trajectory.tiles_left))
            rows += trajectory.tiles * trajectory.rows
            chosen.append((job, trajectory))
        # In the order of requests again, so that rows with the same references are neighbours.
        return [pair for pair in waiting if pair in chosen]

    def _prefetch(self, batch: Sequence[BatchEntry]) -> Quantum | None:
        """Return a quantum that computes missing reference states, and as many more as fit."""
        now = (need for job, t in batch for need in job.needs(t))
        missing = self._states.missing(now)
        if not missing:
            return None
        jobs = list(dict.fromkeys(job for job, _ in batch))
        ahead = self._states.missing(need for job in jobs for need in job.needs_ahead())
        shape, network = missing[0].picture.shape, missing[0].noise_level.network
        needs = [
            need
            for need in dict.fromkeys((*missing, *ahead))
            if need.picture.shape == shape and need.noise_level.network == network
        ]
        kind = ("reference", shape, missing[0].noise_level.edits)
        needs = needs[: min(self._batch_sizer.rows(kind), self._states.capacity(shape))]
        needs = needs[: self._memory_budget.states(batch, needs)]
        return Quantum(run=partial(self._read_ahead, kind, needs), jobs=jobs, rows=len(needs))

    def _read_ahead(self, kind: Hashable, needs: Sequence[StateKey]) -> None:
        adapters = needs[0].noise_level.adapters.unet
        with self._batch_sizer.measured(kind, len(needs)), self._adapters.acting([adapters]):
            self._states.make(needs)
        if self._states.size > self._states.budget:
            self._states.shrink(self._states.budget, self._wanted())

    def _denoise(self, batch: Sequence[BatchEntry]) -> Quantum:
        trajectories = [trajectory for _, trajectory in batch]
        jobs = list(dict.fromkeys(job for job, _ in batch))
        rows = sum(trajectory.tiles * trajectory.rows for trajectory in trajectories)
        return Quantum(run=partial(self._step, jobs, trajectories, rows), jobs=jobs, rows=rows)

    def _step(
        self, jobs: Sequence[PaintJob], trajectories: Sequence[Trajectory], rows: int
    ) -> None:
        self._turn += 1
        for trajectory in trajectories:
            trajectory.turn = self._turn
        measured = self._batch_sizer.measured(("denoise", trajectories[0].kind), rows)
        with measured, self._trained.using(trajectories[0].guidance.trained):
            acting = self._adapters.acting
            advance(self._model, trajectories, self._attention, self._states, acting)
        for job in jobs:
            if job.preview_due():
                estimates = torch.cat([t.estimate() for t in job.trajectories])
                coarse = self._model.safety is not None and job.filtered
                job.show(self._previews.of(estimates, coarse=coarse))

    def _wanted(self) -> Wanted:
        """Return the reference states that running jobs still need."""
        jobs = self._jobs()
        return Wanted(
            pictures={picture for job in jobs for picture in job.pictures_read},
            needs={need for job in jobs for need in job.needs_ahead()},
        )
