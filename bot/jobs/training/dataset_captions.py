"""Captions of data sets by the host's caption model: proposed, kept, and shown on the card.

Whatever goes wrong, the pictures without a caption use the template, and the card says so.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Sequence

from bot.actions.training.choice import proposed_caption
from bot.actions.training.datasets import DatasetActions
from bot.actions.training.plans import Plan
from bot.actions.training.preparations import Preparation
from bot.jobs.background import Background
from bot.jobs.training.dataset_cards import DatasetCards
from bot.jobs.trouble import PAUSES, persist
from generation.process.queue import Queue
from generation.protocol.captions import Caption
from generation.protocol.events import CaptionWritten, Failed
from generation.requests.captions import clean_caption
from storage.errors import DatasetNotOpen, Missing
from storage.store import Store
from storage.training_records import Dataset, DatasetPicture

log = logging.getLogger(__name__)

MOST_SECONDS = 300.0
"""Time after which the rest of the pictures use the template."""
REFRESH_SECONDS = 5.0
"""Seconds between two states of a card."""

_NUMBERS = itertools.count(1)
"""Tell the jobs of this process apart: one that was cancelled may still be in the queue."""


class DatasetCaptions:
    """Has the pictures of open data sets described: those whose members agreed, each once."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        actions: DatasetActions,
        cards: DatasetCards,
        background: Background,
        captioner: str | None,
        most_seconds: float = MOST_SECONDS,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """captioner: the caption model; None for none.  `pauses`: seconds between tries."""
        self._store = store
        self._queue = queue
        self._actions = actions
        self._cards = cards
        self._background = background
        self._captioner = captioner
        self._most_seconds = most_seconds
        self._pauses = pauses
        self._wanted: set[int] = set()
        """Data sets to look at; again, if something was added meanwhile."""
        self._running: set[int] = set()
        self._jobs: dict[int, str] = {}

    def begin(self, dataset_id: int) -> None:
        """Have the pictures described that wait for it, if any; returns at once."""
        self._wanted.add(dataset_id)
        if dataset_id not in self._running:
            self._running.add(dataset_id)
            self._background.spawn(self._run(dataset_id), f"captions of data set {dataset_id}")

    async def end(self, dataset_id: int) -> None:
        """Stop describing, because the training was started or cancelled."""
        self._wanted.discard(dataset_id)
        if (job := self._jobs.get(dataset_id)) is not None:
            await self._queue.cancel(job)

    async def resume(self) -> None:
        """Go on with what an earlier run did not live to describe."""
        for dataset in await self._store.datasets.open():
            if Plan.read(dataset.plan).captions == "model":
                self.begin(dataset.id)

    async def _run(self, dataset_id: int) -> None:
        try:
            while dataset_id in self._wanted:
                self._wanted.discard(dataset_id)
                await self._look(dataset_id)
        finally:
            self._running.discard(dataset_id)

    async def _look(self, dataset_id: int) -> None:
        """Describe what is to be described now; then nothing of it waits any more."""
        preparation = await self._prepared(dataset_id)
        if preparation is None or not (pictures := preparation.undescribed):
            return
        try:
            await self._describe(preparation.dataset, pictures)
            for picture in pictures:
                await self._keep(picture, "")
        except DatasetNotOpen:
            return
        await self._cards.refresh(dataset_id)

    async def _prepared(self, dataset_id: int) -> Preparation | None:
        async def read() -> Preparation | None:
            dataset = await self._store.datasets.get(dataset_id)
            return None if dataset is None else await self._actions.prepared(dataset)

        return await persist(read, f"reading data set {dataset_id}", self._pauses)

    async def _describe(self, dataset: Dataset, pictures: list[DatasetPicture]) -> None:
        """Run a job that describes pictures, and keep each caption; those that are kept go."""
        if self._captioner is None:
            log.warning("data set %d: there is no caption model any more", dataset.id)
            return
        job = self._jobs[dataset.id] = f"captions-{dataset.id}-{next(_NUMBERS)}"
        paths = tuple(self._store.files.path(each.digest).absolute() for each in pictures)
        events = self._queue.resubmit(dataset.member_id, Caption(job=job, pictures=paths))
        by_place = dict(enumerate(pictures))
        refreshed = time.monotonic()
        try:
            async with asyncio.timeout(self._most_seconds):
                async for event in events:
                    match event:
                        case CaptionWritten(place=place, text=text) if place in by_place:
                            picture = by_place.pop(place)
                            await self._keep(picture, text)
                            pictures.remove(picture)
                        case Failed():
                            log.warning("data set %d is not described: %s", dataset.id, event)
                    if pictures and time.monotonic() - refreshed > REFRESH_SECONDS:
                        refreshed = time.monotonic()
                        await self._cards.refresh(dataset.id)
        except TimeoutError:
            log.warning("the captions of data set %d took too long", dataset.id)
        except DatasetNotOpen:
            raise
        except Exception:  # whatever it is, the card must not wait for ever
            log.exception("the pictures of data set %d could not be described", dataset.id)
        finally:
            del self._jobs[dataset.id]
            await self._queue.cancel(job)  # does nothing once it is over

    async def _keep(self, picture: DatasetPicture, text: str) -> None:
        """Keep what the caption model says of a picture, if it is still there.

        Raises `DatasetNotOpen` once the training was started or cancelled.
        """
        said = clean_caption(text)  # again: it comes from another process
        try:
            await persist(
                lambda: self._store.datasets.describe(picture.id, said, proposed_caption),
                f"keeping the caption of picture {picture.id}",
                self._pauses,
            )
        except Missing:  # whose it is took it back
            log.info("picture %d is gone, and its caption with it", picture.id)
