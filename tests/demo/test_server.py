"""The page's server, asked as the page in a browser asks it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.playground.demo import Playground, shown
from bot.playground.world import keep_time
from tests.bot.painter import RELEASE, SIDE
from tests.bot.styles.workshop import ink
from tests.demo.conftest import Open
from tests.demo.test_playground import PATIENCE, done, imagine, message_of, until, words


class Browser:
    """A page as a browser has it open, which presses by the last state it saw."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.address, self.capability = url.split("/#")
        self._session = session
        self._sequence = 0
        self.state: dict[str, Any] = {}

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
        """Ask for something; the status, the headers, and what the answer says."""
        headers = {"X-Simcord-Capability": self.capability, **options.pop("headers", {})}
        if self.state:
            headers["X-Simcord-Context"] = self.state["context"]["id"]
        url = self.address + path
        async with self._session.request(method, url, headers=headers, **options) as answer:
            json = answer.content_type == "application/json"
            return answer.status, answer.headers, await (answer.json() if json else answer.read())

    async def open(self) -> None:
        _, _, self.state = await self.ask("POST", "/api/pages", json={})

    async def look(self) -> dict[str, Any]:
        """See the present state."""
        _, _, self.state = await self.ask("GET", "/api/state")
        return self.state

    async def act(self, kind: str, **extra: Any) -> dict[str, Any]:
        """Do something, by the last state that was seen."""
        action = {
            "kind": kind,
            "protocol_version": 3,
            "sequence": self._sequence + 1,
            "request_id": f"{kind}-{self._sequence}-{id(extra)}",
            "generation": self.state["context"]["generation"],
            "bot_generation": self.state["botGeneration"],
            "published_revision": self.state["publishedRevision"],
            **extra,
        }
        status, _, receipt = await self.ask("POST", "/api/action", json=action)
        assert status == 200
        self._sequence = receipt["expectedSequence"]
        return dict(receipt)

    async def press(self, control_key: str) -> dict[str, Any]:
        target = control_key.split(":")[1]
        return await self.act("click", control_key=control_key, target_id=target)

    async def become(self, member_id: int) -> None:
        await self.act("viewer", viewer_id=str(member_id))
        await self.look()

    def control(self, custom_id: str) -> str:
        """The place of a button, in the last state that was seen."""
        (found,) = [
            node["control_key"]
            for node in nodes(self.state["messages"])
            if str(node.get("custom_id")) == custom_id
        ]
        return str(found)


def nodes(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in nodes(each)]
    if not isinstance(value, dict):
        return []
    return [value, *nodes(list(value.values()))]


@asynccontextmanager
async def opened_page(playground: Playground) -> AsyncIterator[Browser]:
    async with shown(playground, 0) as page, aiohttp.ClientSession() as session:
        browser = Browser(session, page.url)
        await browser.open()
        yield browser


async def likes(playground: Playground) -> int:
    (newest,) = await playground.client.services.store.rounds.recent(1)
    images = await playground.client.services.store.images.of_round(newest.id)
    return len(await playground.client.services.store.ratings.of_image(images[0].id))


async def like_button(playground: Playground) -> str:
    (newest,) = await playground.client.services.store.rounds.recent(1)
    images = await playground.client.services.store.images.of_round(newest.id)
    return f"like:{images[0].id}"


async def test_a_press_that_comes_after_a_redraw_lands(open_playground: Open) -> None:
    async with open_playground() as playground:
        await imagine(playground)
        await done(playground)
        async with opened_page(playground) as browser:
            button = browser.control(await like_button(playground))
            await playground.env._preview.refresh()
            await playground.env._preview.refresh()
            receipt = await browser.press(button)
            assert not receipt["rejected"]
            assert await likes(playground) == 1


async def test_presses_land_while_the_page_is_drawn_and_something_paints(
    open_playground: Open, notes: Path
) -> None:
    async with open_playground() as playground:
        await imagine(playground)
        await done(playground)
        button = await like_button(playground)
        async with opened_page(playground) as browser:
            await imagine(playground, "slow hold")
            place = browser.control(button)
            presses = []
            for _ in range(6):
                presses.append(await browser.press(place))
                await asyncio.sleep(0.2)
            assert [press["rejected"] for press in presses] == [False] * 6
            (notes / RELEASE).touch()
            await done(playground)


async def test_a_button_that_took_anothers_place_is_not_pressed_in_its_stead(
    open_playground: Open, notes: Path
) -> None:
    async with open_playground() as playground:
        await imagine(playground, "hold")
        async with opened_page(playground) as browser:
            ((cancel, place),) = [
                (str(node["custom_id"]), node["control_key"])
                for node in nodes(browser.state["messages"])
                if str(node.get("custom_id")).startswith("cancel:")
            ]
            (notes / RELEASE).touch()
            round_ = await done(playground)
            asked_before = len(playground.env.http_requests)
            receipt = await browser.press(place)
            assert receipt["rejected"], f"{cancel} is gone, and something was pressed"
            asked = playground.env.http_requests[asked_before:]
            assert not [one for one in asked if one.path.startswith("/interactions/")]
            assert "Next round" in words(playground, await message_of(playground, round_))


async def test_pictures_come_as_they_are_and_again_once_their_message_has_others(
    open_playground: Open, notes: Path
) -> None:
    async with open_playground() as playground:
        await imagine(playground, "slow hold")
        async with opened_page(playground) as browser:

            async def a_preview() -> bool:
                state = await browser.look()
                return any(each["filename"].startswith("preview") for each in files(state))

            await until(a_preview)
            (shown_now,) = [
                each for each in files(browser.state) if each["filename"].startswith("preview")
            ]
            assert (shown_now["displayWidth"], shown_now["displayHeight"]) == (SIDE, SIDE)
            preview = shown_now["id"]
            (notes / RELEASE).touch()
            await done(playground)
            status, headers, body = await browser.ask("GET", f"/api/assets/{preview}")
            assert (status, headers["Content-Type"]) == (200, "image/png")
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert body.startswith(b"\x89PNG")


def files(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in state["assets"].values() if each["available"]]


async def test_a_command_typed_in_one_go_paints(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        receipt = await browser.act("send_message", content="/imagine a red star", target_id=None)
        assert not receipt["rejected"]
        said = words(playground, await message_of(playground, await done(playground)))
        assert "a red star" in said
        assert playground.world.members[0].mention in said


@pytest.mark.parametrize(
    ("member", "content", "answer"),
    [
        (0, "/paint a red star", "choose the command from the list"),
        (0, "/upscale my picture", "choose the command from the list"),
        (0, "/imagine a star steps: many", "choose the command from the list"),
        (2, "/絵 赤い星", "コマンドを選び"),
    ],
)
async def test_a_command_that_cannot_be_run_as_typed_is_answered(
    open_playground: Open, member: int, content: str, answer: str
) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        await browser.become(playground.world.members[member].id)
        await browser.act("send_message", content=content, target_id=None)
        *_, typed, answered = playground.world.channel.history()
        assert typed.content == content
        assert answer in words(playground, answered)


async def test_words_with_a_slash_are_only_words(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        await browser.act("send_message", content="1 / 2", target_id=None)
        *_, said = playground.world.channel.history()
        assert said.content == "1 / 2"


async def test_hana_is_answered_in_japanese(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        await browser.become(playground.world.members[2].id)
        await browser.act("send_message", content="/描く 赤い星", target_id=None)
        said = words(playground, await message_of(playground, await done(playground)))
        assert "赤い星" in said
        assert "次のラウンド" in said


async def test_dana_may_see_the_servers_settings_and_ben_may_not(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        _, ben, _, dana = playground.world.members
        for member, may in ((ben, False), (dana, True)):
            await browser.become(member.id)
            await browser.act("send_message", content="/konomi settings", target_id=None)
            state = await browser.look()
            assert ("Settings of this server" in str(state["messages"])) is may


async def test_only_the_page_itself_is_answered(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            status, _, _ = await browser.ask("GET", "/", headers=headers)
            assert status == 403
        status, _, page = await browser.ask("GET", "/")
        assert status == 200
        assert b'<script src="/page.js">' in page
        status, _, script = await browser.ask("GET", "/page.js")
        assert (status, script[:2]) == (200, b"//")
        assert b'<link rel="stylesheet" href="/page.css">' in page
        status, _, style = await browser.ask("GET", "/page.css")
        assert (status, style[:2]) == (200, b"/*")
        browser.capability = "guessed"
        for path in ("/api/state", "/api/assets/a_1", "/api/commands"):
            status, _, _ = await browser.ask("GET", path)
            assert status == 401


async def test_news_is_told_at_once_and_nothing_is_asked_twice(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        seen = browser.state["publishedRevision"]
        waiting = asyncio.create_task(browser.look())
        await imagine(playground)
        news = await asyncio.wait_for(waiting, PATIENCE)
        await done(playground)

        async def newer() -> bool:
            return (await browser.look())["publishedRevision"] > max(
                seen, news["publishedRevision"] - 1
            )

        await until(newer)


async def test_an_answer_that_takes_longer_than_discord_waits_still_counts(
    open_playground: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_playground() as playground, opened_page(playground):

        async def busy(_: object) -> bool:
            await asyncio.to_thread(time.sleep, 4.0)  # Not on the clock of SimCord.
            return True

        monkeypatch.setattr(playground.client.tree, "interaction_check", busy)
        aiko, *_ = playground.world.members
        answered = await aiko.slash(playground.world.channel, "about")
        assert answered.response is not None
        keep_time(playground.env)
        behind = datetime.now(UTC) - playground.env.now()
        assert behind.total_seconds() < 1, "the clock goes on afterwards"


async def test_a_private_answer_that_changes_later_is_shown_as_it_is(
    open_playground: Open,
) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        dana = playground.world.members[3]
        await browser.become(dana.id)
        await dana.slash(playground.world.channel, "style add", file=("ink.safetensors", ink()))

        async def shows_the_preview() -> bool:
            state = await browser.look()
            return "preview.png" in json.dumps(state["messages"]) and bool(files(state))

        await until(shows_the_preview)
