"""From /imagine to a round, a like, and the next round that follows it."""

from __future__ import annotations

from tests.bot.world import World


async def test_a_request_becomes_a_round_in_the_same_message(world: World) -> None:
    result = await world.imagine(world.alice, "a red star on a blue background", seed=7)
    await world.done()

    round_ = await world.newest()
    message = await world.message_of(round_)
    assert message.id == result.response.id
    assert world.pictures(message) == 4
    assert "a red star on a blue background" in world.words(message)
    assert "seed 7" in world.words(message)
    assert world.alice.mention in world.words(message)
    assert [each.filename for each in message.attachments] == [
        f"konomi-{round_.id}-{number}.png" for number in (1, 2, 3, 4)
    ]


async def test_a_like_shows_on_the_button_and_steers_the_next_round(world: World) -> None:
    first = await world.painted(world.alice)
    images = await world.store.images.of_round(first.id)
    message = await world.message_of(first)

    await world.alice.click(message, custom_id=f"like:{images[1].id}")
    await world.alice.click(message, custom_id=f"dislike:{images[2].id}")
    assert world.buttons(message)[f"like:{images[1].id}"] == "👍1"
    assert world.buttons(message)[f"dislike:{images[2].id}"] == "👎1"

    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    second = await world.newest()
    assert (second.board_id, second.number) == (first.board_id, 2)
    asked = world.requests()[-1]
    assert asked["liked"] == [[images[1].digest, 1.0]]
    assert asked["disliked"] == [[images[2].digest, 1.0]]
    assert asked["seed"] != world.requests()[0]["seed"]
    shown = await world.message_of(second)
    assert world.pictures(shown) == 5
    assert "Steered by 1 liked and 1 disliked picture: 👍 1.2 · 👎 1.3" in world.words(shown)
    assert "to try something new: 3, 4" in world.words(shown)
    shares = [
        i.parameters["feedback_explore"] for i in await world.store.images.of_round(second.id)
    ]
    assert shares == [0, 0, 1, 1]
