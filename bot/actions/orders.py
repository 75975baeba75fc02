"""Orders: turn parameters into a round, a job and a complete request, committed, then queued."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.actions.asker import Asker
from bot.actions.parameters import Parameters, request_of
from bot.actions.references import References
from bot.actions.replays import repeats_record
from bot.actions.rules import Rules
from bot.actions.sight import Sight
from bot.actions.sizes import sides
from bot.actions.source_options import SourceOptions
from bot.actions.styles.library import Note, StyleLibrary
from bot.errors import Refusal, problems_told
from bot.settings import Settings
from bot.text import refusals
from generation.process.places import Place, QueueFull
from generation.process.queue import Queue
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint, Reference, Source
from generation.requests.sizes import MULTIPLE
from generation.requests.validation import check_memory
from storage.errors import Missing
from storage.gestures import PICTURES_A_MESSAGE
from storage.records import Board, Job, NewSource, Round, Server, Steer
from storage.store import Store

DAY = 86400.0
RANDOM_SEEDS = 2**32


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A job on disk with its place in the queue; a context manager that releases the place.

    `placing` holds the jobs on their way to whoever follows them; this one leaves it at the end.
    """

    job: Job
    round: Round
    board: Board
    request: Paint
    place: Place
    placing: set[int]
    left_out: tuple[str, ...] = ()
    """The names of the member's own settings that could not be used here."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.place.release()
        self.placing.discard(self.job.id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Reservation:
    """A place in the queue for a member who may paint in this server."""

    server: Server
    place: Place


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """An order that is not committed yet: who asks where for what."""

    asker: Asker
    server: Server
    parameters: Parameters
    parent: Round | None
    begins: bool
    """True if the round begins from a picture."""
    plain: bool
    again: bool
    replayed: Mapping[str, Any] | None
    notes: tuple[Note, ...] = ()
    """What has changed about its styles since the round before."""

    @property
    def repeats_record(self) -> bool:
        """True if it repeats a round that was painted from a picture's record."""
        if self.parent is None or not (self.plain or self.again):
            return False
        return repeats_record(self.parent)


class Orders:
    """Places orders: checks rules and quotas, then writes the round and the job to the store."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        queue: Queue,
        rules: Rules,
        sight: Sight,
        references: References,
        styles: StyleLibrary,
        model: Callable[[], ModelCard | None],
        acquainted: Callable[[int], Awaitable[bool]],
        new_seed: Callable[[], int] | None = None,
    ) -> None:
        """`model`: the loaded model's card; `acquainted`: is a user in an allowed server."""
        self._settings = settings
        self._store = store
        self._queue = queue
        self._rules = rules
        self._sight = sight
        self._references = references
        self._styles = styles
        self._model = model
        self._acquainted = acquainted
        self._new_seed = new_seed or (lambda: random.SystemRandom().randrange(RANDOM_SEEDS))
        self._counting = asyncio.Lock()
        self.placing: set[int] = set()
        """Ids of jobs on disk that are on their way to whoever follows them."""

    async def place(
        self,
        asker: Asker,
        parameters: Parameters,
        board: Callable[[Server], Awaitable[Board]],
        *,
        parent: Round | None = None,
        steered: bool = False,
        steers: Sequence[Steer] = (),
        plain: bool = False,
        again: bool = False,
        replayed: Mapping[str, Any] | None = None,
        source_options: SourceOptions | None = None,
        fetch: Callable[[], Awaitable[NewSource]] | None = None,
        check: Callable[[Parameters], None] = lambda _: None,
        reserved: Reservation | None = None,
    ) -> Order:
        """Put a round on a board and in the queue; `Refusal` if the rules forbid it.

        board: finds or creates it, after all checks have passed. parent: the round that this one
        continues. steered: by the board's ratings; again: by what steered `parent`; otherwise by
        `steers`. replayed: how a picture that is painted again is described. fetch: brings the init
        image; without it, that of `parent` is used if it had one. check: raises `Refusal` if the
        parameters, by now with all styles, are out of range; it may block, and runs only for
        members who may paint here now.
        reserved: by `reserving`.
        """
        reserved = reserved or await self._reserve(asker)
        place = reserved.place
        draft = _Draft(
            asker=asker,
            server=reserved.server,
            parameters=parameters,
            parent=parent,
            begins=fetch is not None or (parent is not None and parent.source_digest is not None),
            plain=plain,
            again=again,
            replayed=replayed,
        )
        try:
            checked = await self._styles.check(asker, parameters)
            draft = dataclasses.replace(draft, parameters=checked.parameters, notes=checked.notes)
            await asyncio.to_thread(check, draft.parameters)
            self.check_memory(draft.parameters, begins=draft.begins)
            source, source_options = await self._source_of(draft, fetch, source_options)
            # One at a time: no other request may come between the count and the commit.
            async with self._counting:
                await self._check_day(asker, draft.server, parameters.count)
                ours = await board(draft.server)
                by_record = False
                if steered or again:
                    steers, by_record = await self._references.choose(
                        asker, ours, draft.parameters, parent, again=again
                    )
                round_, job = await self._commit(
                    draft, ours, steers, source, source_options, by_record=by_record
                )
            request = await self._request_or_undo(job, round_)
        except Missing:
            place.release()
            raise Refusal(refusals.ROUND_GONE) from None
        except BaseException:
            place.release()
            raise
        return Order(
            job=job,
            round=round_,
            board=ours,
            request=request,
            place=place,
            placing=self.placing,
        )

    async def _source_of(
        self,
        draft: _Draft,
        fetch: Callable[[], Awaitable[NewSource]] | None,
        source_options: SourceOptions | None,
    ) -> tuple[NewSource | None, SourceOptions | None]:
        """Return the init image of a round and how it is used; fetches it if need be."""
        parent = draft.parent
        if fetch is not None:
            # Before something large is fetched in vain.
            await self._check_day(draft.asker, draft.server, draft.parameters.count)
            return await fetch(), source_options
        if parent is None or parent.source_digest is None or draft.replayed is not None:
            return None, source_options
        await self._sight.allow_source(draft.asker, parent.source_digest)
        return NewSource(round_id=parent.id), source_options or SourceOptions.of(parent.parameters)

    async def _commit(
        self,
        draft: _Draft,
        board: Board,
        steers: Sequence[Steer],
        source: NewSource | None,
        source_options: SourceOptions | None,
        *,
        by_record: bool,
    ) -> tuple[Round, Job]:
        """Write the round and its job to the store; by_record: `steers` come from a record."""
        asker, parameters = draft.asker, draft.parameters
        heeded = self._references.heeded(steers)
        fit = await self._references.fit_to_follow(asker, heeded)
        stored = {
            **self._stored_parameters(asker, parameters, source_options, plain=draft.plain),
            **({} if draft.replayed is None else {"replayed": dict(draft.replayed)}),
            **({"style_notes": list(draft.notes)} if draft.notes else {}),
            **({"repeats_record": True} if draft.repeats_record else {}),
            **({"steered_by_record": True} if by_record else {}),
            "filter": self._rules.filter(asker, draft.server).value,
            "left_out": len(heeded) - len(fit),
        }
        self.check_memory(parameters, fit, begins=draft.begins)
        round_ = await self._store.rounds.create(
            board_id=board.id,
            parameters=stored,
            parent_id=None if draft.parent is None else draft.parent.id,
            steers=fit,
            source=source,
        )
        job = await self._store.jobs.create(
            server_id=asker.server_id,
            channel_id=asker.channel_id,
            member_id=asker.member_id,
            round_id=round_.id,
            locale=asker.locale,
        )
        self.placing.add(job.id)
        return round_, job

    async def allow(self, asker: Asker, count: int) -> None:
        """Raise `Refusal` if an order of this many pictures would be refused right away."""
        reserved = await self._reserve(asker)
        reserved.place.release()
        await self._check_day(asker, reserved.server, count)

    @asynccontextmanager
    async def reserving(self, asker: Asker, count: int) -> AsyncIterator[Reservation]:
        """Reserve a place while a file is read that says what to order, so that limits bound that.

        It is released if the body raises; otherwise the body has placed the order.
        """
        reserved = await self._reserve(asker)
        try:
            await self._check_day(asker, reserved.server, count)
            yield reserved
        except BaseException:
            reserved.place.release()
            raise

    async def _allow(self, asker: Asker) -> Server:
        """Return the server, if they may paint this many pictures in it."""
        server = await self._store.servers.get(asker.server_id)
        self._rules.allow_painting(asker, server, self._model())
        if self._rules.needs_acquaintance(asker) and not await self._acquainted(asker.member_id):
            raise Refusal(refusals.DIRECT_NOT_ALLOWED)
        return server

    async def _request_or_undo(self, job: Job, round_: Round) -> Paint:
        """Return an order's request; without one, the order is as if it had never been placed."""
        try:
            return await self.request(job, round_)
        except Exception:
            self.placing.discard(job.id)
            # If not even that is possible, the job is taken up like any that nobody sees to.
            with contextlib.suppress(sqlite3.Error):
                await self._store.rounds.delete(round_.id)
            raise

    async def request(self, job: Job, round_: Round) -> Paint:
        """Return a round's complete request, the same each time, also after a restart.

        `Refusal` if one of its styles may not be used any more.
        """
        stored = round_.parameters
        await self._styles.allow_painting(job, stored)
        liked, disliked = await self._references.of_round(round_)
        folder = await asyncio.to_thread(self._store.files.workspace, job.id)
        return request_of(
            stored,
            job=str(job.id),
            liked=liked,
            disliked=disliked,
            source=self._source(round_),
            style_path=self._style_path,
            previews=self._settings.previews,
            out=folder.absolute(),
        )

    def _style_path(self, digest: str) -> Path:
        return self._store.files.path(digest).absolute()

    def _source(self, round_: Round) -> Source | None:
        source_options = SourceOptions.of(round_.parameters)
        if source_options is None or round_.source_digest is None:
            return None
        path, mask = self._store.files.path, round_.mask_digest
        return source_options.source(
            path(round_.source_digest).absolute(),
            round_.source_digest,
            None if mask is None else path(mask).absolute(),
        )

    def _stored_parameters(
        self,
        asker: Asker,
        parameters: Parameters,
        source_options: SourceOptions | None,
        *,
        plain: bool,
    ) -> dict[str, Any]:
        seed = self._new_seed() if parameters.seed is None else parameters.seed
        stored = parameters.stored(seed=seed, model=self._settings.model)
        # The language of its messages, which are edited whenever their ratings change.
        stored |= {"plain": plain, "locale": asker.locale}
        if not parameters.axes:
            stored["pictures_a_message"] = PICTURES_A_MESSAGE
        if source_options is not None:
            stored["source"] = dataclasses.asdict(source_options)
        return stored

    def check_memory(
        self, parameters: Parameters, steers: Sequence[Steer] = (), *, begins: bool
    ) -> None:
        """Raise `Refusal` if the request is known not to fit into the generator's memory.

        begins: True if it starts from a picture, whose size the painter may choose.
        """
        card = self._model()
        if card is None or (begins and parameters.width is None):
            return  # The generator checks again once it knows.
        halves = {
            value: [
                Reference(path=Path(), digest=str(steer.image_id))
                for steer in steers
                if steer.value == value
            ]
            for value in (1, -1)
        }
        stored = parameters.stored(seed=0, model=self._settings.model)
        request = request_of(
            stored,
            liked=halves[1],
            disliked=halves[-1],
            style_path=self._style_path,
            out=Path(),
        )
        width, height = sides(parameters.size, card)
        if width is not None and height is not None:
            with problems_told():
                check_memory(request, (width, height), card, MULTIPLE)

    async def _reserve(self, asker: Asker) -> Reservation:
        """Reserve a place in the queue, if they may paint here; `Refusal` otherwise."""
        server = await self._allow(asker)
        try:
            place = self._queue.reserve(asker.member_id, limit=self._rules.waiting(server))
            return Reservation(server=server, place=place)
        except QueueFull as full:
            phrase = refusals.TOO_MANY_WAITING if full.scope == "member" else refusals.QUEUE_FULL
            raise Refusal(phrase, limit=full.limit) from None

    async def _check_day(self, asker: Asker, server: Server, count: int) -> None:
        """Raise `Refusal` if this many more pictures would exceed the member's daily limit."""
        left = await self.left_today(asker, server)
        if left is not None and count > left:
            limit = self._rules.pictures_per_day(server)
            raise Refusal(refusals.DAILY_LIMIT, limit=limit, left=left)

    async def left_today(self, asker: Asker, server: Server) -> int | None:
        """Return how many pictures a member may still ask for today; None: as many as they like."""
        limit = self._rules.pictures_per_day(server)
        if not limit or self._rules.is_host(asker):
            return None
        since = time.time() - DAY
        painted = await self._store.images.painted_since(asker.server_id, asker.member_id, since)
        return max(0, limit - painted)
