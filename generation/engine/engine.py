"""The scheduler of one device: all running requests, advanced one quantum at a time.

Its owner calls `advance` in a loop, and between two calls passes on new requests and cancellations.
"""

from __future__ import annotations

import dataclasses
import gc
import logging
import traceback
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from generation.engine.batch_size import BatchSizer
from generation.engine.imagic_job import ImagicJob
from generation.engine.memory_budget import BatchEntry, MemoryBudget
from generation.engine.paint_job import PaintJob, open_picture
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache, StateKey, Wanted
from generation.fabric.unet import ReferenceAttention
from generation.models.adapters import Adapters
from generation.models.model import Model
from generation.protocol.events import Cancelled, Event, Failed, Reason
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Paint
from generation.requests.refused import Refused
from generation.requests.sizes import usual_size
from generation.requests.validation import check, check_source_of
from generation.sampling.previews import Previews
from generation.sampling.trajectory import Trajectory, advance

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quantum:
    """About half a second of work, its requests, and the number of its rows."""

    run: Callable[[], object]
    paintings: Sequence[PaintJob]
    rows: int = 1


class Engine:
    """All running requests of one loaded model."""

    def __init__(self, model: Model, writer: Writer, *, name: str, reference_budget: int) -> None:
        """`name` is the model's name in requests; the budget is in bytes."""
        self._model = model
        self._name = name
        self._writer = writer
        self._attention = ReferenceAttention(*model.unets)
        self._adapters = Adapters(model.unet)
        self._states = ReferenceCache(model, self._attention, reference_budget)
        self._previews = Previews(model)
        self._pace = BatchSizer(model.device)
        self._room = MemoryBudget(model, self._states, self._wanted)
        self._paintings: dict[str, PaintJob] = {}
        self._turn = 0
        self._events: deque[Event] = deque()

    @property
    def busy(self) -> bool:
        """True if there is anything to advance or to wait for."""
        return bool(self._paintings)

    @property
    def reference_bytes(self) -> int:
        """Size of the cache of reference states in bytes."""
        return self._states.size

    def begin(self, request: Paint) -> None:
        """Accept a request; it joins the others at the next step."""
        try:
            size = check(
                request, self._model.card, self._name, self._model.scale, self._usual(request)
            )
            if (request.liked or request.disliked) and not self._attention.layers:
                raise Refused(Code.CANNOT_STEER, model=self._model.card.name)
            self._paintings[request.job] = self._painting(request, size)
        except Refused as refusal:
            self._events.append(failed_by(refusal, request.job))

    def _painting(self, request: Paint, size: tuple[int, int]) -> PaintJob:
        parts = self._model, self._states, self._writer
        if request.imagic is None:
            return PaintJob(request, size, *parts)
        return ImagicJob(request, size, *parts, self._adapters, request.imagic)

    def _usual(self, request: Paint) -> tuple[int, int]:
        """Return the default size: the native one, or one that suits the source."""
        card = self._model.card
        if request.source is None or request.width or request.height:
            return card.width, card.height
        check_source_of(request)
        picture = open_picture(request.source.path, Problem(Code.SOURCE))
        native = card.width * card.height
        return usual_size(picture.size, request.source, native, self._model.scale)

    def cancel(self, job: str) -> None:
        """Stop a request; does nothing if it has ended."""
        if painting := self._paintings.pop(job, None):
            painting.close()
            self._events.append(Cancelled(job=job))

    def take_events(self) -> list[Event]:
        """Return the events since the last call."""
        events = list(self._events)
        self._events.clear()
        return events

    def advance(self) -> bool:
        """Run one quantum; return False if only the writer has work left."""
        quantum = self._next()
        if quantum is not None:
            self._run(quantum)
        self._report()
        return quantum is not None

    def _next(self) -> Quantum | None:
        """Choose the next quantum: decode finished pictures first, then prepare, then denoise."""
        for painting in self._paintings.values():
            for trajectory in painting.undecoded:
                return Quantum(
                    run=partial(self._decode, painting, trajectory), paintings=[painting]
                )
        for painting in self._paintings.values():
            if painting.chores:
                return Quantum(run=painting.prepare, paintings=[painting])
        company = self._gather()
        if not company:
            return None
        return self._prefetch(company) or self._denoise(company)

    def _gather(self) -> list[BatchEntry]:
        """Select the pictures of the next call: the longest waiting, and all that fit with it."""
        waiting = [(p, t) for p in self._paintings.values() for t in p.denoising]
        if not waiting:
            return []
        host, first = min(waiting, key=lambda pair: pair[1].turn)
        most = self._pace.rows(("denoise", first.batch_key))
        chosen: list[BatchEntry] = []
        rows = 0
        for painting, trajectory in sorted(waiting, key=lambda pair: pair[1].turn):
            apart = painting is not host and (
                painting.isolated or host.isolated or painting.adapter != host.adapter
            )
            if apart or trajectory.batch_key != first.batch_key:
                continue
            quick = (most - rows) // trajectory.rows
            if chosen and quick < 1:
                break
            fitting = self._room.tiles(chosen, (painting, trajectory))
            if fitting < 1:
                continue
            trajectory.tiles = max(1, min(quick, fitting, trajectory.tiles_left))
            rows += trajectory.tiles * trajectory.rows
            chosen.append((painting, trajectory))
        # In the order of requests again, so that rows with the same references are neighbours.
        return [pair for pair in waiting if pair in chosen]

    def _prefetch(self, company: Sequence[BatchEntry]) -> Quantum | None:
        """Return a quantum that computes missing reference states, and as many more as fit."""
        now = (need for p, t in company for need in p.needs(t))
        missing = self._states.missing(now)
        if not missing:
            return None
        paintings = list(dict.fromkeys(painting for painting, _ in company))
        ahead = self._states.missing(need for p in paintings for need in p.needs_ahead())
        shape, edits = missing[0].picture.shape, missing[0].moment.edits
        needs = [
            need
            for need in dict.fromkeys((*missing, *ahead))
            if need.picture.shape == shape and need.moment.edits == edits
        ]
        kind = ("reference", shape, edits)
        needs = needs[: min(self._pace.rows(kind), self._states.room(shape))]
        needs = needs[: self._room.states(company, needs)]
        return Quantum(
            run=partial(self._read_ahead, kind, needs), paintings=paintings, rows=len(needs)
        )

    def _read_ahead(self, kind: Hashable, needs: Sequence[StateKey]) -> None:
        with self._pace.measured(kind, len(needs)):
            self._states.make(needs)
        if self._states.size > self._states.budget:
            self._states.shrink(self._states.budget, self._wanted())

    def _denoise(self, company: Sequence[BatchEntry]) -> Quantum:
        trajectories = [trajectory for _, trajectory in company]
        paintings = list(dict.fromkeys(painting for painting, _ in company))
        rows = sum(trajectory.tiles * trajectory.rows for trajectory in trajectories)
        return Quantum(
            run=partial(self._step, paintings, trajectories, rows), paintings=paintings, rows=rows
        )

    def _step(
        self, paintings: Sequence[PaintJob], trajectories: Sequence[Trajectory], rows: int
    ) -> None:
        self._turn += 1
        for trajectory in trajectories:
            trajectory.turn = self._turn
        measured = self._pace.measured(("denoise", trajectories[0].batch_key), rows)
        with measured, self._adapters.using(paintings[0].adapter):
            advance(self._model, trajectories, self._attention, self._states)
        for painting in paintings:
            if painting.preview_due():
                estimates = torch.cat([t.estimate() for t in painting.trajectories])
                coarse = self._model.safety is not None and painting.filtered
                painting.show(self._previews.of(estimates, coarse=coarse))

    def _decode(self, painting: PaintJob, trajectory: Trajectory) -> None:
        pixels = painting.finish(self._model.decode(trajectory.latents))
        painting.hand_in(trajectory, pixels, flagged=self._flags(pixels))

    def _flags(self, pixels: Tensor) -> bool:
        """Return True if the safety checker flags the final pixels, (H, W, 3) bytes."""
        safety = self._model.safety
        return safety is not None and safety.flags(Image.fromarray(pixels.cpu().numpy()))

    def _wanted(self) -> Wanted:
        paintings = self._paintings.values()
        return Wanted(
            pictures={picture for p in paintings for picture in p.pictures_read},
            needs={need for p in paintings for need in p.needs_ahead()},
        )

    def _run(self, quantum: Quantum) -> None:
        """Run a quantum so that an error fails only the requests in it."""
        out_of_memory, refused = False, None
        reason, detail = Reason.INTERNAL, ""
        try:
            with torch.inference_mode():
                quantum.run()
        except Refused as refusal:
            refused = refusal
        except Exception as error:  # noqa: BLE001 - no request may stop the loop
            out_of_memory = ran_out_of_memory(error)
            detail = traceback.format_exc()
        else:
            return
        # Outside the except block, whose traceback would keep the failed call's tensors alive.
        if out_of_memory:
            reason, detail = Reason.MEMORY, "The picture does not fit into the device's memory."
            if not all(painting.short_of_memory for painting in quantum.paintings):
                self._make_room(quantum)
                return
        if len(quantum.paintings) > 1:
            for painting in quantum.paintings:
                painting.isolated = True
            return
        painting = quantum.paintings[0]
        if refused is not None:
            self._fail(painting, failed_by(refused, painting.job))
        else:
            self._fail(painting, Failed(job=painting.job, reason=reason, detail=detail))

    def _make_room(self, quantum: Quantum) -> None:
        """Free cached states, and retry with half as many rows."""
        for painting in quantum.paintings:
            painting.short_of_memory = True
        if quantum.rows > 1:
            self._pace.shrink(quantum.rows)
        self._states.shrink(0, self._wanted())
        gc.collect()
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()

    def _report(self) -> None:
        for painting in list(self._paintings.values()):
            try:
                progress, finished = painting.progress(), painting.finished()
            except Exception:  # noqa: BLE001 - the writer's, such as a full disk
                detail = traceback.format_exc()
                self._fail(
                    painting, Failed(job=painting.job, reason=Reason.INTERNAL, detail=detail)
                )
                continue
            if progress is not None:
                self._events.append(progress)
            if finished is not None:
                self._end(painting)
                self._events.append(finished)

    def _fail(self, painting: PaintJob, failed: Failed) -> None:
        log.log(
            logging.ERROR if failed.reason is Reason.INTERNAL else logging.INFO,
            "job %s failed (%s): %s",
            painting.job,
            failed.reason.value,
            failed.detail,
        )
        self._end(painting)
        self._events.append(failed)

    def _end(self, painting: PaintJob) -> None:
        del self._paintings[painting.job]
        painting.close()


def failed_by(refused: Refused, job: str) -> Failed:
    """Return the end of a job that is refused."""
    problem = refused.problem
    return Failed(job=job, reason=refused.reason, detail=str(problem), problem=problem)


def ran_out_of_memory(error: Exception) -> bool:
    """Return True if a device's memory, or main memory, was too small."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
