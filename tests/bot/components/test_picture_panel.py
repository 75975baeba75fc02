"""A picture's private panel: the picture, then its actions, then its details, folded."""

from __future__ import annotations

from typing import Any

import pytest

from storage.records import Round
from tests.bot.begun import unfolded
from tests.bot.world import World


@pytest.fixture
async def round_(world: World) -> Round:
    return await world.painted(world.alice)


async def opened(world: World, member: Any, round_: Round, position: int = 0) -> tuple[Any, int]:
    """The panel of a picture, and the picture's id."""
    image = (await world.store.images.of_round(round_.id))[position]
    panel = await world.panel(member, image)
    assert panel.ephemeral
    return panel.response, image.id


async def rating(world: World, image_id: int, member: Any) -> int:
    ratings = await world.store.ratings.of_image(image_id)
    return next((each.value for each in ratings if each.member_id == member.id), 0)


async def test_it_shows_the_picture_then_its_actions_and_no_settings(
    world: World, round_: Round
) -> None:
    panel, image_id = await opened(world, world.bob, round_, 1)
    kinds = [each["type"] for each in world.raw(panel)]
    assert kinds.index(12) < kinds.index(2)
    assert world.words(panel) == "**Picture 2 of round 1**"
    verbs = [id_.removesuffix(f":{image_id}") for id_ in world.buttons(panel)]
    assert verbs == [
        *("picture-like", "picture-dislike", "edit", "restyle", "repaint"),
        *("vary-subtle", "vary-strong", "vary-prompt", "zoom-out", "zoom-far-out"),
        *("upscale-2", "upscale-4"),
        *("extend-left", "extend-right", "extend-up", "extend-down", "details"),
    ]
    assert len(world.raw(panel)) <= 40


async def test_ratings_show_in_the_panel_and_on_the_rounds_message(
    world: World, round_: Round
) -> None:
    panel, image_id = await opened(world, world.bob, round_)
    like, dislike = f"picture-like:{image_id}", f"picture-dislike:{image_id}"
    await world.bob.click(panel, custom_id=like)
    assert await rating(world, image_id, world.bob) == 1
    assert world.buttons(panel)[like] == "👍1"
    await world.done()
    assert "1" in world.buttons(await world.message_of(round_))[f"like:{image_id}"]

    await world.bob.click(panel, custom_id=dislike)
    assert await rating(world, image_id, world.bob) == -1
    assert (world.buttons(panel)[like], world.buttons(panel)[dislike]) == ("👍", "👎1")
    await world.bob.click(panel, custom_id=dislike)
    assert await rating(world, image_id, world.bob) == 0
    assert world.pictures(panel) == 1


async def test_details_are_unfolded_stay_so_and_are_folded(world: World, round_: Round) -> None:
    panel, image_id = await opened(world, world.bob, round_)
    assert "Seed: " in await unfolded(world, world.bob, panel)
    await world.bob.click(panel, custom_id=f"picture-like:{image_id}")
    assert "Seed: " in world.words(panel)
    assert world.pictures(panel) == 1
    await world.bob.click(panel, custom_id=f"fold:{image_id}")
    assert "Seed: " not in world.words(panel)


async def test_it_outlives_what_it_shows(world: World, round_: Round) -> None:
    panel, image_id = await opened(world, world.bob, round_)
    await world.store.rounds.delete(round_.id)
    for verb in ("picture-like", "details", "vary-strong", "edit"):
        result = await world.bob.click(panel, custom_id=f"{verb}:{image_id}")
        assert "This picture was deleted" in world.words(result.response)


async def test_of_a_comparison_it_rates_the_picture_and_stays(world: World) -> None:
    options = {"prompt": "a red star", "across": "steps", "across_values": "10, 20"}
    await world.alice.slash(world.channel, "compare", **options)
    await world.done()
    round_ = await world.newest()
    images = await world.store.images.of_round(round_.id)
    sheet = world.ours()[-1]
    page = await world.alice.click(sheet, custom_id=f"single:{images[0].id}")
    panel = await world.alice.click(page.response, custom_id=f"more:{images[1].id}")
    await world.alice.click(panel.response, custom_id=f"picture-like:{images[1].id}")
    assert await rating(world, images[1].id, world.alice) == 1
    assert world.words(panel.response) == "**Picture 2 of round 1**"
