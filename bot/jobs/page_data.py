"""From what the store remembers to what members see; the same at any time, after any restart."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.actions.asker import Asker
from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.errors import Refusal
from bot.jobs.attachments import most_bytes, size_of
from bot.jobs.channel import Upload
from bot.text import refusals
from bot.views.cells import cells_page
from bot.views.details import Details, details_page
from bot.views.hints import hint_for, remarks_of
from bot.views.page import Page
from bot.views.queue import Mine, queue_page
from bot.views.round import round_page
from bot.views.shown import Shown, SourceLine, Steered, part_of, picture_name
from bot.views.tree import Branch, branches_of
from generation.process.queue import Queue
from storage.records import Image, ImagePlace, JobKind, RoundMessage, Steer
from storage.store import Store


class PageData:
    """Reads what a page needs, and draws it."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store = store
        self._queue = queue

    async def shown(self, round_id: int, part: int) -> Shown:
        """Read what the message of a part of a round shows now."""
        message = await self._store.rounds.shown(round_id, part)
        if message is None:
            raise Refusal(refusals.ROUND_GONE)
        return await self._shown(message)

    async def _shown(self, message: RoundMessage) -> Shown:
        round_ = message.round
        hint = hint_for(round_, model=str(round_.parameters["model"]))
        shown = Shown(
            round=round_,
            board=message.board,
            part=message.part,
            images=message.images,
            votes=message.votes,
            steered=[_steered(steer, place) for steer, place in message.steers],
            origin=_origin(message, round_.parameters),
            hint=None if hint is None else hint[0],
            hint_word="" if hint is None else hint[1],
            remarks=remarks_of(round_),
        )
        copied = await asyncio.to_thread(self._too_large, shown)
        return dataclasses.replace(shown, copied=copied)

    async def page_of_part(self, round_id: int, part: int, locale: str) -> Page:
        """The page with some pictures of a round; those of a comparison are shown in private."""
        shown = await self.shown(round_id, part)
        return cells_page(locale, shown) if shown.compares else round_page(shown)

    async def cells(self, asker: Asker, image_id: int) -> tuple[Page, list[Upload]]:
        """Return a private page of a comparison's single pictures, the one with this picture."""
        _, message = await self._picture(asker, image_id)
        shown = await self._shown(message)
        return cells_page(asker.locale, shown), self.uploads(shown)

    def uploads(self, shown: Shown) -> list[Upload]:
        """Return the pictures of a part, to attach."""
        files, most = self._files(shown.here), self._most(shown)
        return [
            Upload(
                name=picture_name(image, copied=image.id in shown.copied),
                path=files[image.id],
                most=most if image.id in shown.copied else None,
            )
            for image in shown.here
            if image.id in files
        ]

    def _files(self, images: Sequence[Image]) -> dict[int, Path]:
        """Where pictures lie, by their ids; of one that was withheld there is no file."""
        path = self._store.files.path
        return {image.id: path(image.digest) for image in images if image.digest is not None}

    def _too_large(self, shown: Shown) -> set[int]:
        """Return the ids of a part's pictures that are too large for Discord together; blocks."""
        most = self._most(shown)
        return {id_ for id_, path in self._files(shown.here).items() if size_of(path) > most}

    def _most(self, shown: Shown) -> int:
        """Return the size limit of each of a part's files, in bytes."""
        beside = [self._store.files.path(digest) for digest in shown.beside.values()]
        return most_bytes(len(shown.here), beside)

    async def details(self, asker: Asker, image_id: int) -> Page:
        """Return the private panel of a picture that can be seen above it."""
        return details_page(asker.locale, await self._details(asker, image_id))

    async def details_with_picture(self, asker: Asker, image_id: int) -> tuple[Page, list[Upload]]:
        """Return the panel of a picture that may be far from here, and the picture to attach."""
        details = await self._details(asker, image_id)
        image = details.image
        if image.digest is None:
            return details_page(asker.locale, details), []
        path, most = self._store.files.path(image.digest), most_bytes(1)
        copied = await asyncio.to_thread(size_of, path) > most
        name = picture_name(image, copied=copied)
        upload = Upload(name=name, path=path, most=most if copied else None)
        details = dataclasses.replace(details, copied=copied)
        return details_page(asker.locale, details, pictured=True), [upload]

    async def _picture(self, asker: Asker, image_id: int) -> tuple[Image, RoundMessage]:
        """Return a picture of the asker's server, and the message that shows it."""
        image = await self._store.images.get(image_id)
        if image is None:
            raise Refusal(refusals.PICTURE_GONE)
        message = await self._store.rounds.shown(image.round_id, part_of(image))
        if message is None or message.board.server_id != asker.server_id:
            raise Refusal(refusals.PICTURE_GONE)
        return image, message

    async def _details(self, asker: Asker, image_id: int) -> Details:
        image, message = await self._picture(asker, image_id)
        round_, shown = message.round, await self._shown(message)
        likes, dislikes = shown.votes[image.id]
        parent, owner = None, None
        if round_.parent_id is not None:
            parent = await self._store.rounds.get(round_.parent_id)
        if parent is not None and parent.board_id != round_.board_id:
            other = await self._store.boards.get(parent.board_id)
            owner = None if other is None else other.owner_id
        return Details(
            image=image,
            round=round_,
            parent=parent,
            parent_owner=owner,
            likes=likes,
            dislikes=dislikes,
            steered=shown.steered,
            origin=_origin(message, image.parameters),
            tree=await self._tree(image),
            copied=image.id in shown.copied,
        )

    async def _tree(self, image: Image) -> Sequence[Branch]:
        """Return the sources and the results of a picture; empty if it has none."""
        images = await self._store.images.tree(image.id)
        if len({each.round_id for each in images}) < 2:
            return ()
        numbers = {}
        for round_id in {each.round_id for each in images}:
            round_ = await self._store.rounds.get(round_id)
            numbers[round_id] = 0 if round_ is None else round_.number
        return branches_of(images, numbers)

    async def queue(self, asker: Asker) -> Page:
        """Return the page of a member's painting requests that are not over."""
        positions = {waiting.job: waiting.position for waiting in self._queue.waiting()}
        mine = []
        jobs = await self._store.jobs.of_member(asker.server_id, asker.member_id, JobKind.PAINT)
        for job in jobs:
            round_ = None if job.round_id is None else await self._store.rounds.get(job.round_id)
            prompt = "" if round_ is None else str(round_.parameters["prompt"])
            mine.append(Mine(job_id=job.id, prompt=prompt, position=positions.get(str(job.id))))
        return queue_page(asker.locale, mine, len(positions))


def _steered(steer: Steer, place: ImagePlace) -> Steered:
    return Steered(
        round_number=place.round_number,
        position=place.position,
        value=steer.value,
        weight=steer.weight,
    )


def _origin(message: RoundMessage, stored: Mapping[str, Any]) -> SourceLine | None:
    """The source of a round or, by the parameters stored with one of its pictures, of that picture.

    None if they were painted from words alone.
    """
    source_options = SourceOptions.of(stored)
    if source_options is None:
        return None
    parameters = Parameters.of(message.round.parameters)
    various = parameters.varied or any(
        axis.parameter == "image_guidance" for axis in parameters.axes
    )
    origin = SourceLine(
        strength=source_options.strength,
        upload=source_options.upload,
        edits=parameters.image_guidance is not None,
        fitted=parameters.imagic,
        kept=None if various else parameters.image_guidance,
    )
    source = message.source
    if source is None:
        return origin
    elsewhere = source.board_id != message.round.board_id
    return dataclasses.replace(
        origin,
        round_number=source.round_number,
        position=source.position,
        owner_id=source.owner_id if elsewhere else None,
    )
