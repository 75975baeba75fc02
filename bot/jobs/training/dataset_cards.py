"""Cards of data sets in their channels: posted, kept up to date, found again after a restart."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence

from bot.actions.training.datasets import DatasetActions
from bot.actions.training.plans import Plan
from bot.errors import Refusal
from bot.jobs.background import Background
from bot.jobs.channel import Channels, Closed, Unreachable
from bot.jobs.trouble import CLOSED_SECONDS, PAUSES, TROUBLE, passes, persist
from bot.text.training import datasets as text
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.training.dataset_card import dataset_page
from storage.store import Store
from storage.training_records import Dataset

log = logging.getLogger(__name__)

BEGUN_SECONDS = 120.0
"""Time within which a new data set has its pictures and its card, or something went wrong."""
GIVING = "cards of data sets without one"


class DatasetCards:
    """Shows each data set in a message of its own, by the bot's own route.

    While Discord or the database is away, it goes on trying in the background.
    """

    def __init__(
        self,
        *,
        store: Store,
        channels: Channels,
        actions: DatasetActions,
        background: Background,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`pauses`: seconds between tries."""
        self._store = store
        self._channels = channels
        self._actions = actions
        self._background = background
        self._pauses = pauses
        self._drawing = asyncio.Lock()

    async def begin(self, dataset: Dataset) -> None:
        """Post the card of a new data set, now or soon; raises what Discord refuses for good.

        `Refusal` if the bot may not post in the channel.
        """
        try:
            await self._draw(dataset.id)
        except Closed as closed:
            log.info("data set %d has no card: %s", dataset.id, closed)
            raise Refusal(text.CANNOT_POST) from closed
        except (*TROUBLE, sqlite3.OperationalError) as error:
            if not passes(error):
                raise
            self._try_again(dataset.id, error)

    async def refresh(self, dataset_id: int) -> None:
        """Show on a data set's card how it stands; a card that was deleted is posted anew."""
        try:
            await self._draw(dataset_id)
        except (*TROUBLE, Unreachable, sqlite3.OperationalError) as error:
            if passes(error) or isinstance(error, Closed):
                self._try_again(dataset_id, error)
            else:
                log.warning("the card of data set %d is not up to date: %s", dataset_id, error)

    async def of_member(self, server_id: int, member_id: int) -> list[Dataset]:
        """Return the data sets that a member prepares; a card that was deleted is posted anew."""
        for dataset in await self._store.datasets.open(server_id, member_id):
            if dataset.message_id is not None:  # or its card is about to be posted
                await self.refresh(dataset.id)
        return await self._store.datasets.open(server_id, member_id)

    def channel_deleted(self, channel_id: int) -> None:
        """Close the data sets whose cards went with their channel: nobody reaches them any more."""
        name = f"data sets of the deleted channel {channel_id}"
        if not self._background.runs(name):
            self._background.spawn(self._close_in(channel_id, name), name)

    async def _close_in(self, channel_id: int, name: str) -> None:
        close = self._store.datasets.close_in
        count = await persist(lambda: close(channel_id), name, self._pauses)
        if count:
            log.info("%d %s are closed", count, name)

    async def resume(self) -> None:
        """Give every open data set a card that an earlier run did not live to post or to note."""
        found = await self._store.datasets.open()
        await self._give_cards([each for each in found if each.message_id is None])

    async def take_up(self) -> None:
        """Give a card to open data sets that were left without one, by a full disk, for instance.

        Those that are just being begun are left alone.
        """
        before = time.time() - BEGUN_SECONDS
        found = await self._store.datasets.open()
        left = [each for each in found if each.message_id is None and each.created_at < before]
        if left and not self._background.runs(GIVING):
            self._background.spawn(self._give_cards(left), GIVING)

    async def _give_cards(self, datasets: Sequence[Dataset]) -> None:
        """Post the cards of data sets; those that got no pictures are closed."""
        for dataset in datasets:
            waits = Plan.read(dataset.plan).source == "thread"
            if waits or await self._store.datasets.pictures(dataset.id):
                await self.refresh(dataset.id)
            else:
                log.info("data set %d got no pictures, and is closed", dataset.id)
                await self._store.datasets.close(dataset.id)

    def _try_again(self, dataset_id: int, error: Exception) -> None:
        log.warning("the card of data set %d is not up to date yet: %s", dataset_id, error)
        name = f"card of data set {dataset_id}"
        if not self._background.runs(name):
            self._background.spawn(self._persist(dataset_id), name)

    async def _persist(self, dataset_id: int) -> None:
        try:
            await persist(
                lambda: self._draw(dataset_id),
                f"card of data set {dataset_id}",
                self._pauses,
                closed_seconds=CLOSED_SECONDS,
            )
        except (*TROUBLE, Unreachable) as error:
            log.warning("the card of data set %d is not up to date: %s", dataset_id, error)

    async def _draw(self, dataset_id: int) -> None:
        # One after the other, so that an earlier state never comes last.
        async with self._drawing:
            dataset = await self._store.datasets.get(dataset_id)
            if dataset is None:
                return
            channel_id, message_id = dataset.channel_id, dataset.message_id
            if message_id is None:
                # It may have been posted by somebody who did not live to note it.
                marks = [custom_id(Verb.DATASET_START, dataset.id)]
                message_id = await self._channels.find(channel_id, marks)
            page = await self._page(dataset)
            if message_id is None or not await self._channels.edit(channel_id, message_id, page):
                nonce = f"konomi-data-{dataset.id}"
                message_id = await self._channels.post(channel_id, page, nonce=nonce)
            if message_id != dataset.message_id:
                await self._store.datasets.message(dataset.id, message_id)

    async def _page(self, dataset: Dataset) -> Page:
        return dataset_page(await self._actions.prepared(dataset))
