"""/imagine, and what a message to the bot asks for: a painting, or an edit of its picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.actions.asker import DIRECT_MESSAGES
from bot.actions.parameters import Parameters
from bot.actions.sizes import wanted_size
from bot.commands.edit import edit_from_message
from bot.commands.options import PRESETS, SCHEDULERS, options
from bot.context import guess_locale, of_interaction, of_message
from bot.errors import Refusal, refusals_told
from bot.jobs.channel import NOBODY
from bot.text import commands as words
from bot.text.commands import of
from bot.views.page import note

if TYPE_CHECKING:
    from bot.client import Konomi


@app_commands.command(name=of(words.IMAGINE), description=of(words.IMAGINE_IS))
@options(
    "prompt",
    "negative",
    "count",
    "seed",
    "steps",
    "guidance",
    "size",
    "width",
    "height",
    "scheduler",
    "feedback",
    "feedback_start",
    "feedback_end",
    "feedback_strength",
    "feedback_explore",
    "feedback_drop",
    "grid",
    "group",
)
@app_commands.choices(scheduler=SCHEDULERS, feedback=PRESETS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def imagine(
    interaction: discord.Interaction[Any],
    prompt: str,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    width: int | None = None,
    height: int | None = None,
    scheduler: str | None = None,
    feedback: str | None = None,
    feedback_start: float | None = None,
    feedback_end: float | None = None,
    feedback_strength: float | None = None,
    feedback_explore: float | None = None,
    feedback_drop: float | None = None,
    grid: bool = False,
    group: bool | None = None,
) -> None:
    """Paint a round; ranges are checked by us, as Discord's own complaints say too little."""
    client: Konomi = interaction.client
    asker = of_interaction(interaction)
    wanted = wanted_size(size, width, height)
    wish = Parameters.for_model(
        client.settings.model,
        prompt=prompt,
        negative_prompt=negative,
        count=count,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=wanted.width,
        height=wanted.height,
        aspect=wanted.aspect,
        scheduler=scheduler,
        feedback_preset=feedback,
        feedback_start=feedback_start,
        feedback_end=feedback_end,
        feedback_strength=feedback_strength,
        feedback_explore=feedback_explore,
        feedback_drop=feedback_drop,
        grid=grid,
    )
    with await client.painting.imagine(asker, wish, group=group) as order:
        await client.delivery.begin(order, interaction)


async def answer_message(client: Konomi, message: discord.Message) -> None:
    """Paint what a message says to the bot, in a direct message or after a mention.

    One that brings a picture, or replies to one of ours, has it edited.
    """
    prompt = addressed(message, client.user)
    if prompt is None:
        return
    server_id = DIRECT_MESSAGES if message.guild is None else message.guild.id
    known = await client.store.members.locale(server_id, message.author.id)
    asker = of_message(message, guess_locale(known, message.guild, prompt))
    try:
        order = await edit_from_message(client, asker, message, prompt)
        if order is None:
            wish = Parameters.for_model(client.settings.model, prompt=prompt)
            order = await client.painting.imagine(asker, wish)
        with order:
            await client.delivery.begin_in_channel(order, reply_to=message.id)
    except Refusal as refusal:
        if "send_messages" not in asker.lacking:
            page = note(refusal.said(asker.locale))
            await message.reply(view=page, allowed_mentions=NOBODY)


def addressed(message: discord.Message, me: discord.ClientUser | None) -> str | None:
    """What a message asks the bot to paint; None if it does not speak to the bot.

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
    named = re.compile(rf"<@!?{me.id}>")
    if message.guild is not None and not named.search(message.content):
        return None
    return " ".join(named.sub(" ", message.content).split())
