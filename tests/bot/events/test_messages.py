"""Mentions with words, and direct messages: no privileged intent is needed for either."""

from __future__ import annotations

from bot.client import intents
from tests.bot.world import World


def mention(world: World) -> str:
    assert world.bot.user is not None
    return world.bot.user.mention


def test_only_intents_that_anybody_gets_are_asked_for() -> None:
    asked = intents()
    assert [asked.message_content, asked.members, asked.presences] == [False] * 3


async def test_a_mention_with_words_paints(world: World) -> None:
    asked = await world.alice.send(world.channel, f"{mention(world)}  a red\nstar ")
    await world.done()
    round_ = await world.newest()
    assert round_.parameters["prompt"] == "a red star"
    message = await world.message_of(round_)
    assert message.reference is not None
    assert message.reference.message_id == asked.id
    assert world.pictures(message) == 4


async def test_a_mention_without_words_is_told_what_to_say(world: World) -> None:
    await world.alice.send(world.channel, mention(world))
    assert world.words(world.ours()[-1]).startswith("Say what to paint")


async def test_other_messages_paint_nothing(world: World) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    await world.alice.send(world.channel, "a red star")
    await world.alice.send(world.channel, "lovely!", reply_to=message)
    await world.alice.send(world.channel, f"{world.bob.mention} a red star")
    await world.done()
    assert len(world.requests()) == 1


async def test_other_bots_are_not_answered(world: World) -> None:
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await robot.send(world.channel, f"{mention(world)} a red star")
    assert world.ours() == []


async def test_a_direct_message_paints_and_its_reactions_count(world: World) -> None:
    user = world.alice.user
    await user.send_dm("a blue square")
    await world.done()
    round_ = await world.newest()
    board = await world.store.boards.get(round_.board_id)
    assert board is not None
    assert (board.server_id, board.owner_id) == (0, user.id)
    message = user.dm_channel.last_message
    assert world.pictures(message) == 4

    await user.set_reaction(message, "2️⃣", reacted=True)
    await user.set_reaction(message, "🔁", reacted=True)
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 1


async def test_commands_and_buttons_work_in_direct_messages(world: World) -> None:
    user = world.alice.user
    result = await user.slash("imagine", prompt="a blue square")
    await world.done()
    assert world.pictures(result.response) == 4
    round_ = await world.newest()
    await user.click(result.response, custom_id=f"next:{round_.id}")
    await world.done()
    assert len(world.requests()) == 2
    panel = (await user.click(result.response, custom_id=f"round:{round_.id}")).response
    for verb in ("delete", "delete-now"):
        await user.click(panel, custom_id=f"{verb}:{round_.id}")
    assert await world.store.rounds.get(round_.id) is None


async def test_what_is_refused_is_answered_where_it_was_asked(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=2)
    await world.alice.send(world.channel, f"{mention(world)} a red star")
    assert "You can ask for 2 pictures in 24 hours here" in world.words(world.ours()[-1])


async def test_japanese_is_answered_in_japanese(world: World) -> None:
    await world.alice.send(world.channel, f"{mention(world)} 赤いほし")
    await world.done()
    message = await world.message_of(await world.newest())
    assert "さんのラウンド 1" in world.words(message)
    assert "次のラウンド" in world.buttons(message).values()


async def test_members_are_answered_in_the_language_they_were_last_seen_with(world: World) -> None:
    await world.store.members.seen(world.guild.id, world.alice.id, "ja")
    await world.alice.send(world.channel, mention(world))
    assert world.words(world.ours()[-1]).startswith("何を描くか")
