"""The loopback refuses what Discord refuses, and does with the rest what Discord does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest

from . import permissions
from .faults import Moment
from .objects import COMPONENTS_V2, JSON
from .ordinary_bot import png
from .people import pictures
from .server import LoopbackDiscord

TEXT = {"type": 10, "content": "hello"}
PICTURE = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}


def button(custom_id: str) -> JSON:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


def row(*custom_ids: str) -> JSON:
    return {"type": 1, "components": [button(custom_id) for custom_id in custom_ids]}


class Api:
    """A bot reduced to its requests."""

    def __init__(self, discord: LoopbackDiscord, session: aiohttp.ClientSession) -> None:
        self.discord = discord
        self._session = session

    async def ask(
        self, method: str, path: str, form: Any = None, files: dict[str, bytes] | None = None
    ) -> tuple[int, Any]:
        """Send one request: the status and the JSON of its answer."""
        headers = {"Authorization": f"Bot {self.discord.token}", "User-Agent": "DiscordBot (test)"}
        url = f"http://127.0.0.1:{self.discord.port}/api/v10{path}"
        data: Any = None if form is None else json.dumps(form)
        if files is not None:
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("payload_json", json.dumps(form))
            for number, (name, raw) in enumerate(files.items()):
                data.add_field(f"files[{number}]", raw, filename=name, content_type="image/png")
        async with self._session.request(method, url, data=data, headers=headers) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None

    async def post(self, form: Any, files: dict[str, bytes] | None = None) -> tuple[int, Any]:
        """Create a message in #general."""
        return await self.ask(
            "POST", f"/channels/{self.discord.general['id']}/messages", form, files
        )


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    discord = LoopbackDiscord(upload_limit=1000)
    async with discord.serving(), aiohttp.ClientSession() as session:
        yield Api(discord, session)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"components": [row(*"abcdef")]}, 50035),
        ({"components": [row("a", "a")]}, 50035),
        ({"components": [row("x" * 101)]}, 50035),
        ({"components": [TEXT]}, 50035),
        ({"components": [TEXT], "flags": COMPONENTS_V2, "content": "both"}, 50035),
        ({"components": [TEXT] * 41, "flags": COMPONENTS_V2}, 50035),
        ({"components": [{**TEXT, "content": "x" * 4001}], "flags": COMPONENTS_V2}, 50035),
        ({"components": [PICTURE], "flags": COMPONENTS_V2}, 50035),
        ({"content": "x", "attachments": [{"id": str(n)} for n in range(11)]}, 50035),
        ({"content": "x", "message_reference": {"message_id": "1"}}, 50035),
    ],
)
async def test_unlawful_messages_are_refused(api: Api, form: JSON, code: int) -> None:
    status, answer = await api.post(form)
    assert (status, answer["code"]) == (400, code)
    assert not api.discord.by_bot()


async def test_files_above_the_limit_are_refused(api: Api) -> None:
    status, answer = await api.post({"content": "x"}, {"a.png": b"x" * 1001})
    assert (status, answer["code"]) == (413, 40005)


async def test_components_show_attachments_by_reference(api: Api) -> None:
    form = {"components": [PICTURE, row("like:1")], "flags": COMPONENTS_V2}
    status, message = await api.post(form, {"a.png": png(1)})
    assert status == 200
    assert [(p["width"], p["content_type"]) for p in pictures(message)] == [(8, "image/png")]
    # As on discord.com, what a component shows is not an attachment of the message.
    assert message["attachments"] == []
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    kept = await api.ask("PATCH", path, {"components": [PICTURE, TEXT]})
    assert [p["id"] for p in pictures(kept[1])] == [p["id"] for p in pictures(message)]
    gone = await api.ask("PATCH", path, {"components": [PICTURE], "attachments": []})
    assert gone[0] == 400
    words_only = await api.ask("PATCH", path, {"components": [TEXT], "attachments": []})
    assert words_only[0] == 200
    back_to_content = await api.ask("PATCH", path, {"content": "old", "components": [], "flags": 0})
    assert back_to_content[0] == 400


async def test_an_enforced_nonce_makes_a_repeated_message_one(api: Api) -> None:
    once = await api.post({"content": "a", "nonce": "job-1", "enforce_nonce": True})
    again = await api.post({"content": "a", "nonce": "job-1", "enforce_nonce": True})
    other = await api.post({"content": "a", "nonce": "job-2", "enforce_nonce": True})
    unenforced = await api.post({"content": "a", "nonce": "job-1"})
    assert once[1]["id"] == again[1]["id"]
    assert len({m["id"] for _, m in (once, other, unenforced)}) == 3
    assert len(api.discord.by_bot()) == 3


async def test_mentions_ping_only_whom_the_bot_allows(api: Api) -> None:
    words = f"<@{api.discord.person('bob').id}>"
    loud = await api.post({"content": words})
    quiet = await api.post({"content": words, "allowed_mentions": {"parse": []}})
    assert [len(message["mentions"]) for _, message in (loud, quiet)] == [1, 0]


async def test_history_comes_in_pages_newest_first(api: Api) -> None:
    said = [await api.discord.person("bob").whisper(f"{n}") for n in range(5)]
    channel = f"/channels/{said[0]['channel_id']}/messages"

    async def page(query: str) -> list[str]:
        return [m["content"] for m in (await api.ask("GET", channel + query))[1]]

    assert await page("") == ["4", "3", "2", "1", "0"]
    assert await page("?limit=2") == ["4", "3"]
    assert await page(f"?limit=2&before={said[3]['id']}") == ["2", "1"]
    assert await page(f"?limit=2&after={said[0]['id']}") == ["2", "1"]


async def test_who_reacted_comes_in_pages_with_bursts_apart(api: Api) -> None:
    (_, message) = await api.post({"content": "x"})
    for person in api.discord.people:
        await person.react(message, "👍", burst=person.name == "judy")
    path = f"/channels/{message['channel_id']}/messages/{message['id']}/reactions/%F0%9F%91%8D"

    async def names(query: str) -> list[str]:
        return [user["username"] for user in (await api.ask("GET", path + query))[1]]

    assert len(await names("")) == 9
    assert await names("?limit=2") == ["alice", "bob"]
    assert await names(f"?limit=2&after={api.discord.person('bob').id}") == ["carol", "dave"]
    assert await names("?type=1") == ["judy"]
    assert message["reactions"][0]["count_details"] == {"normal": 9, "burst": 1}


@pytest.mark.parametrize(
    ("taken", "refusals"),
    [
        (permissions.VIEW_CHANNEL, {"words": 50001, "picture": 50001, "reaction": 50001}),
        (permissions.SEND_MESSAGES, {"words": 50013, "picture": 50013}),
        (permissions.ATTACH_FILES, {"picture": 50013}),
        (permissions.ADD_REACTIONS, {"reaction": 50013}),
        (permissions.READ_MESSAGE_HISTORY, {"reaction": 50013}),
    ],
)
async def test_forbidden_is_forbidden(api: Api, taken: int, refusals: dict[str, int]) -> None:
    (_, message) = await api.post({"content": "x"})
    permissions.forbid(api.discord.general, api.discord.state.application_id, taken)
    tried = {
        "words": await api.post({"content": "x"}),
        "picture": await api.post({"content": "x"}, {"a.png": b"x"}),
        "reaction": await api.ask(
            "PUT", f"/channels/{message['channel_id']}/messages/{message['id']}/reactions/x/@me"
        ),
    }
    refused = {what: answer["code"] for what, (status, answer) in tried.items() if status == 403}
    assert refused == refusals


async def test_a_direct_message_channel_opens_once(api: Api) -> None:
    bob = api.discord.person("bob")
    first = await api.ask("POST", "/users/@me/channels", {"recipient_id": bob.id})
    again = await api.ask("POST", "/users/@me/channels", {"recipient_id": bob.id})
    assert first[1] == again[1] == bob.direct


async def test_a_lost_answer_leaves_the_deed_done(api: Api) -> None:
    api.discord.faults.lose_answer("POST /channels/.*/messages")
    with pytest.raises(aiohttp.ClientError):
        await api.post({"content": "done, but who knows?"})
    assert len(api.discord.by_bot()) == 1


async def test_something_can_happen_at_each_moment_of_a_request(api: Api) -> None:
    seen: list[tuple[Moment, int]] = []

    def note(moment: Moment) -> None:
        seen.append((moment, len(api.discord.by_bot())))

    api.discord.faults.act("POST", {moment: partial(note, moment) for moment in Moment}, skip=1)
    await api.post({"content": "passes"})
    await api.post({"content": "is watched"})
    assert seen == [(Moment.ARRIVED, 1), (Moment.PERFORMED, 2), (Moment.ANSWERED, 2)]


async def test_a_bucket_empties_per_channel_and_says_when_it_is_full_again(api: Api) -> None:
    api.discord.faults.rate("POST /channels/", requests=2, seconds=60)
    statuses = [(await api.post({"content": "x"}))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    elsewhere = f"/channels/{api.discord.state.channel('gallery')['id']}/messages"
    assert (await api.ask("POST", elsewhere, {"content": "x"}))[0] == 200
    (refused,) = [c for c in api.discord.rest.calls if c.status == 429]
    assert refused.answer["retry_after"] > 50


async def test_an_unknown_route_is_remembered(api: Api) -> None:
    assert (await api.ask("GET", "/nowhere"))[0] == 404
    assert api.discord.unhandled == ["GET /nowhere"]
