"""Handlers of presses on buttons, found by custom id alone, after any number of restarts."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.components.answers import begin, id_in, redraw, show_pictured, tell
from bot.context import of_interaction
from bot.jobs.channel import NOBODY, files_of
from bot.services import services_of
from bot.text import messages as text
from bot.views.offers import help_page
from bot.views.page import Page, note
from bot.views.press import Verb
from storage.records import Vote, WaitsFor


class Button(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """The handler of a button that remembers one number, the id of what it is about."""

    verb: ClassVar[Verb]

    def __init_subclass__(cls, **_: object) -> None:
        # Anything but an id is answered, too, as an id of nothing.
        template = rf"{cls.verb}:(?P<id>.*)" if hasattr(cls, "verb") else r"(?!)"
        super().__init_subclass__(template=re.compile(template, re.DOTALL))

    def __init__(self, drawn: ui.Item[Any], about: int) -> None:
        self.about = about
        super().__init__(drawn)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed on a message, maybe one of an earlier run."""
        return cls(item, id_in(match["id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Perform the button's action, once; tell the member about any error."""
        services = services_of(interaction)
        if services.repeats.is_repeat(interaction.id):
            return
        try:
            await self.act(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it
            await tell(interaction, error)
        else:
            await services.deferred.answered(interaction)

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Perform the action of a press."""
        raise NotImplementedError


class _Rate(Button):
    value: ClassVar[int]

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Store the rating, and show the new counts as the answer to the press.

        While others rate the same round, one edit soon shows the counts of all.
        """
        services, asker = services_of(interaction), of_interaction(interaction)
        message, vote = interaction.message, None
        shared = message is not None and not message.flags.ephemeral
        place = message.id if message is not None and shared else interaction.id

        with services.presses.on(place) as press:

            async def rated() -> Page | None:
                nonlocal vote
                vote = await services.actions.rate(asker, self.about, self.value)
                # Forged presses come from messages that show something else.
                if not (press.alone and _stands_on(message, vote)):
                    return None
                return await services.pages.page_of_part(asker, vote.round_id, vote.part)

            await redraw(interaction, rated(), None if press.alone else 0)
            if vote is not None and not (press.alone and _stands_on(message, vote)):
                services.results.refresh(vote.round_id, vote.part)


def _stands_on(message: discord.Message | None, vote: Vote) -> bool:
    """Return True if a message shows what was rated; comparisons show that in private."""
    if message is None:
        return False
    if vote.message_id is None:
        return message.flags.ephemeral
    return message.id == vote.message_id


class Like(_Rate):
    """The button 👍 of a picture."""

    verb, value = Verb.LIKE, 1


class Dislike(_Rate):
    """The button 👎 under a comparison's single picture, and on messages of earlier versions."""

    verb, value = Verb.DISLIKE, -1


class More(Button):
    """The button 🖼️ of a round's panel, and ⋯ under single pictures and on earlier messages."""

    verb = Verb.MORE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Open the picture's panel."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await show_pictured(interaction, services.pages.picture_panel(asker, self.about))


class Back(Button):
    """Button to the picture that this one was made from, in its panel."""

    verb = Verb.BACK

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in private, with all that a panel offers."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await show_pictured(interaction, services.pages.picture_panel(asker, self.about))


class Single(Button):
    """Button to a comparison's single pictures, four at a time; remembers the first of the four."""

    verb = Verb.SINGLE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Open the private page, or turn it; sending them may take longer than Discord waits."""
        services, asker = services_of(interaction), of_interaction(interaction)
        page, uploads = await services.pages.cells(asker, self.about)
        message = interaction.message
        if message is not None and message.flags.ephemeral:
            await interaction.response.defer()
            await interaction.edit_original_response(view=page, attachments=await files_of(uploads))
        else:
            await services.deferred.defer(interaction, WaitsFor.PAGE)
            await interaction.followup.send(
                view=page, files=await files_of(uploads), ephemeral=True, allowed_mentions=NOBODY
            )


class Next(Button):
    """Button that paints the next round, closer to what was liked."""

    verb = Verb.NEXT

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Continue the board, or fork it."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await begin(interaction, services.actions.next_round(asker, self.about))


class Plain(Button):
    """Button that repeats the same seeds without feedback."""

    verb = Verb.PLAIN

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Repaint, to compare."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await begin(interaction, services.actions.plain(asker, self.about))


class Retry(Button):
    """Button that paints a round again with other seeds: 🔄, or after a job failed."""

    verb = Verb.RETRY

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Paint the same with another seed."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await begin(interaction, services.actions.retry(asker, self.about))


class ShowAgain(Button):
    """Button that tries again to show pictures that the channel did not take."""

    verb = Verb.SHOW

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Have the pictures shown on this message."""
        services, asker = services_of(interaction), of_interaction(interaction)
        round_, _ = await services.sight.round(asker, self.about)
        await interaction.response.defer()
        await services.results.show_again(round_.id)


class Reset(Button):
    """Button that resets the board's references."""

    verb = Verb.RESET

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Reset the references, and say so in private."""
        asker = of_interaction(interaction)
        await services_of(interaction).actions.reset(asker, self.about)
        page = note(text.RESET_DONE(asker.locale))
        await interaction.response.send_message(view=page, ephemeral=True)


class CancelButton(Button):
    """Button that cancels a job; on its progress message, and in /queue."""

    verb = Verb.CANCEL

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Cancel the job; whoever follows it edits its message."""
        services, asker = services_of(interaction), of_interaction(interaction)
        job = await services.actions.cancel(asker, self.about)
        message = interaction.message
        if message is not None and message.id != job.message_id and message.flags.ephemeral:
            page = await services.pages.queue(asker)
            await interaction.response.edit_message(view=page)
        else:
            await interaction.response.defer()


class HelpButton(Button):
    """Button to a section of the help."""

    verb = Verb.HELP

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the section in place of the one that was open."""
        page = help_page(of_interaction(interaction).locale, self.about)
        message = interaction.message
        if message is not None and message.flags.ephemeral:
            await interaction.response.edit_message(view=page)
        else:  # A forged press: the message shows something else.
            await interaction.response.send_message(view=page, ephemeral=True)


ROUND_BUTTONS: tuple[type[Button], ...] = (
    Like,
    Dislike,
    More,
    Back,
    Single,
    Next,
    Plain,
    Retry,
    ShowAgain,
    Reset,
    CancelButton,
)
"""All of them, which the client registers for dispatch."""
