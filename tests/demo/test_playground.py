"""The playground in a browser, at the first start and at the next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from simcord.components import walk_components

from bot.playground.demo import CannotPlay, Playground, ServedPage, for_playing, shown, time_zone
from bot.settings import Settings
from storage.records import Round
from tests.bot.painter import RELEASE, png
from tests.bot.trained import started
from tests.demo.conftest import Open

PATIENCE = 60.0


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await met():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.02)


async def done(playground: Playground) -> Round:
    """Wait until all that was asked for stands in the channel; the newest round."""
    jobs = playground.client.services.store.jobs

    async def nothing_open() -> bool:
        return not await jobs.pending() and not await jobs.undelivered()

    await until(nothing_open)
    await playground.background.rest()
    (newest,) = await playground.client.services.store.rounds.recent(1)
    return newest


async def imagine(playground: Playground, prompt: str = "a red star") -> None:
    """Aiko asks for a round."""
    aiko, *_ = playground.world.members
    await aiko.slash(playground.world.channel, "imagine", prompt=prompt)


def trainable(playground: Playground) -> Any:
    """The playground, as trainings are begun in it."""
    client, world = playground.client, playground.world
    guild = SimpleNamespace(id=world.server_id)
    store = client.services.store
    return SimpleNamespace(bot=client, store=store, guild=guild, channel=world.channel)


async def message_of(playground: Playground, round_: Round) -> discord.Message:
    (post,) = await playground.client.services.store.rounds.posts(round_.id)
    (message,) = [
        message for message in playground.world.channel.history() if message.id == post.message_id
    ]
    return message


def words(playground: Playground, message: discord.Message) -> str:
    """All that is written on a message, its buttons included."""
    stored = playground.env.backend.get_message(message.channel.id, message.id)
    found: list[str] = []
    for each in walk_components(stored.components):
        found += [str(each.get("content") or ""), str(each.get("label") or "")]
        found.append(str((each.get("emoji") or {}).get("name") or ""))
    return " ".join(filter(None, found))


async def test_a_word_of_welcome_says_what_to_try(open_playground: Open) -> None:
    async with open_playground() as playground:
        (welcome,) = playground.world.channel.history()
        said = words(playground, welcome)
        assert welcome.author.name == "Konomi"
        assert "/imagine" in said
        assert "Next round" in said
        assert "shapes" in said
        assert "遊び場" in said


async def test_everybody_and_everything_is_who_it_was_at_the_last_start(
    open_playground: Open,
) -> None:
    seen = []
    for _ in range(2):
        async with open_playground() as playground:
            world = playground.world
            seen.append([world.channel.id, *(each.id for each in world.members)])
            assert [each.name for each in world.members] == ["aiko", "ben", "hana", "dana"]
    assert seen[0] == seen[1]


async def test_hana_trains_in_japanese_until_the_admin_says_otherwise(
    open_playground: Open,
) -> None:
    async with open_playground() as playground:
        _, ben, hana, dana = playground.world.members
        channel, trainers = playground.world.channel, playground.world.trainers
        for trainer in (hana, dana):
            assert (await trainer.slash(channel, "train lora")).modal is not None
        assert (await ben.slash(channel, "train lora")).modal is None
        await dana.slash(channel, "train rights", remove_role=trainers)

    async with open_playground() as playground:
        _, _, hana, dana = playground.world.members
        channel = playground.world.channel
        assert (await hana.slash(channel, "train lora")).modal is None
        assert (await dana.slash(channel, "train lora")).modal is not None


async def test_training_that_dana_does_not_allow_stays_so(open_playground: Open) -> None:
    async with open_playground() as playground:
        rights, server_id = (
            playground.client.services.store.training_rights,
            playground.world.server_id,
        )
        await rights.grant(server_id, granted=False)

    async with open_playground() as playground:
        rights = playground.client.services.store.training_rights
        assert not (await rights.get(server_id)).granted
        assert (await rights.get(server_id)).roles == (playground.world.trainers.id,)


async def test_the_card_of_an_earlier_training_is_there_again(open_playground: Open) -> None:
    async with open_playground() as playground:
        _, _, hana, _ = playground.world.members
        job = await started(trainable(playground), hana)
        await imagine(playground)
        await done(playground)

    for _ in range(2):
        async with open_playground() as playground:
            _, _, hana, _ = playground.world.members
            now = await playground.client.services.store.jobs.get(job.id)
            assert now is not None
            card, round_ = playground.world.channel.history()[1:]
            assert card.id == now.message_id
            assert "Trained for 6 steps" in words(playground, card)
            assert "Next round" in words(playground, round_)
            form = await hana.click(card, custom_id=f"train-paint:{job.id}")
            assert form.modal is not None


async def test_a_command_is_over_while_its_pictures_are_still_being_painted(
    open_playground: Open, notes: Path
) -> None:
    async with open_playground() as playground:
        await asyncio.wait_for(imagine(playground, "hold"), PATIENCE)
        assert await playground.client.services.store.jobs.pending()
        (notes / RELEASE).touch()
        round_ = await done(playground)
        assert "Next round" in words(playground, await message_of(playground, round_))


async def test_an_upload_is_painted_from_and_its_round_is_there_at_the_next_start(
    open_playground: Open,
) -> None:
    async with open_playground() as playground:
        aiko, ben, *_ = playground.world.members
        upload = ("holiday.png", png((9, 8, 7)))
        channel = playground.world.channel
        await aiko.slash(channel, "outpaint", picture=upload, prompt="a red star")
        first = await done(playground)
        assert "from an uploaded picture" in words(playground, await message_of(playground, first))

    async with open_playground() as playground:
        aiko, ben, *_ = playground.world.members
        message = await message_of(playground, first)
        image = (await playground.client.services.store.images.of_round(first.id))[0]
        whole = await ben.click(message, custom_id=f"round:{first.id}")
        panel = await ben.click(whole.response, custom_id=f"more:{image.id}")
        await ben.click(panel.response, custom_id=f"extend-left:{image.id}")
        second = await done(playground)
        said = words(playground, await message_of(playground, second))
        assert f"from round 1, picture 1 of {aiko.mention}'s board" in said


async def test_messages_tell_the_time_it_is(open_playground: Open) -> None:
    async with open_playground() as playground:
        (welcome,) = playground.world.channel.history()
        assert abs(welcome.created_at.timestamp() - time.time()) < 60


async def test_earlier_boards_are_there_again_and_go_on(open_playground: Open) -> None:
    async with open_playground() as playground:
        aiko, ben, *_ = playground.world.members
        await imagine(playground)
        first = await done(playground)
        before = await message_of(playground, first)
        images = await playground.client.services.store.images.of_round(first.id)
        await aiko.click(before, custom_id=f"like:{images[0].id}")
        await ben.react(before, "2️⃣")
        await playground.background.rest()

    async with open_playground() as playground:
        aiko, ben, *_ = playground.world.members
        store = playground.client.services.store
        assert await store.rounds.by_message(before.id) is None
        after = await message_of(playground, first)
        assert after.id != before.id
        assert len(after.attachments) == 4
        for label in ("1 (1) 👍", "2 (1) 👍"):  # The label stands before the emoji.
            assert label in words(playground, after)

        await ben.unreact(after, "2️⃣")
        await playground.background.rest()
        assert await store.ratings.of_image(images[1].id) == []

        await aiko.click(after, custom_id=f"next:{first.id}")
        second = await done(playground)
        assert (second.board_id, second.number) == (first.board_id, 2)
        (steer,) = await store.rounds.steers(second.id)
        assert steer.image_id == images[0].id


async def test_old_messages_ids_say_nothing_about_new_messages(open_playground: Open) -> None:
    async with open_playground() as playground:
        await imagine(playground)
        await done(playground)

    async with open_playground() as playground:
        (welcome, *_) = playground.world.channel.history()
        assert await playground.client.services.store.images.on_message(welcome.id) == []
        (job,) = [await playground.client.services.store.jobs.get(1)]
        assert job is not None
        assert job.message_id is None


async def test_a_wish_of_an_earlier_run_is_not_granted_again(open_playground: Open) -> None:
    async with open_playground() as playground:
        await imagine(playground)
        aiko, *_ = playground.world.members
        await aiko.react(await message_of(playground, await done(playground)), "🎲")
        newest = await done(playground)
        assert newest.number == 2

    async with open_playground() as playground:
        assert await done(playground) == newest


async def test_what_was_not_painted_yet_is_painted_at_the_next_start(
    open_playground: Open, notes: Path
) -> None:
    async with open_playground() as playground:
        await imagine(playground, "hold")

    (notes / RELEASE).touch()
    async with open_playground() as playground:
        round_ = await done(playground)
        assert "hold" in words(playground, await message_of(playground, round_))


class Watcher:
    """A page that is open in a browser."""

    def __init__(self, session: aiohttp.ClientSession, page: ServedPage) -> None:
        address, self._capability = page.url.split("/#")
        self._session, self._address = session, address
        self._context = ""

    async def open(self, viewer: Any) -> None:
        body = {"viewer_id": str(viewer.id), "target_id": None}
        page = await self._ask("POST", "/api/pages", json=body)
        self._context = page["context"]["id"]

    async def revision(self) -> int:
        """Return how often the page has been drawn."""
        return int((await self._ask("GET", "/api/state"))["publishedRevision"])

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        headers = {"X-Simcord-Capability": self._capability, "X-Simcord-Context": self._context}
        url = self._address + path
        async with self._session.request(method, url, headers=headers, **options) as answer:
            answer.raise_for_status()
            return await answer.json()


async def test_the_page_is_drawn_anew_as_painting_goes_on_and_never_otherwise(
    open_playground: Open, notes: Path
) -> None:
    async with (
        open_playground() as playground,
        shown(playground, 0) as page,
        aiohttp.ClientSession() as session,
    ):
        watcher = Watcher(session, page)
        await watcher.open(playground.world.members[0])
        at_rest = await watcher.revision()
        await asyncio.sleep(1.5)
        assert await watcher.revision() == at_rest

        await imagine(playground, "slow hold")

        async def drawn_anew() -> bool:
            return await watcher.revision() > at_rest

        await until(drawn_anew)
        at_rest = await watcher.revision()
        (notes / RELEASE).touch()
        await done(playground)
        await until(drawn_anew)
        await asyncio.sleep(3)
        at_rest = await watcher.revision()
        await asyncio.sleep(1.5)
        assert await watcher.revision() == at_rest


async def test_a_port_that_is_taken_is_a_sentence(open_playground: Open) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken, open_playground() as playground:
        port = taken.sockets[0].getsockname()[1]
        with pytest.raises(CannotPlay, match=f"{port}.*--port"):
            async with shown(playground, port):
                pass


def test_the_playground_keeps_to_itself_what_a_real_bot_has_in_its_settings() -> None:
    real = Settings(data_dir=Path("data"), allowed_servers=(5,), owner_ids=(6,), model="other")
    played = for_playing(real)
    assert played.data_dir == Path("data/demo")
    assert (played.allowed_servers, played.owner_ids) == ((), ())
    assert played.model == "other"


def test_the_page_shows_this_machines_time(tmp_path: Path) -> None:
    clock = tmp_path / "localtime"
    clock.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert time_zone(clock) == "Asia/Tokyo"
    assert time_zone(tmp_path / "nothing") == "UTC"
