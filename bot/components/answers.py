"""Answers to commands and presses: a refusal in private, a round begun from an upload."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec

import discord

from bot.actions.orders import Order
from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.context import of_interaction
from bot.errors import Refusal, explain
from bot.jobs.attachments import size_of
from bot.jobs.channel import NOBODY, Upload, files_of
from bot.jobs.trouble import TROUBLE
from bot.services import services_of
from bot.uploads import check_upload
from bot.views.member_settings import left_out
from bot.views.page import Page, note
from storage.records import WaitsFor

log = logging.getLogger(__name__)

PROMPTLY = 1.2
"""Seconds; Discord waits three.  A round that stands in the answer itself is worth waiting for."""
CROWDED_PROMPTLY = 0.4
"""The same where many want an answer at once: then each takes longer than it seems."""
SENT_AT_ONCE = 2**18
"""Bytes of files that an answer brings; more of them are promised first."""
FETCHED_PROMPTLY = 1.5
"""The same for a file that is fetched while few others are."""

P = ParamSpec("P")
Interaction = discord.Interaction[Any]
Callback = Callable[Concatenate[Interaction, P], Coroutine[Any, Any, None]]


def id_in(written: str) -> int:
    """Return the id in a custom id or a choice; 0, which nothing has, for anything else."""
    return int(written) if re.fullmatch(r"[0-9]{1,100}", written) else 0


async def tell(interaction: Interaction, error: BaseException) -> None:
    """Answer a command or a press that failed, in private."""
    page = note(explain(error, str(interaction.locale.value)))
    deferred = services_of(interaction).deferred
    try:
        await answer_privately(interaction, page)
    except TROUBLE as failure:
        # Too late, or Discord is down: unless they see "thinking …", there is no way to reach them.
        log.warning("could not answer interaction %d: %s", interaction.id, failure)
        deferred.answer_later(interaction, page)
    else:
        await deferred.answered(interaction)


async def answer_privately(interaction: Interaction, page: Page) -> None:
    """Answer with a page that only the member sees, in place of "thinking …" if that was said."""
    if interaction.response.is_done():
        await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)
    else:
        await interaction.response.send_message(view=page, ephemeral=True, allowed_mentions=NOBODY)


def refusals_told(callback: Callback[P]) -> Callback[P]:
    """Answer refusals raised by a command; other errors go on to the tree's handler."""

    @functools.wraps(callback)
    async def told(interaction: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await callback(interaction, *args, **kwargs)
        except Refusal as refusal:
            await tell(interaction, refusal)
        else:
            await services_of(interaction).deferred.answered(interaction)

    return told


def is_private(interaction: Interaction) -> bool:
    """Return True if the button that was pressed is on a message that only the member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


@asynccontextmanager
async def answered_in_time(
    interaction: Interaction,
    defer: Callable[[], Awaitable[None]],
    seconds: float | None = None,
    crowded: asyncio.Event | None = None,
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Call `defer` if the body takes longer than this, so that Discord has an answer in time.

    Yields a function that the body awaits before it answers: from then on nobody else does.
    seconds: None means `PROMPTLY`, or less while many others want an answer.  crowded: as soon as
    it is set, the body is known to take long.
    """
    deferring: asyncio.Task[None] | None = None

    async def deferred() -> None:
        await defer()

    def late() -> None:
        nonlocal deferring
        if deferring is None and not interaction.response.is_done():
            deferring = asyncio.create_task(deferred())

    async def settle() -> None:
        timer.cancel()
        if watching is not None:
            watching.cancel()
        if deferring is not None:
            await asyncio.wait([deferring])

    presses = services_of(interaction).presses
    with presses.answering():
        if seconds is None:
            seconds = CROWDED_PROMPTLY if presses.crowded else PROMPTLY
        timer = asyncio.get_running_loop().call_later(seconds, late)
        watching = None if crowded is None else asyncio.create_task(_when(crowded, late))
        try:
            yield settle
        finally:
            await settle()


async def _when(happened: asyncio.Event, act: Callable[[], None]) -> None:
    await happened.wait()
    act()


async def begin(interaction: Interaction, ordering: Awaitable[Order]) -> None:
    """Place an order and have it painted; if that takes long, promise a private answer first."""
    async with answered_in_time(interaction, _promise(interaction, WaitsFor.PAGE)) as settle:
        await _begin(interaction, ordering, settle)


async def begin_fetched(interaction: Interaction, ordering: Awaitable[Order]) -> None:
    """Place an order that waits for a member's file, and have it painted.

    One who uploads alone sees the round in the answer itself: that is worth waiting for.
    """
    promise = _promise(interaction, WaitsFor.UPLOAD)
    crowded = services_of(interaction).uploads.crowded
    async with answered_in_time(interaction, promise, FETCHED_PROMPTLY, crowded) as settle:
        await _begin(interaction, ordering, settle)


async def _begin(
    interaction: Interaction, ordering: Awaitable[Order], settle: Callable[[], Awaitable[None]]
) -> None:
    services = services_of(interaction)
    with await ordering as order:
        await settle()
        await services.deferred.job_follows(interaction)
        await services.delivery.begin(order, interaction)
    if order.left_out:
        await _remark(
            interaction, note(left_out(of_interaction(interaction).locale, order.left_out))
        )


async def _remark(interaction: Interaction, page: Page) -> None:
    """Add something in private to an answer that was given; nothing depends on it."""
    try:
        await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)
    except TROUBLE as error:
        log.info("interaction %d got no remark: %s", interaction.id, error)


async def show(interaction: Interaction, drawing: Awaitable[Page]) -> None:
    """Answer with a private page; if it takes long to draw, promise it first."""
    async with answered_in_time(interaction, _promise(interaction, WaitsFor.PAGE)) as settle:
        page = await drawing
        await settle()
        await answer_privately(interaction, page)


async def show_pictured(
    interaction: Interaction, drawing: Awaitable[tuple[Page, Sequence[Upload]]]
) -> None:
    """Answer with a private page and its pictures; large ones take longer than Discord waits."""
    promise = _promise(interaction, WaitsFor.PAGE)
    async with answered_in_time(interaction, promise) as settle:
        page, uploads = await drawing
        large = sum(size_of(upload.path) for upload in uploads) > SENT_AT_ONCE
        await settle()
        done = interaction.response.is_done()
        if large and not done:
            await promise()
        files = await files_of(uploads)
        if large or done:
            await interaction.followup.send(
                view=page, files=files, ephemeral=True, allowed_mentions=NOBODY
            )
        else:
            await interaction.response.send_message(
                view=page, files=files, ephemeral=True, allowed_mentions=NOBODY
            )


async def redraw(
    interaction: Interaction, drawing: Awaitable[Page | None], seconds: float | None = None
) -> None:
    """Show a page in place of the message that was pressed on, with no sign of waiting for it.

    None: the message stays as it is for now.
    """

    async def defer() -> None:
        try:
            await interaction.response.defer()
        except TROUBLE as error:
            log.warning("interaction %d may not be deferred: %s", interaction.id, error)

    async with answered_in_time(interaction, defer, seconds) as settle:
        page = await drawing
        await settle()
        if interaction.response.is_done():
            if page is not None:
                await interaction.edit_original_response(view=page, allowed_mentions=NOBODY)
        elif page is None:
            await defer()
        else:
            await interaction.response.edit_message(view=page)


def _promise(interaction: Interaction, waits_for: WaitsFor) -> Callable[[], Awaitable[None]]:
    """Return a function that promises a private answer by the current task."""
    handler = asyncio.current_task()
    return lambda: services_of(interaction).deferred.defer(interaction, waits_for, handler)


async def begin_with(
    interaction: Interaction,
    parameters: Parameters,
    source_options: SourceOptions,
    picture: discord.Attachment,
    mask: discord.Attachment | None = None,
    style: str | None = None,
) -> None:
    """Fetch the picture that a command brings, and paint or edit from it.

    style: as it was typed.
    """
    services, asker = services_of(interaction), of_interaction(interaction)
    for attachment in (picture, mask):
        if attachment is not None:
            check_upload(attachment)

    async def order() -> Order:
        async with services.uploads.source(picture, mask) as fetch:
            return await services.actions.begin_from_upload(
                asker, parameters, source_options, fetch, style
            )

    await begin_fetched(interaction, order())
