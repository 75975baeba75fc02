"""Cards of data sets in their channels: posted, kept up to date, found again after a restart."""

from __future__ import annotations

import asyncio
import logging

from bot.actions.training.datasets import DatasetActions
from bot.jobs.channel import Channels, Unreachable
from bot.jobs.trouble import TROUBLE
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.training.dataset_card import dataset_page
from storage.store import Store
from storage.training_records import Dataset

log = logging.getLogger(__name__)


class DatasetCards:
    """Shows each data set in a message of its own, by the bot's own route."""

    def __init__(self, *, store: Store, channels: Channels, actions: DatasetActions) -> None:
        self._store = store
        self._channels = channels
        self._actions = actions
        self._drawing = asyncio.Lock()

    async def post(self, dataset: Dataset) -> int:
        """Post the card of a new data set, and return its message; raises what Discord does."""
        message_id = await self._channels.post(
            dataset.channel_id, await self._page(dataset), nonce=f"konomi-data-{dataset.id}"
        )
        await self._store.datasets.message(dataset.id, message_id)
        return message_id

    async def refresh(self, dataset_id: int) -> None:
        """Show on a data set's card how it stands; a card that was deleted is posted anew."""
        # One after the other, so that an earlier state never comes last.
        async with self._drawing:
            dataset = await self._store.datasets.get(dataset_id)
            if dataset is None:
                return
            try:
                if dataset.message_id is not None and await self._channels.edit(
                    dataset.channel_id, dataset.message_id, await self._page(dataset)
                ):
                    return
                await self.post(dataset)
            except (*TROUBLE, Unreachable) as error:
                log.warning("the card of data set %d is not up to date: %s", dataset_id, error)

    async def resume(self) -> None:
        """Give every open data set a card that an earlier run did not live to post or to note."""
        for dataset in await self._store.datasets.open():
            if dataset.message_id is not None:
                continue
            try:
                found = await self._channels.find(
                    dataset.channel_id, [custom_id(Verb.DATASET_START, dataset.id)]
                )
                if found is None:
                    await self.post(dataset)
                else:
                    await self._store.datasets.message(dataset.id, found)
            except (*TROUBLE, Unreachable) as error:
                log.warning("data set %d has no card: %s", dataset.id, error)

    async def _page(self, dataset: Dataset) -> Page:
        return dataset_page(await self._actions.prepared(dataset))
