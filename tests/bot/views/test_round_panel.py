"""The private panel of a round behind ⋯: its pictures, 👎, settings, and deleting, which asks."""

from __future__ import annotations

from tests.bot.world import World


async def test_a_dislike_shows_in_the_panel_at_once_and_again_withdraws_it(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[1]
    panel = (await world.ellipsis(world.alice, round_)).response
    for label in ("👎2 (1)", "👎2"):
        await world.alice.click(panel, custom_id=f"panel-dislike:{image.id}")
        assert world.buttons(panel)[f"panel-dislike:{image.id}"] == label


async def test_a_dislike_takes_a_like_off_the_message(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[1]
    message = await world.message_of(round_)
    await world.alice.click(message, custom_id=f"like:{image.id}")
    await world.dislike(world.alice, image)
    await world.done()
    assert world.buttons(message)[f"like:{image.id}"] == "👍2"


async def test_each_picture_is_opened_from_the_panel_again_and_again(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[3]
    panel = (await world.ellipsis(world.bob, round_)).response
    assert world.buttons(panel)[f"more:{image.id}"] == "🖼️4"
    for _ in range(2):
        opened = await world.bob.click(panel, custom_id=f"more:{image.id}")
        assert opened.response.flags.ephemeral
        assert "Picture 4 of round 1" in world.words(opened.response)


async def test_the_select_of_an_earlier_versions_panel_still_opens_a_picture(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[3]
    message = await world.message_of(round_)
    custom_id = f"pick:{round_.id}"
    options = [{"label": "Picture 4", "value": str(image.id)}]
    select = {"type": 3, "custom_id": custom_id, "options": options}
    stored = world.env.backend.get_message(message.channel.id, message.id)
    stored.components = [{"type": 1, "components": [select]}]
    opened = await world.bob.select(message, [str(image.id)], custom_id=custom_id)
    assert opened.response.flags.ephemeral
    assert "Picture 4 of round 1" in world.words(opened.response)


async def test_settings_stand_in_place_of_the_panel_and_lead_back(world: World) -> None:
    round_ = await world.painted(world.alice, seed=7, negative="grey")
    panel = (await world.ellipsis(world.bob, round_)).response
    await world.bob.click(panel, custom_id=f"round-settings:{round_.id}")
    assert "Seed: `7`" in world.words(panel)
    assert "Negative prompt: grey" in world.words(panel)
    await world.bob.click(panel, custom_id=f"round:{round_.id}")
    assert f"round-settings:{round_.id}" in world.buttons(panel)


async def test_deleting_asks_once(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    asked = (await world.in_panel(world.alice, round_, "delete")).response
    assert "Delete round 1 and its 4 pictures?" in world.words(asked)
    assert message in world.ours()

    await world.alice.click(asked, custom_id=f"round:{round_.id}")
    assert f"delete:{round_.id}" in world.buttons(asked)
    await world.alice.click(asked, custom_id=f"delete:{round_.id}")
    await world.alice.click(asked, custom_id=f"delete-now:{round_.id}")
    await world.done()
    assert world.words(asked) == "Deleted."
    assert message.id not in [each.id for each in world.ours()]
    assert await world.store.rounds.get(round_.id) is None


async def test_who_may_not_delete_is_told_before_they_are_asked(world: World) -> None:
    round_ = await world.painted(world.alice)
    refused = await world.in_panel(world.bob, round_, "delete")
    assert "Only the person who asked" in world.words(refused.response)
    assert await world.store.rounds.get(round_.id) is not None
