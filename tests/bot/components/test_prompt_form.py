"""Other words for the next round, or for a variation: the forms, and what they are refused with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.views import press
from storage.records import Round
from tests.bot.sight import Scene
from tests.bot.world import World


async def opened(world: World, member: Any, round_: Round, custom_id: str) -> Any:
    """Press a button that a panel of the round has, on its message."""
    message = await world.message_of(round_)
    stored = world.env.backend.get_message(message.channel.id, message.id)
    before = stored.components
    button = {"type": 2, "style": 2, "label": "press", "custom_id": custom_id}
    stored.components = [{"type": 1, "components": [button]}]
    try:
        return await member.click(message, custom_id=custom_id)
    finally:
        stored.components = before


def filled_in(form: Any) -> dict[str, str]:
    """What stands in the fields of a form as it is opened."""
    fields = [each["component"] for each in form.modal["components"]]
    return {field["custom_id"]: field.get("value", "") for field in fields}


async def test_the_next_round_is_painted_with_other_words_and_the_same_likes(world: World) -> None:
    round_ = await world.painted(world.alice, "a red star", negative="grey", count=2)
    liked, _ = await world.store.images.of_round(round_.id)
    await world.alice.click(await world.message_of(round_), custom_id=f"like:{liked.id}")
    form = await opened(world, world.alice, round_, f"change-prompt:{round_.id}")
    assert filled_in(form) == {"prompt": "a red star", "negative": "grey"}

    await world.alice.submit_modal(form, {"prompt": "a blue star", "negative": ""})
    await world.done()
    after = await world.newest()
    assert (after.board_id, after.number) == (round_.board_id, 2)
    assert (after.parameters["prompt"], after.parameters["negative_prompt"]) == ("a blue star", "")
    assert [steer.image_id for steer in await world.store.rounds.steers(after.id)] == [liked.id]

    form = await opened(world, world.alice, after, f"change-prompt:{after.id}")
    assert filled_in(form) == {"prompt": "a blue star", "negative": ""}


async def test_another_members_round_is_forked_with_the_words(world: World) -> None:
    round_ = await world.painted(world.alice, "a red star")
    form = await opened(world, world.bob, round_, f"change-prompt:{round_.id}")
    await world.bob.submit_modal(form, {"prompt": "a blue star", "negative": ""})
    await world.done()
    after = await world.newest()
    board = await world.store.boards.get(after.board_id)
    assert board is not None
    assert (board.owner_id, board.forked_from) == (world.bob.id, round_.id)
    assert after.parameters["prompt"] == "a blue star"


async def test_a_picture_is_varied_with_other_words(world: World) -> None:
    round_ = await world.painted(world.alice, "a {red|red} star", negative="grey")
    image = (await world.store.images.of_round(round_.id))[2]
    form = await opened(world, world.alice, round_, f"vary-prompt:{image.id}")
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
    image = (await world.store.images.of_round(round_.id))[0]
    form = await opened(world, world.alice, round_, f"edit:{image.id}")
    await world.alice.submit_modal(form, {"instruction": "make it blue", "keep": ""})
    await world.done()
    edited = await world.newest()
    form = await opened(world, world.alice, edited, f"change-prompt:{edited.id}")
    result = await world.alice.submit_modal(form, {"prompt": "seen from above", "negative": ""})
    assert "not where they are seen from" in world.words(result.response)


def test_the_buttons_carry_ids_alone() -> None:
    for button, custom_id in (
        (press.change_prompt(12, "en-US"), "change-prompt:12"),
        (press.vary_prompt(34, "ja"), "vary-prompt:34"),
    ):
        assert button.custom_id == custom_id
        assert len(button.label or "") <= 80
        assert json.dumps(button.label)
