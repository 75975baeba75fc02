"""The scheduler of one device: all running requests, advanced one quantum at a time.

Its owner calls `advance` in a loop, and between two calls passes on new requests and cancellations.
"""

from __future__ import annotations

import gc
import logging
import time
import traceback
from collections import deque
from contextlib import AbstractContextManager, nullcontext

import torch

from generation.engine.batching import Batcher
from generation.engine.caption_job import CaptionJob
from generation.engine.imagic_job import ImagicJob
from generation.engine.job import EngineJob, Quantum
from generation.engine.job_references import open_picture
from generation.engine.lanes import Lanes
from generation.engine.paint_job import PaintJob
from generation.engine.train_job import TrainJob, begin_training
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache
from generation.fabric.unet import ReferenceAttention
from generation.models.adapters.runtime import adapters_of
from generation.models.adapters.trained import TrainedAdapters
from generation.models.captioners.lazy import LazyCaptioner
from generation.models.model import Model
from generation.models.out_of_memory import ran_out_of_memory
from generation.protocol.captions import Caption
from generation.protocol.events import Cancelled, Event, Failed, Reason, Terminal, Update
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Lane, Paint
from generation.protocol.training import Action, Train
from generation.requests.refused import Refused
from generation.requests.sizes import usual_size
from generation.requests.validation import check, check_source_of

log = logging.getLogger(__name__)

WRITER_WAIT = 0.005
"""Seconds between polls of the writer while it alone has work."""
PAUSED_WAIT = 1.0
"""Seconds between looks at trainings that wait, while nothing else is there."""


class Engine:
    """All running requests of one loaded model."""

    def __init__(
        self,
        model: Model,
        writer: Writer,
        *,
        name: str,
        reference_budget: int,
        captioner: LazyCaptioner | None = None,
    ) -> None:
        """`name` is the model's name in requests; the budget is in bytes.

        captioner: describes pictures; None for none.
        """
        self._model = model
        self._name = name
        self._writer = writer
        self._trained = TrainedAdapters(model.unet)
        self._adapters = adapters_of(model)
        self._attention = ReferenceAttention(*model.unets, adapted=self._adapters.layers)
        self._states = ReferenceCache(model, self._attention, reference_budget)
        self._batcher = Batcher(
            model,
            self._attention,
            self._adapters,
            self._trained,
            self._states,
            self._paint_jobs,
        )
        self._captioner = captioner or LazyCaptioner(None, None, model)
        self._lanes = Lanes(clock=self._seconds)
        self._unwatched = Lane.BACKGROUND
        """The lane without anybody watching that had the last turn of these."""
        self._jobs: dict[str, EngineJob] = {}
        self._events: deque[Event] = deque()

    @property
    def busy(self) -> bool:
        """True if there is anything to advance or to wait for."""
        return bool(self._jobs)

    @property
    def wait(self) -> float:
        """Seconds after which `advance` may find something again, if it has found nothing."""
        waiting = (isinstance(job, TrainJob) and job.waiting for job in self._jobs.values())
        return PAUSED_WAIT if all(waiting) else WRITER_WAIT

    @property
    def reference_bytes(self) -> int:
        """Size of the cache of reference states in bytes."""
        return self._states.size

    def begin(self, request: Paint | Train | Caption) -> None:
        """Accept a request; it joins the others at the next step."""
        try:
            match request:
                case Paint():
                    self.add(self._paint_job(request))
                case Train():
                    self.add(begin_training(request, self._model, self._name))
                case Caption():
                    self.add(CaptionJob(request, self._captioner))
        except Refused as refusal:
            self._events.append(failed_by(refusal, request.job))

    def add(self, job: EngineJob) -> None:
        """Run a job among the others, from the next quantum on."""
        self._jobs[job.id] = job

    def _paint_job(self, request: Paint) -> PaintJob:
        multiple = self._model.latent_format.multiple
        size = check(request, self._model.card, self._name, multiple, self._usual(request))
        if (request.liked or request.disliked) and not self._attention.layers:
            raise Refused(Code.CANNOT_STEER, model=self._model.card.name)
        parts = self._model, self._states, self._writer, self._adapters
        if request.imagic is None:
            return PaintJob(request, size, *parts)
        return ImagicJob(request, size, *parts, self._trained, request.imagic)

    def _usual(self, request: Paint) -> tuple[int, int]:
        """Return the default size: the native one, or one that suits the source."""
        card = self._model.card
        if request.source is None or request.width or request.height:
            return card.width, card.height
        check_source_of(request)
        picture = open_picture(request.source.path, Problem(Code.SOURCE))
        native = card.width * card.height
        multiple = self._model.latent_format.multiple
        return usual_size(picture.size, request.source, native, multiple)

    def cancel(self, job: str) -> None:
        """Stop a request; does nothing if it has ended."""
        if running := self._jobs.get(job):
            self._end(running, Cancelled(job=job))

    def control(self, job: str, action: Action) -> None:
        """Ask something of a training; does nothing for any other job, or if it has ended."""
        if isinstance(running := self._jobs.get(job), TrainJob):
            running.control(action)

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
        """Choose the next quantum: of the lane whose turn it is, if that has anything to run."""
        if not self._has_background():
            return self._next_in(Lane.INTERACTIVE)
        quanta = (
            self._next_in(lane) if lane is Lane.INTERACTIVE else self._next_unwatched()
            for lane in self._lanes.order()
        )
        return next((quantum for quantum in quanta if quantum is not None), None)

    def _next_unwatched(self) -> Quantum | None:
        """Choose the next quantum of what nobody watches, whose two lanes take turns."""
        lanes = sorted((Lane.UNATTENDED, Lane.BACKGROUND), key=lambda lane: lane is self._unwatched)
        quanta = (self._next_in(lane) for lane in lanes)
        return next((quantum for quantum in quanta if quantum is not None), None)

    def _next_in(self, lane: Lane) -> Quantum | None:
        """Choose a lane's next quantum: finish pictures first, then prepare, then denoise."""
        jobs = [job for job in self._jobs.values() if job.lane is lane]
        own = [quantum for job in jobs if (quantum := job.next()) is not None]
        if own:
            return min(own, key=lambda quantum: not quantum.finishes)
        return self._batcher.next(lane)

    def _has_background(self) -> bool:
        return any(job.lane is not Lane.INTERACTIVE for job in self._jobs.values())

    def _measured(self, quantum: Quantum) -> AbstractContextManager[None]:
        """Time a quantum for the lanes, where there are two."""
        return (
            self._lanes.measured(quantum.jobs[0].lane) if self._has_background() else nullcontext()
        )

    def _seconds(self) -> float:
        """Return the time at which the device has done all that it was given."""
        if self._model.device.type == "cuda":
            torch.cuda.synchronize(self._model.device)
        return time.monotonic()

    def _paint_jobs(self) -> list[PaintJob]:
        return [job for job in self._jobs.values() if isinstance(job, PaintJob)]

    def _caption_jobs(self) -> list[CaptionJob]:
        return [job for job in self._jobs.values() if isinstance(job, CaptionJob)]

    def _run(self, quantum: Quantum) -> None:
        """Run a quantum so that an error fails only the requests in it."""
        if (lane := quantum.jobs[0].lane) is not Lane.INTERACTIVE:
            self._unwatched = lane
        out_of_memory, refused = False, None
        reason, detail = Reason.INTERNAL, ""
        try:
            with self._measured(quantum), torch.inference_mode():
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
            what = "job" if lane is Lane.BACKGROUND else "picture"
            reason, detail = Reason.MEMORY, f"The {what} does not fit into the device's memory."
            if not all(job.short_of_memory for job in quantum.jobs):
                self._make_room(quantum)
                return
        if len(quantum.jobs) > 1:
            for job in quantum.jobs:
                job.isolated = True
            return
        [job] = quantum.jobs
        if refused is not None:
            self._end(job, _logged(failed_by(refused, job.id)))
        else:
            self._end(job, _logged(Failed(job=job.id, reason=reason, detail=detail)))

    def _make_room(self, quantum: Quantum) -> None:
        """Free cached states, and retry with half as many rows."""
        for job in quantum.jobs:
            job.short_of_memory = True
        for job in self._caption_jobs():
            job.give_way()
        self._captioner.drop()
        self._batcher.make_room(quantum.rows)
        gc.collect()
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()

    def _report(self) -> None:
        for job in list(self._jobs.values()):
            while (event := _reported(job)) is not None:
                if isinstance(event, Terminal):
                    self._end(job, event)
                    break
                self._events.append(event)

    def _end(self, job: EngineJob, event: Terminal) -> None:
        """Remove a job, and report how it ended."""
        del self._jobs[job.id]
        if not self._has_background():
            self._lanes.forget()
        job.close()
        if not self._caption_jobs():
            self._captioner.drop()
        self._events.append(event)


def _reported(job: EngineJob) -> Update | Terminal | None:
    """Return a job's next event; an error is its end."""
    try:
        return job.report()
    except Exception:  # noqa: BLE001 - the writer's, such as a full disk
        detail = traceback.format_exc()
        return _logged(Failed(job=job.id, reason=Reason.INTERNAL, detail=detail))


def _logged(failed: Failed) -> Failed:
    """Log how a job failed, and return it."""
    log.log(
        logging.ERROR if failed.reason is Reason.INTERNAL else logging.INFO,
        "job %s failed (%s): %s",
        failed.job,
        failed.reason.value,
        failed.detail,
    )
    return failed


def failed_by(refused: Refused, job: str) -> Failed:
    """Return the end of a job that is refused."""
    problem = refused.problem
    return Failed(job=job, reason=refused.reason, detail=str(problem), problem=problem)
