"""Forms: their custom ids carry ids alone, so that one opened before a restart is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.components.answers import id_in, tell
from bot.errors import Refusal
from bot.services import services_of
from bot.text import refusals

MOST_TITLE = 45
"""Letters of a form's title, by Discord's own limit."""


class Values(dict[str, str]):
    """The contents of a form, by the custom ids of its fields; a missing one is refused."""

    def __missing__(self, field: str) -> str:
        raise Refusal(refusals.FORM_INCOMPLETE)


class Form(ui.Modal):
    """A form that remembers one number, the id of what it is about.

    discord.py forgets forms that were shown before a restart; so none is answered through it.
    `answer` finds the kind by the custom id, as it is with buttons.
    """

    verb: ClassVar[str]

    def __init__(self, about: int, *, title: str) -> None:
        super().__init__(title=title, custom_id=f"{self.verb}:{about}")
        # discord.py would otherwise hold on to it, and read what is submitted as well.
        self.stop()

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Perform the action of a submitted form."""
        raise NotImplementedError


async def answer(interaction: discord.Interaction[Any], kinds: Iterable[type[Form]]) -> None:
    """Handle a submitted form if it is one of these; tell the member about any error."""
    data: dict[str, Any] = dict(interaction.data or {})
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    verb, _, about = str(data.get("custom_id")).partition(":")
    for kind in kinds:
        if kind.verb == verb:
            services = services_of(interaction)
            if services.repeats.is_repeat(interaction.id):
                return
            try:
                await kind.act(interaction, id_in(about), Values(_fields(data.get("components"))))
            except Exception as error:  # noqa: BLE001 - discord.py would only log it
                await tell(interaction, error)
            else:
                await services.deferred.answered(interaction)


def _fields(components: Any) -> Iterator[tuple[str, str]]:
    """Return the fields of a form, however deep they lie; of a choice, the first value.

    Anything of another shape, which Discord itself never sends, is no field.
    """
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, Mapping):
            continue
        name, values = component.get("custom_id"), component.get("values")
        value = values[0] if isinstance(values, list) and values else component.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
        yield from _fields(component.get("components"))
        yield from _fields([component.get("component")])
