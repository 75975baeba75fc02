"""Painting from a picture: uploads and what is refused of them, and going on from our own."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from PIL import Image

from bot import uploads
from bot.beginnings import AREAS, WIDER
from bot.uploads import MOST_BYTES
from generation import decoding
from generation.catalog import ENLARGED, RESTORED
from generation.cleaning import clean_picture, png_of
from storage.records import Round
from tests.bot.painter import png
from tests.bot.world import World
from tests.hostile.bombs import many_scans
from tests.hostile.raw import gif


def clean(data: bytes) -> bytes:
    """What is kept of an upload."""
    return png_of(clean_picture(data))


PICTURE, MASK = clean(png((10, 20, 30))), clean(png((255, 255, 255)))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def begin(
    world: World,
    command: str = "restyle",
    member: Any = None,
    data: bytes = PICTURE,
    **options: Any,
) -> Any:
    """Use one of the commands with an upload, without waiting for the pictures."""
    options = {"picture": ("holiday.png", data), "prompt": "a star"} | options
    return await (member or world.alice).slash(world.channel, command, **options)


async def press(world: World, member: Any, verb: str, round_: Round, position: int = 0) -> Any:
    """Open a picture's panel and press a button in it."""
    image = (await world.store.images.of_round(round_.id))[position]
    message = await world.message_of(round_, position // 4)
    panel = await member.click(message, custom_id=f"more:{image.id}")
    return await member.click(panel.response, custom_id=f"{verb}:{image.id}")


class TestCommands:
    async def test_an_upload_is_restyled(self, world: World) -> None:
        options = {"negative": "red", "count": 2, "seed": 5, "steps": 30, "scheduler": "ddim"}
        result = await begin(world, strength=0.5, size="64x128", **options)
        await world.done()

        (asked,) = world.requests()
        assert asked["source"] == {
            "picture": digest(PICTURE),
            "mask": None,
            "strength": 0.5,
            "anew": [],
            "within": None,
            "times": 1,
            "mend": None,
        }
        assert (asked["prompt"], asked["negative"], asked["size"]) == ("a star", "red", [64, 128])
        assert (asked["count"], asked["seed"]) == (2, 5)
        round_ = await world.newest()
        message = await world.message_of(round_)
        assert message.id == result.response.id, "the first answer becomes the round"
        assert "from an uploaded picture · strength 0.5" in world.words(message)
        assert world.pictures(message) == 2

    async def test_without_a_size_the_painter_finds_one(self, world: World) -> None:
        await begin(world)
        await world.done()
        assert world.requests()[0]["size"] == [None, None]

    @pytest.mark.parametrize("area", sorted(AREAS))
    async def test_a_named_area_is_painted_anew(self, world: World, area: str) -> None:
        await begin(world, "inpaint", area=area)
        await world.done()
        source = world.requests()[0]["source"]
        assert source["strength"] == 1
        assert len(source["anew"]) == len(AREAS[area])
        assert source["mask"] is None

    async def test_a_mask_says_where_to_paint_anew(self, world: World) -> None:
        await begin(world, "inpaint", mask=("mask.png", MASK))
        await world.done()
        source = world.requests()[0]["source"]
        assert (source["picture"], source["mask"]) == (digest(PICTURE), digest(MASK))

    async def test_one_of_mask_and_area_is_needed(self, world: World) -> None:
        result = await begin(world, "inpaint")
        assert result.ephemeral
        assert "choose an `area`, or attach a `mask`" in world.words(result.response)

    @pytest.mark.parametrize("direction", sorted(WIDER))
    async def test_a_picture_is_painted_on(self, world: World, direction: str) -> None:
        await begin(world, "outpaint", direction=direction)
        await world.done()
        box = WIDER[direction]
        within = [box.left, box.top, box.right, box.bottom]
        assert world.requests()[0]["source"]["within"] == within

    async def test_nobody_has_to_say_what_a_wider_view_shows(self, world: World) -> None:
        await world.alice.slash(world.channel, "outpaint", picture=("a.png", PICTURE))
        await world.done()
        assert "a wider view" in world.requests()[0]["prompt"]
        assert "**a wider view" in world.words(await world.message_of(await world.newest()))

    async def test_an_upload_is_painted_larger_in_tiles(self, world: World) -> None:
        await world.alice.slash(world.channel, "upscale", picture=("a.png", PICTURE), times=3)
        await world.done()
        (asked,) = world.requests()
        assert (asked["source"]["times"], asked["tiled"], asked["count"]) == (3, True, 1)
        assert (asked["source"]["strength"], asked["size"]) == (0.15, [None, None])

    async def test_noise_is_taken_out_of_an_upload_as_far_as_it_is_found(
        self, world: World
    ) -> None:
        result = await world.alice.slash(world.channel, "restore", picture=("a.png", PICTURE))
        await world.done()
        (asked,) = world.requests()
        assert asked["source"]["mend"] == {"noise": None, "scratches": False}
        assert (asked["source"]["mask"], asked["source"]["times"]) == (None, 1)
        assert (asked["tiled"], asked["count"], asked["size"]) == (True, 1, [None, None])
        assert (asked["guidance"], asked["source"]["strength"]) == (1, RESTORED)
        assert world.pictures(result.response) == 1

    @pytest.mark.parametrize(
        ("options", "mend"),
        [
            ({}, {"noise": 0, "scratches": False}),
            ({"scratches": True}, {"noise": 0, "scratches": True}),
            ({"noise": "found"}, {"noise": None, "scratches": False}),
            ({"noise": "much"}, {"noise": 0.2, "scratches": False}),
        ],
    )
    async def test_where_there_are_scratches_noise_goes_only_if_asked(
        self, world: World, options: dict[str, Any], mend: dict[str, Any]
    ) -> None:
        masked = {"picture": ("a.png", PICTURE), "mask": ("mask.png", MASK)}
        await world.alice.slash(world.channel, "restore", **masked, **options)
        await world.done()
        (asked,) = world.requests()
        assert asked["source"]["mend"] == mend
        assert asked["source"]["mask"] == digest(MASK)

    async def test_a_restored_picture_can_be_larger_and_goes_on_as_it_began(
        self, world: World
    ) -> None:
        await world.alice.slash(world.channel, "restore", picture=("a.png", PICTURE), times=2)
        await world.done()
        round_ = await world.newest()
        message = await world.message_of(round_)
        await world.alice.click(message, custom_id=f"next:{round_.id}")
        await world.done()
        first, second = world.requests()
        assert (first["source"]["times"], first["source"]["strength"]) == (2, ENLARGED)
        assert second["source"] == first["source"]
        assert second["tiled"]

    async def test_it_works_in_direct_messages(self, world: World) -> None:
        user = world.alice.user
        result = await user.slash("restyle", picture=("a.png", PICTURE), prompt="a star")
        await world.done()
        assert world.pictures(result.response) == 4

    async def test_nothing_of_an_upload_is_left_but_what_the_round_owns(self, world: World) -> None:
        await begin(world)
        await world.done()
        files = world.store.files
        assert list(files.work.iterdir()) == []
        round_ = await world.newest()
        assert round_.source_digest is not None
        assert files.path(round_.source_digest).read_bytes() == PICTURE

        message = await world.message_of(round_)
        await world.alice.click(message, custom_id=f"delete:{round_.id}")
        assert not files.path(round_.source_digest).exists()


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"picture": ("a.svg", b"<svg/>")}, "That is no picture I can read."),
            ({"picture": ("a.exe", PICTURE)}, "That is no picture I can read."),
            ({"picture": ("a.png", b"x" * (MOST_BYTES + 1))}, "can have up to 20 MiB"),
            ({"strength": 0.0}, "Strength goes from above 0"),
            ({"strength": 1.1}, "not 1.1"),
            ({"strength": 0.01}, "takes none of them. Ask for at least 0.05"),
            ({"count": 9}, "A round has 1 to 8 pictures"),
            ({"prompt": " "}, "Say what to paint"),
        ],
    )
    async def test_what_can_be_seen_beforehand_is_refused_in_private_and_never_fetched(
        self,
        world: World,
        options: dict[str, Any],
        said: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def never(url: str) -> AsyncGenerator[bytes, None]:
            raise AssertionError(url)
            yield b""

        monkeypatch.setattr(world.bot.uploads, "_download", never)
        result = await begin(world, **options)
        assert result.ephemeral
        assert said in world.words(result.response)
        assert world.ours() == []
        assert list(world.store.files.work.iterdir()) == []

    @pytest.mark.parametrize("limit", ["pictures", "waiting"])
    async def test_quotas_count_before_anything_is_fetched(self, world: World, limit: str) -> None:
        if limit == "pictures":
            await world.admin.slash(world.channel, "konomi settings", pictures_per_day=2)
        else:
            for n in range(4):
                await world.imagine(world.alice, f"hold {n}", count=8)
        result = await begin(world)
        assert result.ephemeral
        assert "within 24 hours" in world.words(result.response) or "waiting" in world.words(
            result.response
        )
        world.release()
        await world.done()

    async def test_more_than_was_said_is_never_taken(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken = 0

        async def endless(url: str) -> AsyncGenerator[bytes, None]:
            nonlocal taken
            while True:
                taken += 1 << 20
                yield bytes(1 << 20)

        monkeypatch.setattr(world.bot.uploads, "_download", endless)
        result = await begin(world)
        assert result.ephemeral
        assert "can have up to 20 MiB" in world.words(result.response)
        assert taken <= MOST_BYTES + (2 << 20)
        assert list(world.store.files.work.iterdir()) == []
        assert await world.store.jobs.pending() == []

    @pytest.mark.parametrize("member", ["picture", "mask"])
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"<script>alert(1)</script>", "That is no picture I can read."),
            (PICTURE[:-20], "That picture is damaged or cut off"),
            (gif(60_000, 60_000, [(0, 0, 1, 1)]), "That picture is too large to read"),
        ],
    )
    async def test_a_hostile_file_is_refused_before_anything_is_queued(
        self, world: World, data: bytes, said: str, member: str
    ) -> None:
        options: dict[str, Any] = {"area": "left"} | {member: ("holiday.png", data)}
        result = await begin(world, "inpaint", **options)
        assert result.ephemeral
        assert said in world.words(result.response)
        assert await world.store.jobs.pending() == []
        assert list(world.store.files.work.iterdir()) == []
        # And the place in the queue was given back.
        assert not (await world.imagine(world.alice)).ephemeral
        await world.done()
        assert len(world.requests()) == 1

    async def test_while_a_file_takes_long_the_loop_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(decoding, "SECONDS", 1)
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        busy = asyncio.create_task(others())
        result = await begin(world, data=many_scans())
        busy.cancel()
        assert result.ephemeral
        said = [world.words(each) for each in (result.response, *result.followups) if each]
        assert any("Reading that picture takes too long" in words for words in said)
        assert turns > 20
        assert await world.store.jobs.pending() == []
        assert list(world.store.files.work.iterdir()) == []

    async def test_a_wrong_name_does_no_harm(self, world: World) -> None:
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(PICTURE)) as picture:
            picture.save(buffer, "GIF")
        await begin(world, picture=("a.jpg", buffer.getvalue()))
        await world.done()
        assert world.requests()[0]["source"]["picture"] == digest(clean(buffer.getvalue()))

    async def test_a_file_that_is_not_there_is_a_sentence(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Nothing listens there, whichever machine this is.
        async def gone(_: str) -> AsyncGenerator[bytes, None]:
            async for block in uploads.blocks_of("http://127.0.0.1:1/a.png"):
                yield block

        monkeypatch.setattr(world.bot.uploads, "_download", gone)
        result = await begin(world)
        assert result.ephemeral
        assert "Attach it again" in world.words(result.response)
        # And the place in the queue was given back.
        assert not (await world.imagine(world.alice)).ephemeral
        await world.done()


class TestGoingOn:
    @pytest.fixture
    async def round_(self, world: World) -> Round:
        options = {"seed": 5, "steps": 30, "width": 64, "height": 128, "negative": "red"}
        return await world.painted(world.alice, "a {big|small} star", **options)

    @pytest.mark.parametrize("times", [2, 4])
    async def test_a_picture_of_ours_is_upscaled(
        self, world: World, round_: Round, times: int
    ) -> None:
        await press(world, world.alice, f"upscale-{times}", round_)
        await world.done()
        _, asked = world.requests()
        assert (asked["source"]["times"], asked["tiled"], asked["count"]) == (times, True, 1)
        (image, *_) = await world.store.images.of_round(round_.id)
        assert asked["prompt"] == image.parameters["prompt"]
        assert (asked["steps"], asked["guidance"]) == (20, 1)  # however few the picture took

    @pytest.mark.parametrize(
        ("verb", "strength", "size", "within"),
        [
            ("vary-subtle", 0.4, [64, 128], None),
            ("vary-strong", 0.7, [64, 128], None),
            ("zoom-out", 0.95, [64, 128], "around"),
            ("zoom-far-out", 0.95, [64, 128], "far"),
            ("extend-left", 0.95, [None, None], "left"),
            ("extend-right", 0.95, [None, None], "right"),
            ("extend-up", 0.95, [None, None], "up"),
            ("extend-down", 0.95, [None, None], "down"),
        ],
    )
    async def test_a_picture_of_ours_is_gone_on_from(
        self,
        world: World,
        round_: Round,
        verb: str,
        strength: float,
        size: list[int | None],
        within: str | None,
    ) -> None:
        result = await press(world, world.alice, verb, round_, 1)
        await world.done()

        parent = (await world.store.images.of_round(round_.id))[1]
        _, asked = world.requests()
        assert asked["source"]["picture"] == parent.digest
        assert asked["source"]["strength"] == strength
        assert bool(asked["source"]["within"]) == bool(within)
        assert (asked["size"], asked["count"], asked["negative"]) == (size, 4, "red")
        assert asked["prompt"] == parent.parameters["prompt"]
        assert asked["seed"] != parent.seed
        assert (asked["liked"], asked["disliked"]) == ([], [])

        made = await world.newest()
        assert (made.board_id, made.number, made.parent_id) == (round_.board_id, 2, round_.id)
        images = await world.store.images.of_round(made.id)
        assert {image.parent_id for image in images} == {parent.id}
        message = await world.message_of(made)
        assert message.id == result.response.id
        assert f"from round 1, picture 2 · strength {strength:g}" in world.words(message)
        panel = await world.bob.click(message, custom_id=f"more:{images[0].id}")
        assert "Made from round 1, picture 2" in world.words(panel.response)

    async def test_a_form_restyles_it_in_other_words(self, world: World, round_: Round) -> None:
        image = (await world.store.images.of_round(round_.id))[0]
        form = await press(world, world.alice, "restyle", round_)
        filled = {
            each["component"]["custom_id"]: each["component"]["value"]
            for each in form.modal["components"]
        }
        assert filled == {"prompt": image.parameters["prompt"], "strength": "0.6"}

        words = {"prompt": "a moon", "strength": "0,5"}
        result = await world.alice.submit_modal(form, words)
        await world.done()
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["source"]["strength"]) == ("a moon", 0.5)
        assert world.pictures(result.response) == 4

    @pytest.mark.parametrize(
        ("strength", "said"),
        [("much", "I do not understand the number `much`"), ("7", "not 7"), ("nan", "not nan")],
    )
    async def test_a_strength_that_is_none_is_refused(
        self, world: World, round_: Round, strength: str, said: str
    ) -> None:
        form = await press(world, world.alice, "restyle", round_)
        result = await world.alice.submit_modal(form, {"prompt": "x", "strength": strength})
        assert result.ephemeral
        assert said in world.words(result.response)

    async def test_on_anothers_picture_it_starts_a_board_of_ones_own(
        self, world: World, round_: Round
    ) -> None:
        await press(world, world.bob, "vary-subtle", round_)
        await world.done()
        made = await world.newest()
        board = await world.store.boards.get(made.board_id)
        assert board is not None
        assert (board.owner_id, board.forked_from) == (world.bob.id, round_.id)
        words = world.words(await world.message_of(made))
        assert f"from round 1, picture 1 of {world.alice.mention}'s board" in words

    async def test_the_next_round_goes_on_from_the_same_picture_steered_by_likes(
        self, world: World, round_: Round
    ) -> None:
        await press(world, world.alice, "extend-left", round_)
        await world.done()
        made = await world.newest()
        images = await world.store.images.of_round(made.id)
        message = await world.message_of(made)
        await world.alice.click(message, custom_id=f"like:{images[2].id}")
        await world.alice.react(message, "🔁")
        await world.done()

        first, second = world.requests()[1:]
        assert second["source"] == first["source"]
        assert [liked[0] for liked in second["liked"]] == [images[2].digest]
        assert second["explore"] == first["explore"]
        parents = await world.store.images.of_round((await world.newest()).id)
        assert {image.parent_id for image in parents} == {images[0].parent_id}

    async def test_what_was_made_from_a_picture_outlives_it(
        self, world: World, round_: Round
    ) -> None:
        await press(world, world.alice, "vary-strong", round_)
        await world.done()
        made = await world.newest()
        await world.alice.click(await world.message_of(round_), custom_id=f"delete:{round_.id}")
        message = await world.message_of(made)
        image = (await world.store.images.of_round(made.id))[0]
        await world.alice.click(message, custom_id=f"like:{image.id}")
        assert "from a picture that has been deleted since" in world.words(message)
        await world.alice.click(message, custom_id=f"next:{made.id}")
        await world.done()
        first, second = world.requests()[1:]
        assert second["source"] == first["source"]

    async def test_a_deleted_picture_cannot_be_gone_on_from(
        self, world: World, round_: Round
    ) -> None:
        image = (await world.store.images.of_round(round_.id))[0]
        message = await world.message_of(round_)
        panel = await world.alice.click(message, custom_id=f"more:{image.id}")
        await world.store.rounds.delete(round_.id)
        result = await world.alice.click(panel.response, custom_id=f"vary-subtle:{image.id}")
        assert world.words(result.response) == "This picture has been deleted."

    async def test_it_counts_on_the_quota_of_who_pressed(self, world: World, round_: Round) -> None:
        await world.admin.slash(world.channel, "konomi settings", pictures_per_day=4)
        result = await press(world, world.alice, "vary-subtle", round_)
        assert "You can have 4 pictures within 24 hours here, and 0 are left" in world.words(
            result.response
        )
        assert not (await press(world, world.bob, "vary-subtle", round_)).ephemeral
        await world.done()

    async def test_the_panel_fits_into_a_message(self, world: World) -> None:
        round_ = await world.painted(world.alice, "*_" * 750, negative="*_" * 750)
        image = (await world.store.images.of_round(round_.id))[0]
        message = await world.message_of(round_)
        panel = await world.alice.click(message, custom_id=f"more:{image.id}")
        assert len(world.raw(panel.response)) <= 40
        assert len(world.words(panel.response)) <= 4000
