"""Members' actions on boards, rounds and pictures, independent of the command or button used."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.actions.asker import Asker
from bot.actions.edits import EDITED, EDITS, instruction_of
from bot.actions.follow_ups import FollowUps, Wording, after_replay, from_picture, reworded
from bot.actions.member_settings import MemberSettings
from bot.actions.orders import Order, Orders, Reservation
from bot.actions.parameters import Parameters, check
from bot.actions.references import References
from bot.actions.replays import Replay, Replays, Told, repeats_record
from bot.actions.rules import Rules
from bot.actions.sight import Sight, possible, sees
from bot.actions.source_options import STRENGTH, STRONG, VARIATIONS, SourceOptions
from bot.actions.styles.library import StyleLibrary
from bot.errors import Refusal
from bot.settings import Settings
from bot.text import invalid, refusals
from generation.catalog.entries import Defaults, usual_editing
from generation.process.queue import Queue
from generation.protocol.options import ModelCard
from storage.errors import Missing
from storage.records import Board, Job, JobKind, NewSource, Round, Server, Steer, Vote
from storage.store import Store
from storage.style_records import Style


class BoardActions:
    """Turns members' requests into orders; raises `Refusal` where the rules forbid them."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        queue: Queue,
        rules: Rules,
        sight: Sight,
        orders: Orders,
        references: References,
        member_settings: MemberSettings,
        follow_ups: FollowUps,
        styles: StyleLibrary,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model` is the loaded model's card."""
        self._settings = settings
        self._references = references
        self._member_settings = member_settings
        self._follow_ups = follow_ups
        self._store = store
        self._queue = queue
        self._rules = rules
        self._sight = sight
        self._orders = orders
        self._styles = styles
        self._model = model
        self._replays = Replays(
            settings=settings, store=store, sight=sight, styles=styles, model=model
        )

    async def imagine(
        self,
        asker: Asker,
        given: Mapping[str, Any],
        *,
        style: str | Style | None = None,
        group: bool | None = None,
    ) -> Order:
        """Start a board from the given parameters, and the member's settings for the rest.

        style: as it was typed, or itself; None for the member's usual one, or the channel's.  If
        `group` is None, the server's default decides.
        """
        start = await self._member_settings.start(asker, given)
        usual = (await self._member_settings.of(asker)).get("style")
        styles = await self._styles.start(asker, start.parameters.prompt, style, usual)
        order = await self._orders.place(
            asker,
            dataclasses.replace(start.parameters, styles=styles.styles),
            self._new_board(asker, group),
            check=self._check_of(),
        )
        return dataclasses.replace(order, left_out=(*start.left_out, *styles.left_out))

    async def begin_from_upload(
        self,
        asker: Asker,
        parameters: Parameters,
        source_options: SourceOptions,
        fetch: Callable[[], Awaitable[NewSource]],
        style: str | None = None,
    ) -> Order:
        """Start a board from a picture that `fetch` brings, after all other checks have passed.

        style: as it was typed.
        """
        board = self._new_board(asker, None)
        if style is not None:
            styles = await self._styles.choose(asker, style)
            parameters = dataclasses.replace(parameters, styles=styles)
        return await self._orders.place(
            asker,
            parameters,
            board,
            source_options=source_options,
            fetch=fetch,
            check=self._check_of(source_options),
        )

    async def begin_from_picture(
        self,
        asker: Asker,
        image_id: int,
        source_options: SourceOptions,
        *,
        prompt: str | None = None,
        count: int = VARIATIONS,
        usual: Defaults | None = None,
        as_large: bool = True,
        style: str | None = None,
        **change: Any,
    ) -> Order:
        """Start from one of our pictures on the asker's board, by default with its prompt.

        `style`: its styles as they were typed; None for its own.
        `usual`: the steps, guidances and scheduler to use if the picture has none of its own.
        `as_large`: keep the size of the picture; otherwise the painter chooses a suitable one.
        `change`: other parameters to replace.
        """
        image, parent = await self._sight.picture(asker, image_id)
        parameters = from_picture(
            image,
            parent,
            model=self._settings.model,
            prompt=prompt,
            count=count,
            settings=usual,
            as_large=as_large,
            negatives=self._follow_ups.takes_negatives(),
            change=change,
        )
        if style is not None:
            styles = await self._styles.rechoose(asker, parameters.styles, style)
            parameters = dataclasses.replace(parameters, styles=styles)

        async def fetch() -> NewSource:
            return NewSource(image_id=image.id)

        return await self._orders.place(
            asker,
            parameters,
            lambda _: self._own(asker, parent),
            parent=parent,
            source_options=source_options,
            fetch=fetch,
            check=self._check_of(source_options, again=prompt is None),
        )

    async def replay(
        self, asker: Asker, fetch: Callable[[], Awaitable[Told]], *, anyway: bool
    ) -> Order:
        """Start a board with a picture painted again, by the record in a file that `fetch` reads.

        The place in the queue is reserved meanwhile.
        """
        async with self._orders.reserving(asker, 1) as reserved:
            replay = await self._replays.of_record(asker, await fetch(), anyway=anyway)
            board = self._new_board(asker, None)
            return await self._place_again(asker, replay, board, reserved=reserved)

    async def repaint(self, asker: Asker, image_id: int, *, anyway: bool) -> Order:
        """Paint one of our pictures again, on the asker's board."""
        image, parent = await self._sight.picture(asker, image_id)
        await self._orders.allow(asker, 1)
        if image.digest is None:
            raise Refusal(refusals.PICTURE_GONE)
        path = self._store.files.path(image.digest)
        replay = await self._replays.of_file(asker, path, anyway=anyway)
        return await self._place_again(asker, replay, lambda _: self._own(asker, parent), parent)

    async def _place_again(
        self,
        asker: Asker,
        replay: Replay,
        board: Callable[[Server], Awaitable[Board]],
        parent: Round | None = None,
        reserved: Reservation | None = None,
    ) -> Order:
        source = replay.source

        async def fetch() -> NewSource:
            return source or NewSource()

        try:
            return await self._orders.place(
                asker,
                replay.parameters,
                board,
                parent=parent,
                steers=replay.steers,
                replayed=replay.told,
                source_options=replay.source_options,
                fetch=None if source is None else fetch,
                reserved=reserved,
            )
        except FileNotFoundError:
            raise Refusal(invalid.SOURCE_LOST) from None

    async def compare(
        self,
        asker: Asker,
        parameters: Parameters,
        source_options: SourceOptions | None = None,
        fetch: Callable[[], Awaitable[NewSource]] | None = None,
        style: str | None = None,
    ) -> Order:
        """Start a board with a comparison; one of feedback is steered by the member's latest likes.

        With `fetch`, all of its pictures start from the one that it brings.  style: as typed.
        """
        if style is not None:
            styles = await self._styles.choose(asker, style)
            parameters = dataclasses.replace(parameters, styles=styles)
        if source_options is None and any(axis.parameter == STRENGTH for axis in parameters.axes):
            raise Refusal(invalid.COMPARE_NO_PICTURE)
        parent: Round | None = None
        steers: Sequence[Steer] = ()
        if any(axis.parameter.startswith("feedback_") for axis in parameters.axes):
            parent, steers = await self._references.liked_last(asker)

        async def board(_: Server) -> Board:
            return await self._store.boards.create(
                server_id=asker.server_id,
                channel_id=asker.channel_id,
                owner_id=asker.member_id,
                group=False,
                forked_from=None if parent is None else parent.id,
            )

        return await self._orders.place(
            asker,
            parameters,
            board,
            parent=parent,
            steers=steers,
            source_options=source_options,
            fetch=fetch,
            check=self._check_of(source_options),
        )

    async def edit_picture(
        self,
        asker: Asker,
        image_id: int,
        instruction: str,
        *,
        keep: float | None = None,
        count: int = EDITS,
    ) -> Order:
        """Edit one of our pictures by words; each result stores its parent, which forms a tree."""
        image, _ = await self._sight.picture(asker, image_id)
        own, usual = Parameters.of(image.parameters), usual_editing(self._settings.model)
        if keep is not None:
            usual = dataclasses.replace(usual, image_guidance=keep)
        return await self.begin_from_picture(
            asker,
            image_id,
            EDITED,
            prompt=instruction_of(instruction),
            count=count,
            usual=usual,
            negative_prompt="",
            about=own.shows,
            about_negative=own.avoids,
            axes=(),
        )

    async def next_round(
        self, asker: Asker, round_id: int, wording: Wording | None = None
    ) -> Order:
        """Paint another round with new seeds, steered by the board's ratings.

        A fork of somebody else's board is steered by what steered the round, at first.
        `wording`: other words for it, which are checked as those of a new board are.
        """
        parent, parameters, source_options = await self._follow_ups.of_round(asker, round_id)
        if wording is not None:
            parameters = reworded(parameters, self._follow_ups.heeded(wording))
        options = source_options or SourceOptions.of(parent.parameters)
        anew = self._check_of(options)
        return await self._orders.place(
            asker,
            parameters,
            lambda _: self._own(asker, parent),
            parent=parent,
            steered=True,
            source_options=source_options,
            # What was painted before may have been asked for by other rules.
            check=(lambda _: None) if wording is None else anew,
        )

    async def vary_reworded(self, asker: Asker, image_id: int, wording: Wording) -> Order:
        """Vary one of our pictures strongly, with other words."""
        before = await self._follow_ups.wording_of_picture(asker, image_id)
        wording = self._follow_ups.heeded(wording)
        change: dict[str, Any] = {}
        if wording.negative_prompt is not None:
            change["negative_prompt"] = wording.negative_prompt
        if wording != before:
            change["literal"] = False
        return await self.begin_from_picture(
            asker, image_id, SourceOptions(strength=STRONG), prompt=wording.prompt, **change
        )

    async def again(self, asker: Asker, round_id: int) -> Order:
        """Repeat a round with new seeds and no feedback, unless it compares feedback."""
        parent, parameters = await self._follow_ups.parameters_of(asker, round_id)
        if parameters.axes:
            return await self.retry(asker, round_id)
        if repeats_record(parent):
            parameters = after_replay(parent, parameters)
        return await self._orders.place(
            asker, parameters, lambda _: self._own(asker, parent), parent=parent
        )

    async def plain(self, asker: Asker, round_id: int) -> Order:
        """Repeat a round with the same seeds and without feedback, to show what likes change."""
        parent, parameters = await self._follow_ups.parameters_of(asker, round_id)
        parameters = dataclasses.replace(parameters, seed=int(parent.parameters["seed"]))
        return await self._orders.place(
            asker, parameters, lambda _: self._own(asker, parent), parent=parent, plain=True
        )

    async def retry(self, asker: Asker, round_id: int) -> Order:
        """Repeat a round with the same steering and another seed."""
        parent, parameters = await self._follow_ups.parameters_of(asker, round_id)
        return await self._orders.place(
            asker, parameters, lambda _: self._own(asker, parent), parent=parent, again=True
        )

    async def rate(self, asker: Asker, image_id: int, value: int) -> Vote:
        """Rate a picture 👍 (1) or 👎 (-1); the same rating again withdraws it."""
        if not possible(image_id):
            raise Refusal(refusals.PICTURE_GONE)
        seen = functools.partial(sees, asker)
        try:
            return await self._store.ratings.press(
                asker.server_id, image_id, asker.member_id, value, seen=seen
            )
        except Missing:
            raise Refusal(refusals.PICTURE_GONE) from None

    async def reset(self, asker: Asker, round_id: int) -> None:
        """Reset the board's feedback: only pictures painted from now on steer it."""
        _, place = await self._sight.round(asker, round_id)
        self._rules.allow_reset(asker, place)
        await self._store.boards.reset(place.board_id)

    async def cancel(self, asker: Asker, job_id: int) -> Job:
        """Cancel a job; raises `Refusal` if it is over or not theirs to cancel."""
        job = await self._sight.job(asker, job_id)
        if job.kind is not JobKind.PAINT:  # Trainings have buttons, and rules, of their own.
            raise Refusal(refusals.JOB_GONE)
        self._rules.allow_cancel(asker, job)
        # On disk first, so that later events from the generator are rejected.
        if not await self._store.jobs.cancel(job_id):
            raise Refusal(refusals.JOB_OVER)
        await self._queue.cancel(str(job_id))
        return job

    async def delete(self, asker: Asker, round_id: int) -> None:
        """Delete a round's pictures and their ratings; its messages are recorded as removals."""
        round_, place = await self._sight.round(asker, round_id)
        self._rules.allow_delete(asker, place)
        job = await self._store.jobs.of_round(round_.id)
        await self._store.rounds.delete(round_.id)
        if job is not None:
            await self._queue.cancel(str(job.id))

    def _check_of(
        self,
        source_options: SourceOptions | None = None,
        *,
        again: bool = False,
    ) -> Callable[[Parameters], None]:
        """Return a check of parameters and of each picture's source, to run later.

        again: whether a picture that was painted before says so of itself.
        """
        return functools.partial(
            check,
            model=self._settings.model,
            card=self._model(),
            source_options=source_options,
            again=again,
        )

    def _new_board(self, asker: Asker, group: bool | None) -> Callable[[Server], Awaitable[Board]]:
        async def board(server: Server) -> Board:
            return await self._store.boards.create(
                server_id=asker.server_id,
                channel_id=asker.channel_id,
                owner_id=asker.member_id,
                group=server.group_boards if group is None else group,
            )

        return board

    async def _own(self, asker: Asker, parent: Round) -> Board:
        """Return the board on which a member continues a round: its own, or their fork of it.

        A group board is continued by everyone.
        """
        board = await self._store.boards.get(parent.board_id)
        if board is None:
            raise Refusal(refusals.ROUND_GONE)
        if board.group or board.owner_id == asker.member_id:
            return board
        return await self._store.boards.create(
            server_id=board.server_id,
            channel_id=asker.channel_id,
            owner_id=asker.member_id,
            group=False,
            forked_from=parent.id,
        )
