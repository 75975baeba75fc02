"""Styles in pictures' records, in edits, and after a restart: none acts for whom it is not."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from bot.actions.asker import Asker
from bot.errors import Refusal
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Adapter, Paint
from storage.style_records import StyleState
from tests.bot.painter import png
from tests.bot.styled import SHARED, WORD, add_style
from tests.bot.world import World


async def styled(world: World, name: str, owner: Any = None, **changes: Any) -> Any:
    return await add_style(world.store, world.guild.id, (owner or world.alice).id, name, **changes)


def adapter(digest: str, **change: Any) -> Adapter:
    return dataclasses.replace(Adapter(path=Path(), digest=digest, name="ink"), **change)


def saying(*adapters: Adapter, prompt: str = "a star") -> bytes:
    """A picture whose record names these adapters."""
    request = Paint(
        job="", model="shapes", prompt=prompt, out=Path(), adapters=adapters, width=64, height=64
    )
    return png((1, 2, 3), parameter_texts(request, 7, 64, 64))


async def replay(world: World, data: bytes, member: Any = None, **options: Any) -> Any:
    result = await (member or world.alice).slash(
        world.channel, "replay", picture=("picture.png", data), **options
    )
    await world.done()
    return result


class TestRecords:
    async def test_a_picture_is_painted_again_with_the_same_file(self, world: World) -> None:
        style = await styled(world, "ink", scope=SHARED, trigger="ink style", strength=0.7)
        first = await world.painted(world.alice, "a signed star <lora:ink:0.5:0.25>", count=1)
        image, *_ = await world.store.images.of_round(first.id)
        data = world.store.files.path(image.digest or "").read_bytes()
        await world.store.styles.rename(style.id, "brush")
        result = await replay(world, data, world.bob)
        before, after = world.requests()
        assert after["pictures"] == before["pictures"]
        assert after["pictures"][0]["prompt"] == "ink style, a signed star"
        assert [each[2] for each in after["adapters"]] == [style.digest]
        assert "Style: brush (0.25)" in world.words(result.response)
        again = await world.newest()
        image_again, *_ = await world.store.images.of_round(again.id)
        assert image_again.digest == image.digest
        await world.bob.click(await world.message_of(again), custom_id=f"next:{again.id}")
        await world.done()
        assert world.requests()[-1]["pictures"][0]["adapters"] == [["ink", 0.25]]

    async def test_what_one_may_not_use_is_as_good_as_missing(self, world: World) -> None:
        own = await styled(world, "secret")
        elsewhere = await add_style(world.store, 5, world.bob.id, "far", scope=SHARED)
        gone = await styled(world, "gone", scope=SHARED)
        await world.store.styles.set_state(gone.id, StyleState.WITHDRAWN)
        answers = set()
        for digest in (own.digest, elsewhere.digest, gone.digest, "0" * 64):
            for anyway in (False, True):
                data = saying(adapter(digest))
                result = await replay(world, data, world.bob, anyway=anyway)
                assert result.ephemeral
                answers.add(world.words(result.response))
        assert len(answers) == 1
        assert world.requests() == []

    async def test_pictures_are_no_adapters(self, world: World) -> None:
        round_ = await world.painted(world.alice, count=1)
        image, *_ = await world.store.images.of_round(round_.id)
        result = await replay(world, saying(adapter(image.digest or "")))
        assert result.ephemeral
        assert len(world.requests()) == 1

    @pytest.mark.parametrize(
        "change",
        [{"strength": 9.0}, {"strength": -2.5}, {"text_strength": 1e30}],
    )
    async def test_strengths_out_of_range_load_nothing(
        self, world: World, change: dict[str, Any]
    ) -> None:
        style = await styled(world, "ink")
        result = await replay(world, saying(adapter(style.digest, **change)))
        assert "strength must be between -2 and 2" in world.words(result.response)
        assert world.requests() == []

    async def test_forged_lists_load_nothing(self, world: World) -> None:
        style = await styled(world, "ink")
        request = Paint(job="", model="shapes", prompt="a star", out=Path())
        told = json.loads(parameter_texts(request, 7, 64, 64)["konomi"])
        one = {"digest": style.digest, "name": "ink"}
        for adapters in (
            [{**one, "digest": f"{number:064x}"} for number in range(50)],
            [one, one],
            [{**one, "path": "/etc/passwd"}],
            [{**one, "digest": "../../etc/passwd"}],
            [{**one, "style_id": style.id}],
        ):
            data = png((1, 2, 3), {"konomi": json.dumps({**told, "adapters": adapters})})
            assert (await replay(world, data)).ephemeral
        assert world.requests() == []

    async def test_a_record_calls_no_style_of_others(self, world: World) -> None:
        await styled(world, "secret")
        await replay(world, saying(prompt="a star <lora:secret:1>"), world.bob)
        [asked] = world.requests()
        assert (asked["adapters"], asked["offered"]) == ([], [])


class TestEdits:
    async def test_an_edit_of_a_styled_picture_says_that_it_goes_without(
        self, world: World
    ) -> None:
        await styled(world, "ink")
        round_ = await world.painted(world.alice, style="ink", count=1)
        image, *_ = await world.store.images.of_round(round_.id)
        services = world.bot.services
        order = await services.actions.edit_picture(_asker(world), image.id, "make it blue")
        with order:
            assert order.request.adapters == ()
            assert order.round.parameters["style_notes"] == [["edit", "", ""]]
        with pytest.raises(Refusal, match="Edits can't use styles"):
            await services.actions.edit_picture(_asker(world), image.id, "ink <lora:ink:1>")


def _asker(world: World) -> Asker:
    return Asker(
        member_id=world.alice.id,
        server_id=world.guild.id,
        channel_id=world.channel.id,
        locale="en-US",
    )


class TestRestart:
    async def test_a_job_of_an_earlier_run_is_refused_once_its_style_is_withdrawn(
        self, world: World
    ) -> None:
        style = await styled(world, "ink")
        await styled(world, "rocky", kind=WORD)
        before = await world.painted(world.alice, "rocky, signed", style="ink", count=1)
        job = await self.left_over(world, before)
        await world.bot.services.recovery.sweep()
        await world.done()
        first, second = world.requests()
        assert second["pictures"] == first["pictures"]
        assert (await world.store.jobs.get(job.id)).state.value == "done"  # type: ignore[union-attr]
        job = await self.left_over(world, before)
        await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
        round_ = await world.store.rounds.get(job.round_id)
        with pytest.raises(Refusal, match="withdrawn, deleted or changed"):
            await world.bot.services.orders.request(job, round_)
        await world.bot.services.recovery.sweep()
        await world.done()
        assert len(world.requests()) == 2
        assert "withdrawn, deleted or changed" in world.words(world.ours()[-1])

    async def left_over(self, world: World, before: Any) -> Any:
        """Return a job that nobody sees to, as an earlier run leaves it."""
        round_ = await world.store.rounds.create(
            board_id=before.board_id, parameters=before.parameters
        )
        return await world.store.jobs.create(
            server_id=world.guild.id,
            channel_id=world.channel.id,
            member_id=world.alice.id,
            round_id=round_.id,
            locale="en-US",
        )
