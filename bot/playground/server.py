"""The page's server: in front of SimCord's own, so that every press counts.

SimCord publishes its page as numbered revisions, and refuses a press that names an older one or
that comes while it draws; its page then says "Action was not completed" and forgets the press.
While something paints there is a revision a second.  Here a press waits until a redraw has ended,
and one that comes late is sent again for the new revision, if what was pressed is still there.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import simcord
from aiohttp import web
from simcord.preview import Preview

from bot.playground.open_page import OpenPage
from bot.playground.pictures import Pictures
from bot.playground.simcord_server import CAPABILITY, CONTEXT, Answer, File, SimCordServer
from bot.playground.typed import looks_like_a_command, other_names, read

ADDED = {"/page.js": "text/javascript", "/page.css": "text/css"}
"""What is put into SimCord's page: the addresses of files beside this one, and their types."""
ADDED_HEAD = '<link rel="stylesheet" href="/page.css"><script src="/page.js"></script></head>'
HOST = "127.0.0.1"
TITLE = "Konomi's playground"

NEWS_SECONDS = 2.0
"""How long the answer to a browser that knows the present state waits for news."""

TRIES = 60
AGAIN_SECONDS = 0.05
"""For a press that comes while something else is done in the playground."""

UPLOAD_BYTES = 27 * 2**20
"""A little more than SimCord takes."""

RAW = "?download=1"
"""What makes SimCord give a file as it is, undecoded."""

PREFETCHED = 16
"""Of a state with no more new files than this, they are fetched before the browser hears of it."""

Hint = Callable[[int, int], Awaitable[None]]
"""Tells the member of the first id, under the message of the second, how a command is given."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PageServer:
    """The page of the playground, open in any number of browsers."""

    def __init__(
        self, preview: Preview, env: simcord.Env, channel: simcord.ChannelHandle, hint: Hint
    ) -> None:
        self._preview = preview
        self._env = env
        self._channel = channel
        self._hint = hint
        self._address, _, self._capability = preview.url.partition("/#")
        self._pages: dict[str, OpenPage] = {}
        self._pictures = Pictures()
        self._turn = asyncio.Lock()
        self._version = 0
        self._news = asyncio.Event()
        self.url = ""

    @contextlib.asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Serve on a port; 0 takes a free one.  An `OSError` says that it is taken."""
        app = web.Application(client_max_size=UPLOAD_BYTES, middlewares=[self._let])
        app.router.add_get("/", self._index)
        for address in ADDED:
            app.router.add_get(address, self._added)
        app.router.add_post("/api/pages", self._open)
        app.router.add_get("/api/state", self._state)
        app.router.add_post("/api/action", self._act)
        app.router.add_get("/api/assets/{asset}", self._asset)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        async with aiohttp.ClientSession() as session:
            self._simcord = SimCordServer(session, self._address)
            try:
                await web.TCPSite(runner, HOST, port).start()
                self._origin = f"http://{HOST}:{runner.addresses[0][1]}"
                self.url = f"{self._origin}/#{self._capability}"
                yield
            finally:
                self._tell()
                await runner.cleanup()

    async def redraw(self) -> None:
        """Have SimCord draw the page anew, between two presses; nothing where it is not open."""
        if not self._pages:
            return
        async with self._turn:
            await self._preview.refresh()
            self._tell()

    def _tell(self) -> None:
        """Let browsers that wait for news ask for it."""
        self._version += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    # --- Who may ask -------------------------------------------------------------------------

    @web.middleware
    async def _let(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what other pages in the same browser may send, as SimCord does."""
        own = {self._origin, self._origin.replace(HOST, "localhost")}
        asked, asking = f"http://{request.host}", request.headers.get("Origin", self._origin)
        if not {asked, asking} <= own:
            raise web.HTTPForbidden
        given = request.headers.get(CAPABILITY, "")
        if request.path.startswith("/api/") and not hmac.compare_digest(given, self._capability):
            raise web.HTTPUnauthorized
        return await handler(request)

    # --- Files -------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        answer = await self._ask(request)
        page = answer.body.decode()
        page = page.replace("<title>SimCord Preview</title>", f"<title>{TITLE}</title>")
        return passed(answer, page.replace("</head>", ADDED_HEAD, 1).encode())

    async def _added(self, request: web.Request) -> web.FileResponse:
        kind = {"Content-Type": ADDED[request.path], "Cache-Control": "no-store"}
        return web.FileResponse(Path(__file__).with_name(request.path[1:]), headers=kind)

    async def _asset(self, request: web.Request) -> web.Response:
        """Answer with a picture as it is; with what SimCord makes of it where it is no picture."""
        asset, asked = request.match_info["asset"], set(request.query)
        if asked <= {"download"}:
            answer = self._pictures.get(asset) or await self._fetch(request, asset)
            if answer is not None:
                return passed(answer, disposition="attachment" if asked else "inline")
        return await self._pass_on(request)

    async def _fetch(self, request: web.Request, asset: str) -> Answer | None:
        headers = request.headers
        answer = await self._simcord.ask("GET", f"/api/assets/{asset}{RAW}", headers)
        return answer if self._pictures.keep(asset, answer) else None

    async def _pass_on(self, request: web.Request) -> web.Response:
        return passed(await self._ask(request, await request.read() or None))

    async def _ask(self, request: web.Request, data: Any = None) -> Answer:
        return await self._simcord.ask(request.method, request.path_qs, request.headers, data)

    # --- States ------------------------------------------------------------------------------

    async def _open(self, request: web.Request) -> web.Response:
        version = self._version
        answer = await self._ask(request, await request.read())
        if answer.status == 200:
            snapshot = answer.json()
            context = snapshot["context"]["id"]
            self._pages[context] = OpenPage(answer.body, snapshot, version)
        return passed(answer)

    async def _state(self, request: web.Request) -> web.Response:
        page = self._pages.get(request.headers.get(CONTEXT, ""))
        if page is None:
            return await self._pass_on(request)
        if page.told == self._version:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), NEWS_SECONDS)
        version = self._version
        body = page.state(version)
        if body is None:
            answer = await self._ask(request)
            if answer.status != 200:
                self._pages.pop(request.headers[CONTEXT], None)
                return passed(answer)
            snapshot = answer.json()
            new = page.new_files(snapshot)
            if len(new) <= PREFETCHED:
                await asyncio.gather(*(self._fetch(request, asset) for asset in new))
            self._pictures.tell_sizes(snapshot["assets"])
            body = json.dumps(snapshot).encode()
            page.install(body, snapshot, version)
        page.told = version
        return web.Response(body=body, content_type="application/json")

    # --- Presses -----------------------------------------------------------------------------

    async def _act(self, request: web.Request) -> web.Response:
        action, files = await action_of(request)
        page = self._pages.get(request.headers.get(CONTEXT, ""))
        if page is None or not isinstance(action, dict):
            return await self._pass_on(request)
        async with self._turn:
            try:
                action = page.renewed(action, self._components)
                answer = await self._typed(request, page, action)
                if answer is None:
                    answer = await self._press(request, action, files)
            finally:
                self._tell()
        return passed(answer)

    async def _press(
        self, request: web.Request, action: dict[str, Any], files: Sequence[File] = ()
    ) -> Answer:
        """Send an action until SimCord has taken it or refused it for another reason than time."""
        for _ in range(TRIES):
            answer = await self._simcord.act(request.headers, action, files)
            if answer.status == 400:
                # Something else is being done in the playground.
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            receipt = answer.json() if answer.status == 200 else {}
            if "stale-revision" not in complaints(receipt):
                break
            action = {**action, "published_revision": receipt["revision"]}
        return answer

    def _components(self, message_id: int) -> Sequence[Any] | None:
        message = self._env.backend.messages.get(self._channel.id, {}).get(message_id)
        return None if message is None else message.components

    async def _typed(
        self, request: web.Request, page: OpenPage, action: dict[str, Any]
    ) -> Answer | None:
        """Run the command that a message is meant to be, or say how one is given.

        None where the message is none.
        """
        content = str(action.get("content", "")).strip()
        if action.get("kind") != "send_message" or not looks_like_a_command(content):
            return None
        command = await self._command(request, page, content)
        if command is not None:
            answer = await self._press(request, {**action, **command})
            if answer.status == 200 and not answer.json()["rejected"]:
                return answer
        answer = await self._press(request, action)
        for outcome in answer.json().get("outcomes", ()):
            if "messageId" in outcome:
                await self._hint(page.viewer_id, int(outcome["messageId"]))
        return answer

    async def _command(
        self, request: web.Request, page: OpenPage, content: str
    ) -> dict[str, Any] | None:
        """Return what makes an action of the command in a text; None: it cannot be run so."""
        catalog = await self._simcord.ask("GET", "/api/commands", request.headers)
        commands = self._env.backend.visible_commands(
            user_id=page.viewer_id, channel_id=self._channel.id
        )
        entries = catalog.json().get("entries", ())
        typed = read(content, entries, other_names(commands))
        if typed is None or typed.lacks():
            return None
        return {
            "kind": "run_command",
            "command_id": typed.entry["commandId"],
            "path": typed.entry["path"],
            "schema_fingerprint": typed.entry["schemaFingerprint"],
            "options": dict(typed.options),
        }


def complaints(receipt: dict[str, Any]) -> set[str]:
    """Return the codes of what SimCord has to say about an action."""
    return {each.get("code", "") for each in receipt.get("diagnostics", ())}


async def action_of(request: web.Request) -> tuple[Any, list[File]]:
    """Return the action in a request, and the files with it."""
    if not request.content_type.startswith("multipart/"):
        return json.loads(await request.read()), []
    form = await request.post()
    files = [
        File(part=part, name=value.filename, data=value.file.read())
        for part, value in form.items()
        if isinstance(value, web.FileField)
    ]
    return json.loads(str(form["payload"])), files


def passed(
    answer: Answer, body: bytes | None = None, *, disposition: str | None = None
) -> web.Response:
    """Return an answer of SimCord's as one of ours."""
    ours = {"Content-Length", "Transfer-Encoding", "Date", "Server", "Content-Encoding"}
    headers = {name: value for name, value in answer.headers.items() if name not in ours}
    if disposition is not None:
        headers["Content-Disposition"] = disposition
    body = answer.body if body is None else body
    return web.Response(status=answer.status, headers=headers, body=body)
