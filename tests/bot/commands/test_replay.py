"""/replay and *Repaint*: a picture painted again, from what it says and what a member may use."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import discord
import PIL.Image
import pytest

from bot.actions.asker import Asker
from bot.errors import Refusal
from generation.catalog.entries import usual_feedback
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Adapter, Feedback, Influence, Paint, Reference, Source
from storage.records import Image, Round
from tests.bot.begun import begin, unfolded
from tests.bot.painter import png
from tests.bot.world import World
from tests.hostile.records import png_saying, png_with, written

NOWHERE = "0" * 64
LOST = "deleted or not available to you here"


def record(**change: Any) -> bytes:
    """A picture as the command line paints it, changed as a stranger might."""
    paint: dict[str, Any] = {"prompt": "a star", "seed": 7, "count": 1, "width": 64, "height": 96}
    request = Paint(job="", model="shapes", out=Path(), **(paint | change))
    return png((1, 2, 3), parameter_texts(request, request.seed, 64, 96))


def told() -> dict[str, Any]:
    """The record of such a picture, to be changed in ways that no request has."""
    request = Paint(job="", model="shapes", prompt="a star", out=Path())
    found: dict[str, Any] = json.loads(parameter_texts(request, 7, 64, 96)["konomi"])
    return found


def liking(digest: str, **change: Any) -> bytes:
    return record(liked=(Reference(path=Path(), digest=digest),), **change)


async def replay(
    world: World, data: bytes, member: Any = None, channel: Any = None, **options: Any
) -> Any:
    """Use the command, and wait for what comes of it."""
    result = await (member or world.alice).slash(
        channel or world.channel, "replay", picture=("picture.png", data), **options
    )
    await world.done()
    return result


async def said(world: World, data: bytes, member: Any = None, **options: Any) -> str:
    """Return the private answer to a member."""
    result = await replay(world, data, member, **options)
    assert result.ephemeral
    return world.words(result.response)


async def steered(world: World, **options: Any) -> Round:
    """Alice's second round, which follows a picture of her first and avoids another.

    options: her own settings.
    """
    if options:
        await world.alice.slash(world.channel, "settings", **options)
    first = await world.painted(world.alice, "a signed {red|blue} star", seed=5)
    message = await world.message_of(first)
    liked, disliked, *_ = await world.store.images.of_round(first.id)
    await world.alice.click(message, custom_id=f"like:{liked.id}")
    await world.dislike(world.alice, disliked)
    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    return await world.newest()


async def picture(world: World, round_: Round, position: int = 0) -> tuple[Image, bytes]:
    image = (await world.store.images.of_round(round_.id))[position]
    assert image.digest is not None
    return image, world.store.files.path(image.digest).read_bytes()


async def panel(world: World, member: Any, round_: Round) -> Any:
    image = (await world.store.images.of_round(round_.id))[0]
    return await world.panel(member, image)


async def repaint(world: World, member: Any, round_: Round) -> Any:
    image = (await world.store.images.of_round(round_.id))[0]
    opened = await panel(world, member, round_)
    result = await member.click(opened.response, custom_id=f"repaint:{image.id}")
    await world.done()
    return result


ASKED = (
    *("prompt", "negative", "steps", "guidance", "liked", "disliked", "start", "end", "strength"),
    *("influence", "tiled", "source", "axes"),
)


def alike(world: World, prompt: str) -> None:
    """The last request asks for one picture as the one before asked for its first."""
    *_, before, after = world.requests()
    for name in ASKED:
        assert after[name] == (prompt if name == "prompt" else before[name]), name
    assert (after["seed"], after["count"]) == (before["seed"], 1)


class TestUploads:
    async def test_the_command_lines_pictures_are_painted_again(self, world: World) -> None:
        words = {"negative_prompt": "grey", "steps": 33, "guidance": 7.25, "scheduler": "ddim"}
        result = await replay(world, record(seed=2**62, **words))

        (asked,) = world.requests()
        assert (asked["prompt"], asked["negative"], asked["steps"]) == ("a star", "grey", 33)
        assert (asked["seed"], asked["count"], asked["size"]) == (2**62, 1, [64, 96])
        shown = world.words(result.response)
        assert "Recreated from the picture's saved settings" in shown
        settings = await world.in_panel(world.alice, await world.newest(), "round-settings")
        for said in ("Steps: 33", "Sampler: DDIM", "Guidance: 7.25"):
            assert said in world.words(settings.response)

    async def test_a_steered_picture_is_painted_again_to_the_byte(self, world: World) -> None:
        options = {"feedback": "paper", "feedback_end": 0.8, "feedback_explore": 0.0}
        image, data = await picture(world, await steered(world, **options))
        await replay(world, data)

        alike(world, image.parameters["prompt"])
        assert world.requests()[-1]["influence"] == "each"
        again, _ = await picture(world, await world.newest())
        assert again.digest == image.digest

    async def test_members_may_use_what_they_see(self, world: World) -> None:
        _, data = await picture(world, await steered(world))
        result = await replay(world, data, world.bob)

        assert not result.ephemeral
        assert world.requests()[-1]["liked"] == world.requests()[-2]["liked"]

    async def test_what_they_do_not_see_is_as_good_as_gone(self, world: World) -> None:
        hidden = world.guild.create_text_channel(
            "hidden",
            overwrites={
                world.guild.default_role: discord.PermissionOverwrite(view_channel=False),
                world.alice: discord.PermissionOverwrite(view_channel=True),
                world.guild.me: discord.PermissionOverwrite(view_channel=True),
            },
        )
        await world.alice.slash(hidden, "imagine", prompt="a star", count=1)
        await world.done()
        image, _ = await picture(world, await world.newest())
        assert image.digest is not None

        theirs = await said(world, liking(image.digest), world.bob)
        assert theirs == await said(world, liking(NOWHERE), world.bob)
        assert f"is missing, either {LOST}" in theirs
        # Whoever painted it may use it everywhere in the server.
        await replay(world, liking(image.digest))
        assert world.requests()[-1]["liked"] == [[image.digest, 1.0]]

    async def test_pictures_do_not_cross_servers(self, world: World) -> None:
        await world.alice.user.slash("imagine", prompt="a star", count=1)
        await world.done()
        image, _ = await picture(world, await world.newest())
        assert image.digest is not None

        assert LOST in await said(world, liking(image.digest))
        result = await world.bob.user.slash("replay", picture=("a.png", liking(image.digest)))
        assert LOST in world.words(result.response)
        result = await world.alice.user.slash("replay", picture=("a.png", liking(image.digest)))
        await world.done()
        assert world.requests()[-1]["liked"] == [[image.digest, 1.0]]

    async def test_likes_that_are_lost_can_be_done_without(self, world: World) -> None:
        assert "Choose `anyway` to paint without it" in await said(world, liking(NOWHERE))
        result = await replay(world, liking(NOWHERE), anyway=True)

        assert world.requests()[-1]["liked"] == []
        assert "1 picture that steered the original is missing" in world.words(result.response)

    async def test_without_words_and_likes_nothing_is_left(self, world: World) -> None:
        wordless = liking(NOWHERE, prompt="", feedback=Feedback(drop=1.0))
        assert "painted without a prompt" in await said(world, wordless, anyway=True)

    async def test_a_picture_that_left_its_prompt_aside_does_so_again(self, world: World) -> None:
        image, _ = await picture(world, await world.painted(world.alice, count=1))
        feedback = Feedback(drop=1.0, explore=0.0, influence=Influence.EACH, dislike_scale=0.25)
        result = await replay(world, liking(image.digest or "", prompt="", feedback=feedback))

        asked = world.requests()[-1]
        assert (asked["prompt"], asked["drop"]) == ("", 1.0)
        assert "Painted from the likes alone, without the prompt: 1" in world.words(result.response)

    async def test_another_model_has_to_be_wanted(self, world: World) -> None:
        data = png((1, 2, 3), {"konomi": json.dumps(told() | {"model": "sd21"})})
        assert "needs the model sd21, but I paint with shapes here" in await said(world, data)
        result = await replay(world, data, anyway=True)
        assert "was made with the model sd21" in world.words(result.response)

    async def test_a_source_that_is_lost_is_said(self, world: World) -> None:
        source = Source(path=Path(), digest=NOWHERE, strength=0.5)
        for anyway in (False, True):
            sentence = await said(world, record(source=source), anyway=anyway)
            assert "The picture that this one started from, or its mask, was deleted" in sentence

    async def test_adapters_that_are_lost_are_said(self, world: World) -> None:
        adapter = Adapter(path=Path(), digest=NOWHERE, name="ink")
        for anyway in (False, True):
            data = record(adapters=(adapter,))
            assert "styles (such as LoRAs) that you can't use here" in await said(
                world, data, anyway=anyway
            )

    async def test_another_programs_picture_is_painted_as_nearly_as_can_be(
        self, world: World
    ) -> None:
        line = "Steps: 33, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 9, Size: 640x960, "
        text = f"a {{red}} star, <lora:x:1>\nNegative prompt: grey\n{line}Model: @everyone"
        result = await replay(world, png((1, 2, 3), {"parameters": text}))

        (asked,) = world.requests()
        assert (asked["prompt"], asked["negative"]) == ("a (red) star,", "grey")
        assert (asked["steps"], asked["seed"], asked["guidance"]) == (33, 9, 7.0)
        assert (asked["size"], asked["aspect"]) == ([None, None], 640 / 960)
        words = world.words(result.response)
        assert "It was made with another program and the model" in words
        assert "@everyone" not in words

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (png((1, 2, 3)), "This file doesn't contain the picture's settings."),
            (b"\x89PNG and then nothing", "This file doesn't contain the picture's settings."),
            (png((1, 2, 3), {"konomi": "{}"}), "saved in this picture (`version`)"),
            (png((1, 2, 3), {"konomi": '{"version": 9}'}), "to update me"),
            (record(steps=151), "You can ask for 1 to 150 steps"),
            (png_saying(written({"steps": "9" * 4000})), "saved in this picture (`steps`)"),
            (png_saying(written({"guidance": "1" * 300})), "Guidance must be between 1 and 30"),
            (
                png_with(*[(b"tEXt", b"k\0")] * 80_000),
                "This file doesn't contain the picture's settings",
            ),
            (png((1, 2, 3), {"konomi": json.dumps(told() | {"width": 100})}), "multiples of 8"),
            (record(tiled=True), "saved in this picture (`tiled`)"),
            (record(feedback=Feedback(), prompt="x" * 1501), "the limit is 1,500"),
        ],
    )
    async def test_what_cannot_be_painted_is_said_in_private(
        self, world: World, data: bytes, sentence: str
    ) -> None:
        assert sentence in await said(world, data)
        assert world.requests() == []
        assert list(world.store.files.work.iterdir()) == []

    async def test_no_file_is_opened_in_the_bots_process(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise AssertionError("a stranger's file was opened")

        monkeypatch.setattr(PIL.Image, "open", refuse)
        result = await replay(world, record())
        assert "Recreated from the picture's saved settings" in world.words(result.response)

    async def test_files_are_fetched_within_places_in_the_queue(self, world: World) -> None:
        orders, asker = world.bot.services.orders, self.asker(world)
        async with AsyncExitStack() as places:
            for _ in range(3):
                await places.enter_async_context(orders.reserving(asker, 1))
            assert "You already have 3 requests waiting" in await said(world, record())
            with pytest.raises(Refusal):
                await places.enter_async_context(orders.reserving(asker, 1))
            others = await replay(world, record(), world.bob)
            assert not others.ephemeral
            raise_later = places.pop_all()
        with pytest.raises(RuntimeError):
            async with raise_later:
                raise RuntimeError
        assert not (await replay(world, record())).ephemeral

    async def test_one_that_cannot_be_fetched_gives_its_place_back(self, world: World) -> None:
        for _ in range(5):
            assert "doesn't contain the picture's settings" in await said(world, png((1, 2, 3)))
        assert not (await replay(world, record())).ephemeral

    def asker(self, world: World) -> Asker:
        return Asker(
            member_id=world.alice.id,
            server_id=world.guild.id,
            channel_id=world.channel.id,
            locale="en-US",
        )

    async def test_no_pictures_a_day_means_none_from_a_file(self, world: World) -> None:
        await world.admin.slash(world.channel, "konomi settings", pictures_per_day=1)
        await world.painted(world.alice, count=1)
        assert "in 24 hours" in await said(world, record())

    async def test_what_follows_is_a_round_like_any_other(self, world: World) -> None:
        _, data = await picture(world, await steered(world, feedback_start=0.2))
        result = await replay(world, data)
        again = await world.newest()
        await world.alice.click(result.response, custom_id=f"next:{again.id}")
        await world.done()

        asked = world.requests()[-1]
        usual = usual_feedback("shapes").explore
        assert (asked["count"], asked["explore"], asked["liked"]) == (4, usual, [])
        assert "Recreated" not in world.words(await world.message_of(await world.newest()))

    async def test_its_rerolls_follow_what_its_record_says_and_what_follows_does_not(
        self, world: World
    ) -> None:
        image, _ = await picture(world, await world.painted(world.alice, count=1))
        await replay(world, liking(image.digest or "", feedback=Feedback(strength=0.125)))
        for _ in range(3):
            await self.press(world, world.alice, "retry")
            asked = world.requests()[-1]
            assert (asked["liked"], asked["strength"]) == ([[image.digest, 1.0]], 0.125)

        await self.press(world, world.alice, "next")
        asked = world.requests()[-1]
        usual = usual_feedback("shapes").strength
        assert (asked["count"], asked["strength"], asked["liked"]) == (4, usual, [])

    async def test_a_fork_of_it_inherits_what_its_record_says_until_its_owner_rates(
        self, world: World
    ) -> None:
        image, _ = await picture(world, await world.painted(world.alice, count=1))
        await replay(world, liking(image.digest or ""))
        for _ in range(3):
            await self.press(world, world.bob, "next")
            assert world.requests()[-1]["liked"] == [[image.digest, 1.0]]
        await self.press(world, world.bob, "retry")
        assert world.requests()[-1]["liked"] == [[image.digest, 1.0]]

        own, _ = await picture(world, await world.newest())
        message = await world.message_of(await world.newest())
        await world.bob.click(message, custom_id=f"like:{own.id}")
        await self.press(world, world.bob, "next")
        assert world.requests()[-1]["liked"] == [[own.digest, 1.0]]
        await world.bob.click(message, custom_id=f"like:{own.id}")
        await self.press(world, world.bob, "retry")
        assert world.requests()[-1]["liked"] == []

    async def press(self, world: World, member: Any, verb: str) -> None:
        """Press a button of the newest round, and wait for what comes of it."""
        newest = await world.newest()
        await member.click(await world.message_of(newest), custom_id=f"{verb}:{newest.id}")
        await world.done()


class TestPanel:
    async def test_a_picture_of_ours_is_painted_again_to_the_byte(self, world: World) -> None:
        round_ = await steered(world)
        result = await repaint(world, world.alice, round_)

        image, _ = await picture(world, round_)
        alike(world, image.parameters["prompt"])
        newest = await world.newest()
        assert (newest.board_id, newest.parent_id) == (round_.board_id, round_.id)
        assert (await picture(world, newest))[0].digest == image.digest
        assert "Recreated from the picture's saved settings" in world.words(result.response)

    async def test_anyone_can_on_a_board_of_their_own(self, world: World) -> None:
        round_ = await world.painted(world.alice, "a signed star")
        await repaint(world, world.bob, round_)

        board = await world.store.boards.get((await world.newest()).board_id)
        assert board is not None
        assert board.owner_id == world.bob.id

    @pytest.mark.parametrize("command", ["restyle", "inpaint", "outpaint", "upscale"])
    async def test_with_the_picture_that_it_began_from(self, world: World, command: str) -> None:
        options = {"mask": ("mask.png", png((255, 255, 255)))} if command == "inpaint" else {}
        await begin(world, command, prompt="a signed star", **options)
        await world.done()
        await repaint(world, world.bob, await world.newest())

        alike(world, "a signed star")
        message = await world.message_of(await world.newest())
        assert "Recreated from the picture's saved settings" in world.words(message)
        image = (await world.store.images.of_round((await world.newest()).id))[0]
        panel = await world.panel(world.bob, image)
        words = await unfolded(world, world.bob, panel.response)
        assert "from an uploaded picture" in words

    async def test_what_is_missing_is_said_with_a_button_to_do_without(self, world: World) -> None:
        round_ = await steered(world)
        (first, _) = await world.store.rounds.recent(2)
        await world.delete(world.alice, first)
        result = await repaint(world, world.alice, round_)

        assert result.ephemeral
        sentence = world.words(result.response)
        assert (
            "2 pictures that steered this one are missing, either deleted or not available to you "
            "here. Press **Paint anyway**" in sentence
        )
        image, _ = await picture(world, round_)
        await world.alice.click(result.response, custom_id=f"repaint-anyway:{image.id}")
        await world.done()
        assert world.requests()[-1]["liked"] == []
        message = await world.message_of(await world.newest())
        assert "2 pictures that steered the original are missing" in world.words(message)

    async def test_a_picture_of_an_earlier_version_says_what_it_lacks(self, world: World) -> None:
        result = await repaint(world, world.alice, await world.painted(world.alice))
        assert result.ephemeral
        assert "This file doesn't contain the picture's settings." in world.words(result.response)
