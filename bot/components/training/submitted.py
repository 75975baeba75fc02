"""Fields of submitted forms that are more than a text: files, and boxes that are ticked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord


def files_in(interaction: discord.Interaction[Any], name: str) -> list[discord.Attachment]:
    """Return the files of a form's field, in the order in which they were chosen."""
    data: dict[str, Any] = dict(interaction.data or {})
    sent = (data.get("resolved") or {}).get("attachments") or {}
    chosen = _field(data.get("components"), name).get("values")
    return [
        discord.Attachment(data=sent[each], state=interaction.client._connection)
        for each in (chosen if isinstance(chosen, list) else ())
        if each in sent
    ]


def is_ticked(interaction: discord.Interaction[Any], name: str) -> bool:
    """Return True if a form's box is ticked."""
    data: dict[str, Any] = dict(interaction.data or {})
    return _field(data.get("components"), name).get("value") is True


def _field(components: Any, name: str) -> Mapping[str, Any]:
    """Return the field of this custom id, however deep it lies; empty if there is none."""
    return next((each for each in _fields(components) if each.get("custom_id") == name), {})


def _fields(components: Any) -> Iterator[Mapping[str, Any]]:
    for component in components if isinstance(components, list) else ():
        if isinstance(component, Mapping):
            yield component
            yield from _fields(component.get("components"))
            yield from _fields([component.get("component")])
