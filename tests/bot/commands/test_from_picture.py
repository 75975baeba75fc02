"""Painting from a picture that someone uploads."""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions.source_options import AREAS, WIDER
from generation.catalog.entries import ENLARGED, RESTORED
from tests.bot.begun import MASK, PICTURE, begin, digest
from tests.bot.world import World


async def test_an_upload_is_restyled(world: World) -> None:
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
    assert "Restyled from an uploaded picture" in world.words(message)
    assert world.pictures(message) == 2


async def test_without_a_size_the_painter_finds_one(world: World) -> None:
    await begin(world)
    await world.done()
    assert world.requests()[0]["size"] == [None, None]


@pytest.mark.parametrize("area", sorted(AREAS))
async def test_a_named_area_is_painted_anew(world: World, area: str) -> None:
    await begin(world, "inpaint", area=area)
    await world.done()
    source = world.requests()[0]["source"]
    assert source["strength"] == 1
    assert len(source["anew"]) == len(AREAS[area])
    assert source["mask"] is None


async def test_a_mask_says_where_to_paint_anew(world: World) -> None:
    await begin(world, "inpaint", mask=("mask.png", MASK))
    await world.done()
    source = world.requests()[0]["source"]
    assert (source["picture"], source["mask"]) == (digest(PICTURE), digest(MASK))


async def test_one_of_mask_and_area_is_needed(world: World) -> None:
    result = await begin(world, "inpaint")
    assert result.ephemeral
    assert "choose an `area`, or attach a `mask`" in world.words(result.response)


@pytest.mark.parametrize("direction", sorted(WIDER))
async def test_a_picture_is_painted_on(world: World, direction: str) -> None:
    await begin(world, "outpaint", direction=direction)
    await world.done()
    box = WIDER[direction]
    within = [box.left, box.top, box.right, box.bottom]
    assert world.requests()[0]["source"]["within"] == within


async def test_nobody_has_to_say_what_a_wider_view_shows(world: World) -> None:
    await world.alice.slash(world.channel, "outpaint", picture=("a.png", PICTURE))
    await world.done()
    assert "a wider view" in world.requests()[0]["prompt"]
    assert "**a wider view" in world.words(await world.message_of(await world.newest()))


async def test_an_upload_is_painted_larger_in_tiles(world: World) -> None:
    await world.alice.slash(world.channel, "upscale", picture=("a.png", PICTURE), times=3)
    await world.done()
    (asked,) = world.requests()
    assert (asked["source"]["times"], asked["tiled"], asked["count"]) == (3, True, 1)
    assert (asked["source"]["strength"], asked["size"]) == (0.15, [None, None])


async def test_noise_is_taken_out_of_an_upload_as_far_as_it_is_found(world: World) -> None:
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
    world: World, options: dict[str, Any], mend: dict[str, Any]
) -> None:
    masked = {"picture": ("a.png", PICTURE), "mask": ("mask.png", MASK)}
    await world.alice.slash(world.channel, "restore", **masked, **options)
    await world.done()
    (asked,) = world.requests()
    assert asked["source"]["mend"] == mend
    assert asked["source"]["mask"] == digest(MASK)


async def test_a_restored_picture_can_be_larger_and_goes_on_as_it_began(world: World) -> None:
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


async def test_it_works_in_direct_messages(world: World) -> None:
    user = world.alice.user
    result = await user.slash("restyle", picture=("a.png", PICTURE), prompt="a star")
    await world.done()
    assert world.pictures(result.response) == 4


async def test_nothing_of_an_upload_is_left_but_what_the_round_owns(world: World) -> None:
    await begin(world)
    await world.done()
    files = world.store.files
    assert list(files.work.iterdir()) == []
    round_ = await world.newest()
    assert round_.source_digest is not None
    assert files.path(round_.source_digest).read_bytes() == PICTURE
    await world.delete(world.alice, round_)
    assert not files.path(round_.source_digest).exists()
