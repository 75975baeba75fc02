"""From /imagine to a round, a like, and the next round that follows it."""

from __future__ import annotations

from tests.bot.world import World


async def test_a_request_becomes_a_round_in_the_same_message(world: World) -> None:
    result = await world.imagine(world.alice, "a red star on a blue background", seed=7)
    await world.done()

    round_ = await world.newest()
    message = await world.message_of(round_)
    assert message.id == result.response.id
    assert world.galleries(message) == [4]
    title, line, *_ = world.words(message).splitlines()
    assert title == "**a red star on a blue background**"
    assert line == f"-# {world.alice.mention}'s round 1"
    assert "seed" not in world.words(message)
    assert [each.filename for each in message.attachments] == [
        f"konomi-{round_.id}-{number}.png" for number in (1, 2, 3, 4)
    ]


async def test_a_like_shows_on_the_button_and_steers_the_next_round(world: World) -> None:
    first = await world.painted(world.alice)
    images = await world.store.images.of_round(first.id)
    message = await world.message_of(first)

    await world.alice.click(message, custom_id=f"like:{images[1].id}")
    await world.dislike(world.alice, images[2])
    await world.done()
    assert world.buttons(message)[f"like:{images[1].id}"] == "👍2 (1)"
    assert world.styles(message)[f"like:{images[1].id}"] == 3
    panel = (await world.ellipsis(world.alice, first)).response
    assert world.buttons(panel)[f"panel-dislike:{images[2].id}"] == "👎3 (1)"
    assert world.styles(panel)[f"panel-dislike:{images[2].id}"] == 4

    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    second = await world.newest()
    assert (second.board_id, second.number) == (first.board_id, 2)
    asked = world.requests()[-1]
    assert asked["liked"] == [[images[1].digest, 1.0]]
    assert asked["disliked"] == [[images[2].digest, 1.0]]
    assert asked["names"] == ["R1 #2", "R1 #3"]
    assert asked["seed"] != world.requests()[0]["seed"]
    shown = await world.message_of(second)
    assert world.galleries(shown) == [4, 1]
    whose = f"{world.alice.mention}'s"
    said = f"Follows {whose} 1 like and 1 dislike; 3, 4 are wildcards"
    assert said in world.words(shown)
    shares = [
        i.parameters["feedback_explore"] for i in await world.store.images.of_round(second.id)
    ]
    assert shares == [0, 0, 1, 1]


async def test_a_like_is_withdrawn_by_the_same_button(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[0]
    message = await world.message_of(round_)
    for label, style in (("👍1 (1)", 3), ("👍1", 2)):
        await world.alice.click(message, custom_id=f"like:{image.id}")
        assert world.buttons(message)[f"like:{image.id}"] == label
        assert world.styles(message)[f"like:{image.id}"] == style


async def test_a_picture_is_varied_and_enlarged_with_one_click(world: World) -> None:
    round_ = await world.painted(world.alice)
    image = (await world.store.images.of_round(round_.id))[2]
    message = await world.message_of(round_)

    await world.alice.click(message, custom_id=f"vary-strong:{image.id}")
    await world.done()
    varied = await world.message_of(await world.newest())
    assert "Varied strongly from round 1, picture 3" in world.words(varied)
    assert world.requests()[-1]["source"]["strength"] == 0.7

    await world.alice.click(message, custom_id=f"upscale-2:{image.id}")
    await world.done()
    upscaled = await world.message_of(await world.newest())
    assert "Upscaled 2× from round 1, picture 3" in world.words(upscaled)
    assert world.requests()[-1]["source"]["times"] == 2


async def test_a_reroll_keeps_prompt_and_steering_and_takes_other_seeds(world: World) -> None:
    first = await world.painted(world.alice)
    images = await world.store.images.of_round(first.id)
    message = await world.message_of(first)
    await world.alice.click(message, custom_id=f"like:{images[1].id}")
    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    steered = await world.newest()
    await world.alice.click(await world.message_of(steered), custom_id=f"retry:{steered.id}")
    await world.done()
    *_, before, after = world.requests()
    assert (await world.newest()).number == 3
    assert after["liked"] == before["liked"] != []
    assert after["prompt"] == before["prompt"]
    assert after["seed"] != before["seed"]


async def test_a_reroll_is_not_steered_by_a_like_that_was_taken_back(world: World) -> None:
    first = await world.painted(world.alice)
    images = await world.store.images.of_round(first.id)
    message = await world.message_of(first)
    for image in images[:2]:
        await world.alice.click(message, custom_id=f"like:{image.id}")
    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()
    steered = await world.newest()
    await world.alice.click(message, custom_id=f"like:{images[0].id}")
    await world.alice.click(await world.message_of(steered), custom_id=f"retry:{steered.id}")
    await world.done()
    assert [digest for digest, _ in world.requests()[-1]["liked"]] == [images[1].digest]


async def test_eight_pictures_stand_in_one_message(world: World) -> None:
    round_ = await world.painted(world.alice, count=8)
    (post,) = await world.store.rounds.posts(round_.id)
    message = world.message(post.message_id)
    images = await world.store.images.of_round(round_.id)
    assert world.galleries(message) == [8]
    assert list(world.buttons(message)) == [
        *(f"like:{image.id}" for image in images),
        *(f"{verb}:{round_.id}" for verb in ("next", "retry", "round")),
    ]
    await world.alice.react(message, "7️⃣")
    await world.done()
    assert world.buttons(message)[f"like:{images[6].id}"] == "👍7 (1)"


async def test_a_fork_says_where_it_comes_from(world: World) -> None:
    first = await world.painted(world.alice)
    await world.bob.click(await world.message_of(first), custom_id=f"next:{first.id}")
    await world.done()
    words = world.words(await world.message_of(await world.newest()))
    assert f"{world.bob.mention}'s round 1" in words
    assert f"continues round 1 of {world.alice.mention}'s board" in words


async def test_a_round_says_whose_likes_it_follows(world: World) -> None:
    first = await world.painted(world.alice)
    image = (await world.store.images.of_round(first.id))[0]
    await world.alice.click(await world.message_of(first), custom_id=f"like:{image.id}")
    await world.alice.click(await world.message_of(first), custom_id=f"next:{first.id}")
    await world.done()
    steered = await world.newest()
    await world.bob.click(await world.message_of(steered), custom_id=f"retry:{steered.id}")
    await world.done()
    words = world.words(await world.message_of(await world.newest()))
    assert f"Follows {world.alice.mention}'s 1 like" in words


async def test_default_words_of_a_command_are_never_shown_as_a_members(world: World) -> None:
    from tests.bot.begun import PICTURE

    for command, happened in (("upscale", "Upscaled 2×"), ("restore", "Restored")):
        await world.alice.slash(world.channel, command, picture=("a.png", PICTURE))
        await world.done()
        words = world.words(await world.message_of(await world.newest()))
        assert words.splitlines()[0] == f"**{happened} from an uploaded picture**"
        assert "sharp" not in words
        assert "undamaged" not in words
        assert "never seen" not in words
        assert "Next round" not in words
