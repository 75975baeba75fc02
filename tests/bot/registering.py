"""The commands as Discord receives them, put together once rather than at each bot's start.

discord.py asks for every text of every command in each of Discord's languages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from discord import app_commands

Translated = Callable[[Any, Any, Any], Awaitable[dict[str, Any]]]


class Payload(dict[str, Any]):
    """A command that nobody changes, and which is therefore its own copy in SimCord's log."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Payload:
        return self


@contextmanager
def put_together_once() -> Iterator[None]:
    """Keep the payload of each command, which are the same objects for every bot of a process."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (app_commands.Command, app_commands.Group, app_commands.ContextMenu):
            patch.setattr(kind, "get_translated_payload", kept(kind.get_translated_payload))
        yield


def kept(translated: Translated) -> Translated:
    """Ask for a command's payload once."""
    payloads: dict[Any, Payload] = {}

    async def payload(command: Any, tree: Any, translator: Any) -> Payload:
        if command not in payloads:
            payloads[command] = Payload(await translated(command, tree, translator))
        return payloads[command]

    return payload
