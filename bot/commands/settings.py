"""/settings: a member's own defaults for new boards."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.styles.names import USUAL, folded
from bot.commands.options import PRESETS, SCHEDULERS, options
from bot.commands.styles.autocomplete import complete_usual_style
from bot.components.answers import refusals_told, show
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of
from bot.views.member_settings import settings_page
from bot.views.page import Page


@app_commands.command(name=of(words.MY_SETTINGS), description=of(words.MY_SETTINGS_IS))
@options(
    "size",
    "count",
    "negative",
    "feedback",
    "steps",
    "guidance",
    "scheduler",
    "feedback_start",
    "feedback_end",
    "feedback_strength",
    "feedback_explore",
    "feedback_drop",
    style=words.USUAL_STYLE_IS,
)
@app_commands.autocomplete(style=complete_usual_style)
@app_commands.choices(scheduler=SCHEDULERS, feedback=PRESETS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def settings(
    interaction: discord.Interaction[Any],
    size: str | None = None,
    count: int | None = None,
    style: str | None = None,
    negative: str | None = None,
    feedback: str | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    feedback_start: float | None = None,
    feedback_end: float | None = None,
    feedback_strength: float | None = None,
    feedback_explore: float | None = None,
    feedback_drop: float | None = None,
) -> None:
    """Change what is given, then show everything."""
    services, asker = services_of(interaction), of_interaction(interaction)
    given = {
        "size": size,
        "count": count,
        "style": style,
        "negative_prompt": negative,
        "feedback_preset": feedback,
        "steps": steps,
        "guidance": guidance,
        "scheduler": scheduler,
        "feedback_start": feedback_start,
        "feedback_end": feedback_end,
        "feedback_strength": feedback_strength,
        "feedback_explore": feedback_explore,
        "feedback_drop": feedback_drop,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if style is not None and folded(style) in USUAL:
        changes["style"] = None

    async def page() -> Page:
        own = services.member_settings
        overview = await (own.change(asker, changes) if changes else own.overview(asker))
        return settings_page(asker.locale, overview)

    await show(interaction, page())
