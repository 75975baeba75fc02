"""Other words for the next round, or for a variation: the forms, and what they are refused with."""

from __future__ import annotations

from typing import Any

import pytest

from generation.catalog.entries import INTACT
from tests.bot.begun import PICTURE, press
from tests.bot.sight import Scene
from tests.bot.world import World


def filled_in(form: Any) -> dict[str, str]:
    """What stands in the fields of a form as it is opened."""
    fields = [each["component"] for each in form.modal["components"]]
    return {field["custom_id"]: field.get("value", "") for field in fields}


async def test_the_next_round_is_painted_with_other_words_and_the_same_likes(world: World) -> None:
    round_ = await world.painted(world.alice, "a red star", negative="grey", count=2)
    liked, _ = await world.store.images.of_round(round_.id)
    await world.alice.click(await world.message_of(round_), custom_id=f"like:{liked.id}")
    form = await world.in_panel(world.alice, round_, "change-prompt")
    assert filled_in(form) == {"prompt": "a red star", "negative": "grey"}

    await world.alice.submit_modal(form, {"prompt": "a blue star", "negative": ""})
    await world.done()
    after = await world.newest()
    assert (after.board_id, after.number) == (round_.board_id, 2)
    assert (after.parameters["prompt"], after.parameters["negative_prompt"]) == ("a blue star", "")
    assert [steer.image_id for steer in await world.store.rounds.steers(after.id)] == [liked.id]

    form = await world.in_panel(world.alice, after, "change-prompt")
    assert filled_in(form) == {"prompt": "a blue star", "negative": ""}


async def test_another_members_round_is_forked_with_the_words(world: World) -> None:
    first = await world.painted(world.alice, "a red star")
    liked, *_ = await world.store.images.of_round(first.id)
    message = await world.message_of(first)
    await world.alice.click(message, custom_id=f"like:{liked.id}")
    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    round_ = await world.newest()
    form = await world.in_panel(world.bob, round_, "change-prompt")
    await world.bob.submit_modal(form, {"prompt": "a blue star", "negative": ""})
    await world.done()
    after = await world.newest()
    board = await world.store.boards.get(after.board_id)
    assert board is not None
    assert (board.owner_id, board.forked_from) == (world.bob.id, round_.id)
    assert after.parameters["prompt"] == "a blue star"
    # As after Next: what steered the round steers the fork until its owner rates something.
    assert [steer.image_id for steer in await world.store.rounds.steers(after.id)] == [liked.id]


async def test_a_picture_is_varied_with_other_words(world: World) -> None:
    round_ = await world.painted(world.alice, "a {red|red} star", negative="grey")
    image = (await world.store.images.of_round(round_.id))[2]
    form = await press(world, world.alice, "vary-prompt", round_, 2)
    assert filled_in(form) == {"prompt": "a red star", "negative": "grey"}

    await world.alice.submit_modal(form, {"prompt": "a blue star", "negative": "green"})
    await world.done()
    after = await world.newest()
    assert after.source_digest == image.digest
    assert after.parameters["source"]["strength"] == 0.7
    assert after.parameters["prompt"] == "a blue star"
    assert after.parameters["negative_prompt"] == "green"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"prompt": "  ", "negative": ""}, "Say what to paint"),
        ({"prompt": "x" * 1501, "negative": ""}, "the limit is 1,500."),
        ({"prompt": "a {red|blue}} star", "negative": ""}, "needs a matching"),
        ({"prompt": "a star", "negative": "{a|b}" * 25}, "up to 24 choices in braces"),
    ],
)
async def test_the_words_are_held_to_every_rule(
    scene: Scene, words: dict[str, str], said: str
) -> None:
    world = scene.world
    target = await scene.put("#pictures", world.alice.id)
    asker = scene.asker(world.bob, "#pictures")
    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in words.items()
    ]
    before = await scene.state()
    for custom_id in (
        f"next-prompt-form:{target.round.id}",
        f"vary-prompt-form:{target.image.id}",
    ):
        assert said in scene.answer(await scene.submit(asker, custom_id, fields))
    assert await scene.state() == before


async def test_the_form_is_answered_after_a_restart_and_in_japanese(scene: Scene) -> None:
    # Nothing of a form is kept: this one was never shown by this run.
    world = scene.world
    target = await scene.put("#pictures", world.alice.id)
    asker = scene.asker(world.alice, "#pictures")
    values = {"prompt": "青い星", "negative": ""}
    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in values.items()
    ]
    await scene.submit(asker, f"next-prompt-form:{target.round.id}", fields)
    await world.done()
    assert (await world.newest()).parameters["prompt"] == "青い星"


async def test_a_round_of_an_edit_asks_for_an_instruction(world: World) -> None:
    round_ = await world.painted(world.alice, "a red star")
    form = await press(world, world.alice, "edit", round_)
    await world.alice.submit_modal(form, {"instruction": "make it blue", "keep": ""})
    await world.done()
    edited = await world.newest()
    form = await world.in_panel(world.alice, edited, "change-prompt")
    result = await world.alice.submit_modal(form, {"prompt": "seen from above", "negative": ""})
    assert "not where they are seen from" in world.words(result.response)


async def test_words_that_a_command_put_in_are_not_filled_in(world: World) -> None:
    await world.alice.slash(world.channel, "restore", picture=("old.png", PICTURE))
    await world.done()
    round_ = await world.newest()
    assert round_.parameters["prompt"] == INTACT
    for form in (
        await world.in_panel(world.alice, round_, "change-prompt"),
        await press(world, world.alice, "vary-prompt", round_),
    ):
        assert filled_in(form)["prompt"] == ""


async def test_an_edited_picture_is_varied_with_what_the_edit_made_of_its_words(
    world: World,
) -> None:
    round_ = await world.painted(world.alice, "a red star")
    form = await press(world, world.alice, "edit", round_)
    await world.alice.submit_modal(form, {"instruction": "make it blue", "keep": ""})
    await world.done()
    form = await press(world, world.alice, "vary-prompt", await world.newest())
    assert filled_in(form)["prompt"] == "a blue star"
