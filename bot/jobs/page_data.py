"""From what the store remembers to what members see; the same at any time, after any restart."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.context import Asker
from bot.errors import Refusal
from bot.jobs.attachments import most_bytes, size_of
from bot.jobs.channel import Upload
from bot.text import refusals
from bot.views.cells import cells_page
from bot.views.details import Details, details_page
from bot.views.hints import hint_for
from bot.views.page import Page
from bot.views.queue import Mine, queue_page
from bot.views.round import Shown, SourceLine, Steered, part_of, picture_name, round_page
from bot.views.tree import Branch, branches_of
from generation.process.queue import Queue
from storage.gestures import PICTURES_A_MESSAGE
from storage.records import Image, Round
from storage.store import Store


class PageData:
    """Reads what a page needs, and draws it."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store = store
        self._queue = queue

    async def shown(self, round_: Round, part: int) -> Shown:
        """What a part of a round's message tells now."""
        board = await self._store.boards.get(round_.board_id)
        images = await self._store.images.of_round(round_.id)
        if board is None or not images:
            raise Refusal(refusals.ROUND_GONE)
        first = part * PICTURES_A_MESSAGE
        here = images[first : first + PICTURES_A_MESSAGE]
        hint = hint_for(round_, model=str(round_.parameters["model"]))
        shown = Shown(
            round=round_,
            board=board,
            part=part,
            images=images,
            votes={image.id: await self._votes(image.id) for image in here},
            steered=await self._steered(round_),
            origin=await self._origin(round_),
            hint=None if hint is None else hint[0],
            hint_word="" if hint is None else hint[1],
        )
        copied = await asyncio.to_thread(self._too_large, shown)
        return dataclasses.replace(shown, copied=copied)

    async def page_of_picture(self, round_: Round, image_id: int, locale: str) -> Page:
        """The message on which a picture is shown; a comparison's are shown in private."""
        image = await self._store.images.get(image_id)
        if image is None:
            raise Refusal(refusals.PICTURE_GONE)
        shown = await self.shown(round_, part_of(image))
        return cells_page(locale, shown) if shown.compares else round_page(shown)

    async def cells(self, asker: Asker, image_id: int) -> tuple[Page, list[Upload]]:
        """A private page of a comparison's single pictures, the one with this picture."""
        image = await self._store.images.get(image_id)
        round_ = None if image is None else await self._store.rounds.get(image.round_id)
        board = None if round_ is None else await self._store.boards.get(round_.board_id)
        if image is None or round_ is None or board is None or board.server_id != asker.server_id:
            raise Refusal(refusals.PICTURE_GONE)
        shown = await self.shown(round_, part_of(image))
        return cells_page(asker.locale, shown), self.uploads(shown)

    def uploads(self, shown: Shown) -> list[Upload]:
        """The pictures of a part, to attach."""
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
        """Ids of a part's pictures that Discord does not take together as they are; blocks."""
        most = self._most(shown)
        return {id_ for id_, path in self._files(shown.here).items() if size_of(path) > most}

    def _most(self, shown: Shown) -> int:
        """Bytes that each of a part's files may have."""
        beside = [self._store.files.path(digest) for digest in shown.beside.values()]
        return most_bytes(len(shown.here), beside)

    async def details(self, asker: Asker, image_id: int) -> Page:
        """The private panel of a picture that can be seen above it."""
        return details_page(asker.locale, await self._details(asker, image_id))

    async def details_with_picture(self, asker: Asker, image_id: int) -> tuple[Page, list[Upload]]:
        """The panel of a picture that may be far from here, and the picture to attach."""
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

    async def _details(self, asker: Asker, image_id: int) -> Details:
        image = await self._store.images.get(image_id)
        round_ = None if image is None else await self._store.rounds.get(image.round_id)
        board = None if round_ is None else await self._store.boards.get(round_.board_id)
        if image is None or round_ is None or board is None:
            raise Refusal(refusals.PICTURE_GONE)
        if board.server_id != asker.server_id:
            raise Refusal(refusals.PICTURE_GONE)
        shown = await self.shown(round_, part_of(image))
        likes, dislikes = shown.votes[image.id]
        parent, owner = None, None
        if round_.parent_id is not None:
            parent = await self._store.rounds.get(round_.parent_id)
        if parent is not None and parent.board_id != board.id:
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
            origin=await self._origin(round_, image.parameters),
            tree=await self._tree(image),
            copied=image.id in shown.copied,
        )

    async def _tree(self, image: Image) -> Sequence[Branch]:
        """What a picture was made from and what was made from it; empty where it stands alone."""
        images = await self._store.images.tree(image.id)
        if len({each.round_id for each in images}) < 2:
            return ()
        numbers = {}
        for round_id in {each.round_id for each in images}:
            round_ = await self._store.rounds.get(round_id)
            numbers[round_id] = 0 if round_ is None else round_.number
        return branches_of(images, numbers)

    async def queue(self, asker: Asker) -> Page:
        """A member's requests that are not over."""
        positions = {waiting.job: waiting.position for waiting in self._queue.waiting()}
        mine = []
        for job in await self._store.jobs.of_member(asker.server_id, asker.member_id):
            round_ = await self._store.rounds.get(job.round_id)
            prompt = "" if round_ is None else str(round_.parameters["prompt"])
            mine.append(Mine(job_id=job.id, prompt=prompt, position=positions.get(str(job.id))))
        return queue_page(asker.locale, mine, len(positions))

    async def _votes(self, image_id: int) -> tuple[int, int]:
        ratings = await self._store.ratings.of_image(image_id)
        likes = sum(rating.value > 0 for rating in ratings)
        return likes, len(ratings) - likes

    async def _steered(self, round_: Round) -> Sequence[Steered]:
        steered = []
        for steer in await self._store.rounds.steers(round_.id):
            image = await self._store.images.get(steer.image_id)
            shown_in = await self._round_of(image)
            if image is not None and shown_in is not None:
                steered.append(
                    Steered(
                        round_number=shown_in.number,
                        position=image.position,
                        value=steer.value,
                        weight=steer.weight,
                    )
                )
        return steered

    async def _origin(
        self, round_: Round, parameters: Mapping[str, Any] | None = None
    ) -> SourceLine | None:
        """What a round was made from, or its picture of these parameters; None: from words."""
        beginning = SourceOptions.of(round_.parameters if parameters is None else parameters)
        if beginning is None:
            return None
        wish = Parameters.of(round_.parameters)
        various = wish.varied or any(axis.parameter == "image_guidance" for axis in wish.axes)
        origin = SourceLine(
            strength=beginning.strength,
            upload=beginning.upload,
            edits=wish.image_guidance is not None,
            fitted=wish.imagic,
            kept=None if various else wish.image_guidance,
        )
        if round_.source_image_id is None:
            return origin
        image = await self._store.images.get(round_.source_image_id)
        parent = await self._round_of(image)
        if image is None or parent is None:
            return origin
        owner = None
        if parent.board_id != round_.board_id:
            board = await self._store.boards.get(parent.board_id)
            owner = None if board is None else board.owner_id
        return dataclasses.replace(
            origin, round_number=parent.number, position=image.position, owner_id=owner
        )

    async def _round_of(self, image: Image | None) -> Round | None:
        return None if image is None else await self._store.rounds.get(image.round_id)
