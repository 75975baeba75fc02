"""From what the store remembers to what members see; the same at any time, after any restart."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.actions.asker import Asker
from bot.actions.parameters import Parameters
from bot.actions.sight import Sight
from bot.actions.source_options import SourceOptions
from bot.errors import Refusal
from bot.jobs.attachments import most_bytes, size_of
from bot.jobs.channel import Upload
from bot.text import refusals
from bot.views.cells import cells_page
from bot.views.details import Details, details_page
from bot.views.header import styles_line
from bot.views.hints import hint_for, remarks_of
from bot.views.page import Page
from bot.views.queue import Mine, queue_page
from bot.views.round import round_page
from bot.views.round_panel import deletion_page, panel_page, settings_page
from bot.views.shown import Shown, SourceLine, Steered, part_of, parts_of, picture_name
from bot.views.tree import Branch, branches_of
from generation.process.queue import Queue
from storage.gestures import EARLIER_PICTURES_A_MESSAGE
from storage.records import Image, ImagePlace, JobKind, Round, RoundMessage, RoundPlace, Steer
from storage.store import Store


class PageData:
    """Reads what a page needs, and draws it."""

    def __init__(self, store: Store, queue: Queue, sight: Sight) -> None:
        self._store = store
        self._queue = queue
        self._sight = sight

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
            steered=[_steered(steer, place, round_) for steer, place in message.steers],
            origin=_origin(message, round_.parameters),
            hint=None if hint is None else hint[0],
            hint_word="" if hint is None else hint[1],
            remarks=remarks_of(round_),
            fork=message.fork,
            rated_by_owner=message.rated_by_owner,
        )
        copied = await asyncio.to_thread(self._too_large, shown)
        return dataclasses.replace(shown, copied=copied)

    async def page_of_part(self, asker: Asker, round_id: int, part: int) -> Page:
        """The page with some pictures of a round; those of a comparison are shown in private."""
        shown = await self.shown(round_id, part)
        if shown.compares:
            return cells_page(asker.locale, await self._in_private(asker, shown))
        return round_page(shown)

    async def cells(self, asker: Asker, image_id: int) -> tuple[Page, list[Upload]]:
        """Return a private page of a comparison's single pictures, the one with this picture."""
        image = await self._sight.listed(asker, image_id)
        part = image.position // EARLIER_PICTURES_A_MESSAGE
        shown = await self._in_private(asker, await self.shown(image.round_id, part))
        if not 0 < len(shown.here) <= EARLIER_PICTURES_A_MESSAGE:  # Forged: it is no comparison.
            raise Refusal(refusals.PICTURE_GONE)
        return cells_page(asker.locale, shown), self.uploads(shown)

    async def _in_private(self, asker: Asker, shown: Shown) -> Shown:
        """Leave out what the content filter hides where the member is."""
        return dataclasses.replace(shown, hidden=await self._sight.hidden(asker, shown.here))

    async def round_panel(self, asker: Asker, round_id: int) -> Page:
        """Return the private panel of a round."""
        return panel_page(asker.locale, await self._whole(asker, round_id))

    async def round_settings(self, asker: Asker, round_id: int) -> Page:
        """Return the page with the settings of a round, in private."""
        return settings_page(asker.locale, await self._whole(asker, round_id))

    async def deletion(self, asker: Asker, round_id: int) -> Page:
        """Return the question if a round should be deleted."""
        return deletion_page(asker.locale, await self._whole(asker, round_id))

    async def _whole(self, asker: Asker, round_id: int) -> Shown:
        """Read a whole round as a member sees it, with what is hidden from them."""
        round_, _ = await self._sight.round(asker, round_id)
        shown = await self.shown(round_.id, 0)
        votes = dict(shown.votes)
        for part in list(parts_of(round_, len(shown.images)))[1:]:
            votes |= (await self.shown(round_.id, part)).votes
        hidden = await self._sight.hidden(asker, shown.images)
        return dataclasses.replace(shown, votes=votes, hidden=hidden)

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
            if image.id in files and image.id not in shown.hidden
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

    async def picture_panel(
        self, asker: Asker, image_id: int, *, unfolded: bool = False
    ) -> tuple[Page, list[Upload]]:
        """Return the private panel of a picture, and the picture to attach."""
        details = await self._details(asker, image_id)
        image = details.image
        if image.digest is None:
            return details_page(asker.locale, details, unfolded=unfolded), []
        path, most = self._store.files.path(image.digest), most_bytes(1)
        copied = await asyncio.to_thread(size_of, path) > most
        name = picture_name(image, copied=copied)
        upload = Upload(name=name, path=path, most=most if copied else None)
        details = dataclasses.replace(details, copied=copied)
        page = details_page(asker.locale, details, pictured=True, unfolded=unfolded)
        return page, [upload]

    async def _details(self, asker: Asker, image_id: int) -> Details:
        image, of = await self._sight.picture(asker, image_id)
        message = await self._store.rounds.shown(of.id, part_of(of, image))
        if message is None:
            raise Refusal(refusals.PICTURE_GONE)
        round_, shown = message.round, await self._shown(message)
        likes, dislikes = shown.votes[image.id]
        parent, place = await self._parent(asker, round_)
        elsewhere = place is not None and place.board_id != round_.board_id
        return Details(
            image=image,
            round=round_,
            parent=parent,
            parent_owner=place.owner_id if place is not None and elsewhere else None,
            likes=likes,
            dislikes=dislikes,
            mine=await self._own_rating(asker, image),
            steered=shown.steered,
            origin=_origin(message, image.parameters),
            tree=await self._tree(asker, image),
            made_from=await self._made_from(asker, image),
            copied=image.id in shown.copied,
        )

    async def _own_rating(self, asker: Asker, image: Image) -> int:
        ratings = await self._store.ratings.of_image(image.id)
        return next((each.value for each in ratings if each.member_id == asker.member_id), 0)

    async def _parent(
        self, asker: Asker, round_: Round
    ) -> tuple[Round, RoundPlace] | tuple[None, None]:
        """Return the round that this one follows and its place, if the member sees it."""
        if round_.parent_id is not None:
            with suppress(Refusal):
                return await self._sight.round(asker, round_.parent_id)
        return None, None

    async def _made_from(self, asker: Asker, image: Image) -> int | None:
        """Return the picture that this one was made from, if it may be shown here."""
        if image.parent_id is not None:
            with suppress(Refusal):
                source, _ = await self._sight.picture(asker, image.parent_id)
                return source.id
        return None

    async def _tree(self, asker: Asker, image: Image) -> Sequence[Branch]:
        """Return the sources and results of a picture that the member sees, if it has any."""
        images = await self._store.images.tree(image.id)
        seen = await self._sight.among(asker, {each.round_id for each in images})
        images = [each for each in images if each.round_id in seen]
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
            mine.append(
                Mine(
                    job_id=job.id,
                    prompt=prompt,
                    position=positions.get(str(job.id)),
                    styles=None if round_ is None else styles_line(asker.locale, round_.parameters),
                )
            )
        return queue_page(asker.locale, mine, len(positions))


def _steered(steer: Steer, place: ImagePlace, steered: Round) -> Steered:
    return Steered(
        round_number=place.round_number,
        position=place.position,
        value=steer.value,
        weight=steer.weight,
        owner_id=None if place.board_id == steered.board_id else place.owner_id,
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
