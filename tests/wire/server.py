"""The loopback Discord: one server, its gateway, REST interface and CDN on one port."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from aiohttp import web

from .call import Call
from .faults import Faults
from .gateway import Gateway
from .interactions import Interactions
from .objects import EPHEMERAL, JSON
from .people import Person
from .reacting import Reacting
from .rest import API, Rest
from .routes import Routes
from .state import MIB, NAMES, Interaction, State

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.Gabcde.loopback-loopback-loopback-loopback-00"

T = TypeVar("T")


class LoopbackDiscord:
    """Discord as far as one bot sees it; its people are driven by the test."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        upload_limit: int = 10 * MIB,
        privileged_intents: int = 0,
        heartbeat_ms: int = 41_250,
        compression: bool = True,
        deadline: float = 3.0,
    ) -> None:
        self.token = token
        self.state = State(upload_limit=upload_limit, privileged_intents=privileged_intents)
        self.faults = Faults()
        self.gateway = Gateway(
            self.state, token, heartbeat_ms=heartbeat_ms, compression=compression
        )
        self.interactions = Interactions(self.state, self.gateway, deadline=deadline)
        self.reacting = Reacting(self.state, self.gateway)
        self.routes = Routes(self.state, self.gateway, self.interactions, self.reacting)
        self.rest = Rest(self.state, self.routes, self.faults, token)
        self.people = [self.person(name) for name in NAMES]
        self.port = 0

    @asynccontextmanager
    async def serving(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        port: int = 0,
        public: tuple[str, str] | None = None,
    ) -> AsyncIterator[LoopbackDiscord]:
        """Serve on 127.0.0.1; `public` are the gateway's and CDN's origins as the bot knows them.

        Without `public` the bot is given this server's own address.
        """
        app = web.Application(client_max_size=64 * MIB)
        app.router.add_route("*", API + "/{path:.*}", self.rest.serve)
        app.router.add_get("/{kind:attachments|ephemeral-attachments}/{p:.*}", self.rest.serve_file)
        app.router.add_get("/", self.gateway.accept)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
            await site.start()
            self.port = int(runner.addresses[0][1])
            s, address = "s" if tls else "", f"127.0.0.1:{self.port}"
            gateway, cdn = public or (f"ws{s}://{address}/", f"http{s}://{address}")
            self.gateway.url, self.state.origin = gateway, cdn
            yield self
        finally:
            await self.gateway.drop(1001)
            await runner.cleanup()

    # Who and where

    def person(self, name: str, *, locale: str = "en-US") -> Person:
        """The member of this name."""
        return Person(self, self.state.named(name), locale=locale)

    @property
    def general(self) -> JSON:
        """The channel where things happen unless said otherwise."""
        return self.state.channel("general")

    def channel(self, channel: JSON | None = None) -> list[JSON]:
        """The messages that everyone in a channel sees, oldest first."""
        return self.state.in_channel((channel or self.general)["id"])

    def by_bot(self, channel: JSON | None = None) -> list[JSON]:
        """The bot's messages that everyone in a channel sees, oldest first."""
        me = self.state.application_id
        return [m for m in self.channel(channel) if m["author"]["id"] == me]

    def original(self, interaction: Interaction) -> JSON:
        """The message that answered an interaction, also one that only its user sees."""
        assert interaction.original is not None, "the bot has not answered with a message"
        return self.state.messages[interaction.original]

    def privately(self, interaction: Interaction) -> list[JSON]:
        """The messages of an interaction that only its user sees, oldest first."""
        ids = [interaction.original, *interaction.followups]
        messages = [self.state.messages[i] for i in ids if i in self.state.messages]
        return [m for m in messages if m["flags"] & EPHEMERAL]

    # Waiting

    async def until(self, condition: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until something is true (or there), and return it."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                last = "\n  ".join(map(str, self.rest.calls[-12:]))
                raise AssertionError(f"waited {seconds} s in vain; the last calls:\n  {last}")
            await asyncio.sleep(0.01)
        return found

    async def connected(self, seconds: float = 30.0) -> None:
        """Wait until a bot listens on the gateway and has registered its commands."""
        await self.until(lambda: self.gateway.connected and self.state.commands, seconds)

    async def quiet(self, method: str, path: str, *, since: float = 0.0) -> None:
        """Wait until such requests have come and then stopped; `since` a monotonic time."""

        def pause() -> float:
            asked = [call.at for call in self.calls(method, path) if call.at > since]
            return time.monotonic() - max(asked) if asked else 0.0

        await self.until(lambda: pause() > 0.5, 60)

    async def answer(self, interaction: Interaction, seconds: float = 20.0) -> JSON:
        """The bot's first response to an interaction."""
        await self.until(lambda: interaction.answer, seconds)
        assert interaction.answer is not None
        return interaction.answer

    # The record

    def calls(self, method: str = "", path: str = "") -> list[Call]:
        """The requests so far of this method whose path contains `path`."""
        return [c for c in self.rest.calls if c.method.startswith(method) and path in c.path]

    @property
    def unhandled(self) -> list[str]:
        """Requests to routes that do not exist here."""
        return self.routes.unhandled
