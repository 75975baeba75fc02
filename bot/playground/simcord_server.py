"""SimCord's server of the page, asked over the loopback."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

CAPABILITY, CONTEXT = "X-Simcord-Capability", "X-Simcord-Context"
PASSED_ON = (CAPABILITY, CONTEXT, "Content-Type")
"""The headers that SimCord needs of a request."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer of SimCord's server."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that comes with an action: the part of the form it fills, its name and its bytes."""

    part: str
    name: str
    data: bytes


class SimCordServer:
    """SimCord's server, in a session of our own."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], data: Any = None
    ) -> Answer:
        """Pass a request on; of its headers, only those that SimCord needs."""
        passed = {name: headers[name] for name in PASSED_ON if name in headers}
        if isinstance(data, aiohttp.FormData):
            passed.pop("Content-Type", None)  # The form has a boundary of its own.
        url = self._address + path
        async with self._session.request(method, url, headers=passed, data=data) as answer:
            body = await answer.read()
            return Answer(status=answer.status, headers=answer.headers.copy(), body=body)

    async def act(
        self, headers: Mapping[str, str], action: Mapping[str, Any], files: Sequence[File] = ()
    ) -> Answer:
        """Send an action, with the files that it brings."""
        words = json.dumps(action)
        if not files:
            plain = {**headers, "Content-Type": "application/json"}
            return await self.ask("POST", "/api/action", plain, words.encode())
        form = aiohttp.FormData()
        form.add_field("payload", words)
        for file in files:
            form.add_field(file.part, file.data, filename=file.name)
        return await self.ask("POST", "/api/action", headers, form)
