"""Sight: the rounds, pictures and jobs that a member may reach by id, by where they were posted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.rules import Rules
from bot.errors import Refusal
from bot.text import invalid, refusals
from generation.protocol.requests import Filter
from storage.records import Image, Job, Round, RoundPlace
from storage.store import Store

LARGEST_ID = 2**63 - 1
"""The largest id that the database can hold."""


def sees(asker: Asker, place: RoundPlace) -> bool:
    """Return True if a member sees where a round was posted.

    In direct messages that is the member whose they are; in a server all who can view the channel
    now, and nobody else, whoever asked for the round.
    """
    if place.server_id != asker.server_id:
        return False
    if asker.server_id == DIRECT_MESSAGES:
        return place.owner_id == asker.member_id
    return any(_sees_channel(asker, channel_id) for channel_id in place.channel_ids)


class Sight:
    """Looks up by id what a member may see.

    What is gone and what is not theirs to see is refused in the same words, so that nobody learns
    anything by trying ids.
    """

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    async def round(self, asker: Asker, round_id: int) -> tuple[Round, RoundPlace]:
        """Return a round and its place; `Refusal` unless the member sees it."""
        if possible(round_id) and (place := await self._place(asker, round_id)) is not None:
            round_ = await self._store.rounds.get(round_id)
            if round_ is not None:
                return round_, place
        raise Refusal(refusals.ROUND_GONE)

    async def picture(self, asker: Asker, image_id: int) -> tuple[Image, Round]:
        """Return a picture to show here, or to go on from, and its round.

        `Refusal` unless the member sees it, and the content filter lets it be shown here.
        """
        image = await self.listed(asker, image_id)
        if await self.hidden(asker, [image]):
            raise Refusal(refusals.PICTURE_HIDDEN)
        round_ = await self._store.rounds.get(image.round_id)
        if round_ is None or image.withheld:
            raise Refusal(refusals.PICTURE_GONE)
        return image, round_

    async def listed(self, asker: Asker, image_id: int) -> Image:
        """Return a picture of a round that the member sees, even one that the filter hides."""
        image = await self._store.images.get(image_id) if possible(image_id) else None
        if image is None or await self._place(asker, image.round_id) is None:
            raise Refusal(refusals.PICTURE_GONE)
        return image

    async def on_message(self, asker: Asker, message_id: int) -> list[Image]:
        """Return the pictures on a message of ours; none if the member does not see them."""
        images = await self._store.images.on_message(message_id) if possible(message_id) else []
        if not images or await self._place(asker, images[0].round_id) is None:
            return []
        return images

    async def shown_on(self, asker: Asker, message_id: int) -> list[Image]:
        """Return the pictures of a message to go on from; `Refusal` if there are none."""
        images = [each for each in await self.on_message(asker, message_id) if not each.withheld]
        if not images:
            raise Refusal(invalid.EDIT_NO_PICTURE)
        hidden = await self.hidden(asker, images)
        if len(hidden) == len(images):
            raise Refusal(refusals.PICTURE_HIDDEN)
        return [each for each in images if each.id not in hidden]

    async def among(self, asker: Asker, round_ids: Collection[int]) -> set[int]:
        """Return which of these rounds the member sees."""
        places = await self._store.rounds.places(round_ids) if round_ids else {}
        return {round_id for round_id, place in places.items() if sees(asker, place)}

    async def hidden(self, asker: Asker, images: Iterable[Image]) -> set[int]:
        """Return the ids of the pictures that the content filter hides where the member is."""
        flagged = {image.id for image in images if image.flagged}
        return flagged if flagged and await self._withholds(asker) else set()

    async def allow_source(self, asker: Asker, digest: str) -> None:
        """Raise `Refusal` if the filter hides a picture of this digest where the member is."""
        if await self._store.images.flagged(digest) and await self._withholds(asker):
            raise Refusal(refusals.PICTURE_HIDDEN)

    async def job(self, asker: Asker, job_id: int) -> Job:
        """Return a job; `Refusal` unless it is the member's own, or they see its channel."""
        job = await self._store.jobs.get(job_id) if possible(job_id) else None
        if job is not None and job.server_id == asker.server_id:
            in_server = asker.server_id != DIRECT_MESSAGES
            if job.member_id == asker.member_id or (
                in_server and _sees_channel(asker, job.channel_id)
            ):
                return job
        raise Refusal(refusals.JOB_GONE)

    async def _place(self, asker: Asker, round_id: int) -> RoundPlace | None:
        """Return where a round was posted; None if it is gone, or the member does not see it."""
        place = (await self._store.rounds.places([round_id])).get(round_id)
        return place if place is not None and sees(asker, place) else None

    async def _withholds(self, asker: Asker) -> bool:
        server = await self._store.servers.get(asker.server_id)
        return self._rules.filter(asker, server) is Filter.WITHHOLD


def possible(id_: int) -> bool:
    """Return True if the database can hold an id, which a forged one may be too large for."""
    return 0 < id_ <= LARGEST_ID


def _sees_channel(asker: Asker, channel_id: int) -> bool:
    return channel_id == asker.channel_id or asker.sees(channel_id)
