"""Forms: their custom ids carry ids alone, so that one opened before a restart is answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.components.answers import tell
from bot.services import services_of

Values = Mapping[str, str]
"""The contents of a form, by the custom ids of its fields."""


class Form(ui.Modal):
    """A form that remembers one number, the id of what it is about.

    discord.py forgets forms that were shown before a restart; so none is answered through it.
    `answer` finds the kind by the custom id, as it is with buttons.
    """

    verb: ClassVar[str]

    def __init__(self, about: int, *, title: str) -> None:
        super().__init__(title=title, custom_id=f"{self.verb}:{about}")

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Do nothing: `answer` handles submitted forms."""

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Perform the action of a submitted form."""
        raise NotImplementedError


async def answer(interaction: discord.Interaction[Any], kinds: Iterable[type[Form]]) -> None:
    """Handle a submitted form if it is one of these; tell the member about any error."""
    data: dict[str, Any] = dict(interaction.data or {})
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    for kind in kinds:
        if match := re.fullmatch(rf"{kind.verb}:([0-9]{{1,20}})", str(data.get("custom_id"))):
            if services_of(interaction).repeats.is_repeat(interaction.id):
                return
            try:
                await kind.act(interaction, int(match[1]), dict(_fields(data.get("components"))))
            except Exception as error:  # noqa: BLE001 - discord.py would only log it
                await tell(interaction, error)


def _fields(components: Any) -> Iterator[tuple[str, str]]:
    """Return the fields of a form, however deep they lie; of a choice, the first value."""
    for component in components or ():
        if "custom_id" in component:
            chosen = component.get("values") or [component.get("value", "")]
            yield component["custom_id"], str(chosen[0])
        yield from _fields(component.get("components"))
        if inner := component.get("component"):
            yield from _fields([inner])
