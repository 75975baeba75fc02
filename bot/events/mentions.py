"""Mentions, replies and direct messages: a prompt to paint, or an instruction to edit by."""

from __future__ import annotations

import contextlib
import dataclasses

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.edits import EDITS, UPLOADED, edit_parameters, instruction_of
from bot.actions.orders import Order
from bot.actions.replies import is_remark, numbered, words_in
from bot.context import guess_locale, of_message
from bot.errors import Refusal, explain
from bot.jobs.channel import NOBODY
from bot.jobs.trouble import TROUBLE
from bot.services import Services
from bot.text import invalid
from bot.uploads import check_upload
from bot.views.member_settings import left_out
from bot.views.offers import unreadable_page, which_page
from bot.views.page import Page, note


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a message asks of the bot."""

    words: str
    replies: bool = False
    """True for a reply that does not name the bot: it means the picture, or nothing."""


async def answer_message(services: Services, me: int | None, message: discord.Message) -> None:
    """Paint a message's prompt, in a direct message or after a mention.

    With an attached picture, or as a reply to one of ours, edit that picture; a reply needs no
    mention.  `me` is the bot's id.
    """
    request = addressed(message, me)
    if request is None:
        return
    server_id = DIRECT_MESSAGES if message.guild is None else message.guild.id
    known = await services.store.members.locale(server_id, message.author.id)
    asker = of_message(message, guess_locale(known, message.guild, request.words))
    try:
        answer = await _answer(services, asker, message, request)
        if isinstance(answer, Page):
            await _reply(asker, message, answer)
        elif answer is not None:
            with answer as order:
                await services.delivery.begin_in_channel(order, reply_to=message.id)
            if answer.left_out:
                page = note(left_out(asker.locale, answer.left_out))
                with contextlib.suppress(*TROUBLE):
                    await _reply(asker, message, page)
    except Exception as error:  # noqa: BLE001 - discord.py would only log it
        await _reply(asker, message, note(explain(error, asker.locale)))


def addressed(message: discord.Message, me: int | None) -> Request | None:
    """Return what a message asks of the bot; None if it does not speak to the bot.

    A reply mentions whom it answers without a word of it in the text, unless its author switched
    that off. Discord tells us its words then, except where it answers a message that a command or a
    button brought; those replies have no words.
    """
    said = (discord.MessageType.default, discord.MessageType.reply)
    if message.author.bot or me is None or message.type not in said:
        return None
    words = words_in(message.content, me)
    if message.guild is None or words != " ".join(message.content.split()):
        return Request(words=words)
    answers = message.reference is not None and any(each.id == me for each in message.mentions)
    if not answers or message.attachments or message.stickers or (words and is_remark(words)):
        return None
    return Request(words=words, replies=True)


async def _answer(
    services: Services, asker: Asker, message: discord.Message, request: Request
) -> Order | Page | None:
    """Return the order that a message comes to, or the page that asks which picture it means."""
    if message.attachments:
        return await _edit_attached(services, asker, message.attachments[0], request.words)
    replied_to = None if message.reference is None else message.reference.message_id
    if replied_to is not None and await services.sight.on_message(asker, replied_to):
        card = services.model()
        if card is None or card.edits:
            if request.replies and not request.words:
                return await _offer_once(services, asker, replied_to)
            return await _edit_replied_to(services, asker, replied_to, request.words)
        if request.words and request.replies:
            raise Refusal(invalid.CANNOT_EDIT, model=card.name)
    if request.replies:
        return None
    return await services.actions.imagine(asker, {"prompt": request.words})


async def _edit_replied_to(
    services: Services, asker: Asker, message_id: int, words: str
) -> Order | Page:
    """Edit the picture of a message of ours; of several, the one that the words name."""
    images = await services.sight.shown_on(asker, message_id)
    number, instruction = numbered(words)
    meant = [image for image in images if image.position + 1 == number]
    if len(images) == 1:
        meant = meant or list(images)
    if meant:
        return await services.actions.edit_picture(asker, meant[0].id, instruction)
    instruction_of(instruction)
    await services.orders.allow(asker, EDITS)
    return which_page(asker.locale, images)


async def _offer_once(services: Services, asker: Asker, message_id: int) -> Page | None:
    """Return buttons to edit what a reply answers that we cannot read, now and then: it may be
    a remark like any other.
    """
    if services.repeats.is_repeat(("unreadable reply", asker.channel_id, asker.member_id)):
        return None
    images = await services.sight.shown_on(asker, message_id)
    return unreadable_page(asker.locale, images)


async def _edit_attached(
    services: Services, asker: Asker, attachment: discord.Attachment, instruction: str
) -> Order:
    check_upload(attachment)
    parameters = edit_parameters(services.settings.model, instruction)
    async with services.uploads.source(attachment) as fetch:
        return await services.actions.begin_from_upload(asker, parameters, UPLOADED, fetch)


async def _reply(asker: Asker, message: discord.Message, page: Page) -> None:
    if "send_messages" not in asker.lacking:
        await message.reply(view=page, allowed_mentions=NOBODY)
