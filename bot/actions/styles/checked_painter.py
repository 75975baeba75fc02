"""A painter that is given nothing to paint with a style that may not be used any more."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions.styles.library import StyleLibrary
from bot.errors import Refusal
from generation.process.queue import Painter
from generation.protocol.events import Event, Failed, Reason
from generation.protocol.requests import Paint, Work
from generation.protocol.training import Action
from storage.store import Store


class CheckedPainter:
    """Passes requests on to a painter, but those whose styles were withdrawn while they waited."""

    def __init__(self, store: Store, painter: Painter) -> None:
        self._store = store
        self._painter = painter
        # Which model is loaded has been asked when the request was accepted.
        self._styles = StyleLibrary(store=store, model=lambda: None)

    def submit(self, request: Work) -> AsyncIterator[Event]:
        """Run a request; one with a style that is gone fails with a sentence."""
        styled = isinstance(request, Paint) and (request.adapters or request.offered)
        # Previews of styles are of no round, and their jobs are not in the store.
        if isinstance(request, Paint) and styled and request.job.isdecimal():
            return self._checked(request)
        return self._painter.submit(request)

    async def _checked(self, request: Paint) -> AsyncIterator[Event]:
        sentence = await self._refused(int(request.job))
        if sentence is not None:
            yield Failed(job=request.job, reason=Reason.INVALID, detail=sentence)
            return
        async for event in self._painter.submit(request):
            yield event

    async def cancel(self, job: str) -> None:
        """Stop a job at its next step."""
        await self._painter.cancel(job)

    async def control(self, job: str, action: Action) -> None:
        """Ask something of a training."""
        await self._painter.control(job, action)

    async def _refused(self, job_id: int) -> str | None:
        """Return why a job may not be painted any more, in its member's language."""
        job = await self._store.jobs.get(job_id)
        round_ = None
        if job is not None and job.round_id is not None:
            round_ = await self._store.rounds.get(job.round_id)
        if job is None or round_ is None:
            return None
        try:
            await self._styles.allow_painting(job, round_.parameters)
        except Refusal as refusal:
            return refusal.plain(job.locale)
        return None
