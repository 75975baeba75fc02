"""The HTTP side of the REST interface: reading requests, faults and limits, answering."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from . import faults
from .call import Call, Upload
from .faults import Faults, Moment
from .refusals import Refused
from .routes import Routes
from .state import State

API = "/api/v10"
WITHOUT_TOKEN = ("/webhooks/", "/interactions/", "/gateway")


class Rest:
    """Takes requests below /api/v10 and the files of the CDN; keeps a record of every call."""

    def __init__(self, state: State, routes: Routes, orders: Faults, token: str) -> None:
        self.state = state
        self.routes = routes
        self.faults = orders
        self.token = token
        self.calls: list[Call] = []
        self.fetched: list[str] = []
        """Paths of the files that were downloaded."""
        self.file_seconds = 0.0
        """Seconds until a download starts."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of the REST interface."""
        call = await read(request)
        self.calls.append(call)
        fault = self.faults.take(call)
        act = fault.acts if fault else {}
        _run(act.get(Moment.ARRIVED))
        await faults.late(fault)
        headers = self._limit_headers(call)
        try:
            if fault is not None and fault.status is not None:
                call.status, answer = fault.status, fault.body
                headers |= fault.headers
            else:
                self._check(call, headers)
                answer = await self.routes.perform(call)
                call.status = 204 if answer is None else 200
        except Refused as refusal:
            call.status, answer = refusal.status, refusal.body
        _run(act.get(Moment.PERFORMED))
        if fault is not None and fault.lose_answer:
            call.status = None
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError
        raw = b"" if answer is None else json.dumps(answer).encode()
        call.answer = json.loads(raw) if raw else None
        # discord.py compares the type exactly: "application/json", without a charset.
        if raw:
            headers["Content-Type"] = "application/json"
        response = web.Response(status=call.status, body=raw, headers=headers)
        if Moment.ANSWERED in act:
            await response.prepare(request)
            await response.write_eof()
            _run(act[Moment.ANSWERED])
        return response

    def _check(self, call: Call, headers: dict[str, str]) -> None:
        """Refuse strange clients, wrong tokens, and whoever asks too often."""
        if not call.path.startswith(WITHOUT_TOKEN):
            if not call.headers.get("User-Agent", "").startswith("DiscordBot ("):
                raise Refused(403, 40333, "internal network error")
            if call.headers.get("Authorization") != f"Bot {self.token}":
                raise Refused(401, 0, "401: Unauthorized")
        if headers["X-RateLimit-Remaining"] == "-1":
            headers["X-RateLimit-Remaining"] = "0"
            headers["Retry-After"] = headers["X-RateLimit-Reset-After"]
            headers["X-RateLimit-Scope"] = "user"
            refusal = Refused(429, 0, "You are being rate limited.")
            refusal.body |= {
                "retry_after": float(headers["X-RateLimit-Reset-After"]),
                "global": False,
            }
            raise refusal

    def _limit_headers(self, call: Call) -> dict[str, str]:
        limit = self.faults.rate_limit(call)
        major = call.path.split("/")[2] if call.path.count("/") > 1 else ""
        most, bucket = (limit.requests, limit.pattern.pattern) if limit else (50, call.method)
        left, after = limit.spend(major) if limit else (49, 1.0)
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": f"{hash(bucket) & 0xFFFFFFFF:08x}",
            "Via": "1.1 loopback",
        }

    async def serve_file(self, request: web.Request) -> web.Response:
        """Answer a download from the CDN; only signed addresses are served."""
        self.fetched.append(request.path)
        await asyncio.sleep(self.file_seconds)
        stored = self.state.files.get(request.rel_url.raw_path)
        if stored is None or "hm" not in request.query:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=stored[0], headers={"Content-Type": stored[1]})


async def read(request: web.Request) -> Call:
    """The request with its JSON form and its files."""
    form: Any = None
    uploads: list[Upload] = []
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            raw = bytes(await part.read(decode=True))
            name = part.name or ""
            if name == "payload_json":
                form = json.loads(raw)
            elif name.startswith("files["):
                index = int(name.removeprefix("files[").removesuffix("]"))
                kind = part.headers.get("Content-Type")
                uploads.append(Upload(index, part.filename or "unnamed", raw, kind))
    elif raw := await request.read():
        form = json.loads(raw)
    raw_path = request.raw_path.split("?")[0].removeprefix(API)
    return Call(
        method=request.method,
        path=unquote(raw_path),
        query=dict(request.query),
        form=form,
        uploads=uploads,
        headers=dict(request.headers),
    )


def _run(act: faults.Act | None) -> None:
    if act is not None:
        act()
