"""The gateway, version 10: identify, heartbeat, events by intents, resume, invalid sessions."""

from __future__ import annotations

import dataclasses
import json
import zlib
from typing import Any

from aiohttp import WSMsgType, web

from . import objects
from .objects import JSON
from .state import State

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11

GUILD_MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15
PRIVILEGED = GUILD_MEMBERS | PRESENCES | MESSAGE_CONTENT

NEEDED = {
    "GUILD_CREATE": (1 << 0, 0),
    "MESSAGE_CREATE": (1 << 9, 1 << 12),
    "MESSAGE_UPDATE": (1 << 9, 1 << 12),
    "MESSAGE_DELETE": (1 << 9, 1 << 12),
    "MESSAGE_REACTION_ADD": (1 << 10, 1 << 13),
    "MESSAGE_REACTION_REMOVE": (1 << 10, 1 << 13),
    "MESSAGE_REACTION_REMOVE_ALL": (1 << 10, 1 << 13),
    "MESSAGE_REACTION_REMOVE_EMOJI": (1 << 10, 1 << 13),
    "TYPING_START": (1 << 11, 1 << 14),
}
"""The intent for each event: in a server, in direct messages.  Others go to everyone."""

MOST_PAYLOAD = 4096
"""Bytes a client may send in one message."""


class Socket:
    """One websocket; each has a compression context of its own."""

    def __init__(self, ws: web.WebSocketResponse, compress: str | None) -> None:
        self.ws = ws
        self._zlib = zlib.compressobj() if compress == "zlib-stream" else None

    async def send(self, payload: JSON) -> None:
        """Send one payload; a socket that is gone misses it, as over a real network."""
        if self.ws.closed:
            return
        raw = json.dumps(payload, separators=(",", ":"))
        try:
            if self._zlib is None:
                await self.ws.send_str(raw)
            else:
                packed = self._zlib.compress(raw.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(packed)
        except ConnectionError:
            return

    async def control(self, op: int, data: Any = None) -> None:
        """Send a payload that is not an event."""
        await self.send({"op": op, "d": data, "s": None, "t": None})


@dataclasses.dataclass
class Session:
    """One login; it outlives its socket, so that RESUME can replay what was missed."""

    id: str
    intents: int
    socket: Socket | None
    seq: int = 0
    sent: list[JSON] = dataclasses.field(default_factory=list)

    async def event(self, name: str, data: Any) -> None:
        """Number an event, keep it for a resume, and send it."""
        self.seq += 1
        payload = {"op": DISPATCH, "t": name, "s": self.seq, "d": data}
        self.sent.append(payload)
        if self.socket is not None:
            await self.socket.send(payload)


class Gateway:
    """Accepts the bot's websockets and tells its sessions what happens."""

    def __init__(
        self, state: State, token: str, *, heartbeat_ms: int = 41_250, compression: bool = True
    ) -> None:
        self.state = state
        self.token = token
        self.heartbeat_ms = heartbeat_ms
        self.compression = compression
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.heard: list[tuple[int, Any]] = []
        """Every opcode that a client sent, with its data."""

    @property
    def connected(self) -> bool:
        """True if a bot is connected."""
        return any(session.socket for session in self.sessions.values())

    def count(self, op: int) -> int:
        """Count how often clients have sent this opcode."""
        return sum(heard == op for heard, _ in self.heard)

    async def dispatch(self, event: str, data: JSON) -> None:
        """Send an event to every session whose intents ask for it."""
        direct = int("guild_id" not in data)
        needed = NEEDED.get(event, (0, 0))[direct]
        for session in list(self.sessions.values()):
            if needed and not session.intents & needed:
                continue
            seen = data
            if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
                seen = self.redacted(data, direct=bool(direct), intents=session.intents)
            await session.event(event, seen)

    def redacted(self, message: JSON, *, direct: bool, intents: int) -> JSON:
        """A message as a bot without the message content intent sees it.

        Its own, direct ones, and those that mention it stay whole.
        """
        me = self.state.application_id
        if (
            intents & MESSAGE_CONTENT
            or direct
            or message["author"]["id"] == me
            or any(user["id"] == me for user in message["mentions"])
        ):
            return message
        return {**message, "content": "", "attachments": [], "embeds": [], "components": []}

    async def accept(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one websocket until it closes."""
        ws = web.WebSocketResponse(max_msg_size=MOST_PAYLOAD)
        await ws.prepare(request)
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            await ws.close(code=4012, message=b"Invalid API version.")
            return ws
        socket = Socket(ws, request.query.get("compress") if self.compression else None)
        await socket.control(HELLO, {"heartbeat_interval": self.heartbeat_ms})
        session: Session | None = None
        async for received in ws:
            if received.type != WSMsgType.TEXT:
                break
            payload = json.loads(received.data)
            op, data = payload.get("op"), payload.get("d")
            self.heard.append((op, data))
            if op == IDENTIFY:
                session = await self._identify(socket, data)
            elif op == RESUME:
                session = await self._resume(socket, data)
            elif op == HEARTBEAT:
                await socket.control(HEARTBEAT_ACK)
            elif op == REQUEST_MEMBERS and session is not None:
                await self._send_members(session, data)
            elif op not in (PRESENCE, VOICE):
                await ws.close(code=4001, message=b"Unknown opcode.")
        if session is not None and session.socket is socket:
            session.socket = None
        return ws

    async def _identify(self, socket: Socket, data: JSON) -> Session | None:
        if data["token"] != self.token:
            await socket.ws.close(code=4004, message=b"Authentication failed.")
            return None
        if data["intents"] & PRIVILEGED & ~self.state.privileged_intents:
            await socket.ws.close(code=4014, message=b"Disallowed intent(s).")
            return None
        # Whoever identifies anew will not resume what a dead process left behind.
        self.sessions = {key: s for key, s in self.sessions.items() if s.socket is not None}
        session = Session(f"session{self.state.snowflakes.next()}", data["intents"], socket)
        self.sessions[session.id] = session
        await session.event("READY", self._ready(session, data.get("shard") or [0, 1]))
        await session.event("GUILD_CREATE", self._guild(session))
        return session

    def _ready(self, session: Session, shard: list[int]) -> JSON:
        return {
            "v": 10,
            "user": objects.own_user(self.state.bot),
            "guilds": [{"id": self.state.guild_id, "unavailable": True}],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": shard,
            "application": {"id": self.state.application_id, "flags": 0},
            "private_channels": [],
            "relationships": [],
        }

    def _guild(self, session: Session) -> JSON:
        """The server as GUILD_CREATE tells it: without the members intent only the bot is there."""
        everyone = session.intents & GUILD_MEMBERS
        seen = self.state.roles_of if everyone else [self.state.application_id]
        return {
            **self.state.guild,
            "joined_at": objects.JOINED,
            "large": False,
            "unavailable": False,
            "member_count": len(self.state.roles_of),
            "members": [self.state.member(user_id) for user_id in seen],
            "channels": [c for c in self.state.channels.values() if c["type"] == objects.TEXT],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    async def _resume(self, socket: Socket, data: JSON) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or data["seq"] is None or data["seq"] > session.seq:
            await socket.control(INVALID_SESSION, False)
            return None
        session.socket = socket
        for payload in [p for p in session.sent if p["s"] > data["seq"]]:
            await socket.send(payload)
        await session.event("RESUMED", {})
        return session

    async def _send_members(self, session: Session, data: JSON) -> None:
        asked = data.get("user_ids")
        wanted = [asked] if isinstance(asked, str) else asked
        if wanted is None:
            wanted = list(self.state.roles_of)
        await session.event(
            "GUILD_MEMBERS_CHUNK",
            {
                "guild_id": self.state.guild_id,
                "members": [self.state.member(u) for u in wanted if u in self.state.roles_of],
                "not_found": [u for u in wanted if u not in self.state.roles_of],
                "chunk_index": 0,
                "chunk_count": 1,
                "nonce": data.get("nonce"),
            },
        )

    async def drop(self, code: int = 4000) -> None:
        """Close every socket; after 4000 a client comes back and resumes."""
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.ws.close(code=code)

    async def invalidate(self) -> None:
        """End every session: a client has to identify anew and has missed what it missed."""
        ended, self.sessions = list(self.sessions.values()), {}
        for session in ended:
            if session.socket is not None:
                await session.socket.control(INVALID_SESSION, False)

    def forget(self) -> None:
        """Forget every session, so that the next RESUME is refused."""
        self.sessions.clear()
