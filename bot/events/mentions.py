"""Mentions and direct messages: a prompt to paint, or an instruction to edit a picture by."""

from __future__ import annotations

import contextlib
import re

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.edits import UPLOADED, edit_parameters
from bot.actions.orders import Order
from bot.context import guess_locale, of_message
from bot.errors import explain
from bot.jobs.channel import NOBODY
from bot.jobs.trouble import TROUBLE
from bot.services import Services
from bot.uploads import check_upload
from bot.views.member_settings import left_out
from bot.views.page import note

NUMBERED = re.compile(r"\s*([1-8])\s*[:：.、)]\s*(?=\S)")
"""The beginning of a reply that says which of several pictures it means: 2: make it blue."""


async def answer_message(services: Services, me: int | None, message: discord.Message) -> None:
    """Paint a message's prompt, in a direct message or after a mention.

    With an attached picture, or as a reply to one of ours, edit that picture.  `me` is the bot's
    id.
    """
    prompt = addressed(message, me)
    if prompt is None:
        return
    server_id = DIRECT_MESSAGES if message.guild is None else message.guild.id
    known = await services.store.members.locale(server_id, message.author.id)
    asker = of_message(message, guess_locale(known, message.guild, prompt))
    try:
        order = await edit_from_message(services, asker, message, prompt)
        if order is None:
            order = await services.actions.imagine(asker, {"prompt": prompt})
        with order:
            await services.delivery.begin_in_channel(order, reply_to=message.id)
        if order.left_out:
            page = note(left_out(asker.locale, order.left_out))
            with contextlib.suppress(*TROUBLE):
                await message.reply(view=page, allowed_mentions=NOBODY)
    except Exception as error:  # noqa: BLE001 - discord.py would only log it
        sentence = explain(error, asker.locale)
        if "send_messages" not in asker.lacking:
            page = note(sentence)
            await message.reply(view=page, allowed_mentions=NOBODY)


def addressed(message: discord.Message, me: int | None) -> str | None:
    """Return the prompt in a message to the bot; None if it does not speak to the bot.

    A reply mentions whom it answers without a word of it in the text: that is no request.
    """
    if (
        message.author.bot
        or me is None
        or message.type
        not in (
            discord.MessageType.default,
            discord.MessageType.reply,
        )
    ):
        return None
    named = re.compile(rf"<@!?{me}>")
    if message.guild is not None and not named.search(message.content):
        return None
    return " ".join(named.sub(" ", message.content).split())


async def edit_from_message(
    services: Services, asker: Asker, message: discord.Message, instruction: str
) -> Order | None:
    """Edit the picture that a message brings or replies to; return None if there is none."""
    if message.attachments:
        return await _edit_attached(services, asker, message.attachments[0], instruction)
    replied_to = None if message.reference is None else message.reference.message_id
    card = services.model()
    if replied_to is None or (card is not None and not card.edits):
        return None
    if not await services.sight.on_message(asker, replied_to):
        return None
    images = await services.sight.shown_on(asker, replied_to)
    chosen = images[0]
    if numbered := NUMBERED.match(instruction):
        instruction = instruction[numbered.end() :]
        number = int(numbered[1])
        chosen = next((image for image in images if image.position + 1 == number), chosen)
    return await services.actions.edit_picture(asker, chosen.id, instruction)


async def _edit_attached(
    services: Services, asker: Asker, attachment: discord.Attachment, instruction: str
) -> Order:
    check_upload(attachment)
    parameters = edit_parameters(services.settings.model, instruction)
    async with services.uploads.source(attachment) as fetch:
        return await services.actions.begin_from_upload(asker, parameters, UPLOADED, fetch)
