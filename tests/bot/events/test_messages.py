"""Mentions with words, and direct messages: no privileged intent is needed for either."""

from __future__ import annotations

import pytest

from bot.actions.replies import is_remark, numbered
from bot.client import intents
from storage.records import Round
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
    await world.painted(world.alice)
    await world.alice.send(world.channel, "a red star")
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


class TestReplies:
    """A reply to a picture edits it, unless its author switched off that it pings."""

    @pytest.fixture
    async def round_(self, world: World) -> Round:
        """One that no command or button brought: Discord tells us replies to those alone."""
        await world.alice.send(world.channel, f"{mention(world)} a red star")
        await world.done()
        return await world.newest()

    async def reply(self, world: World, words: str, message: object) -> None:
        await world.alice.send(world.channel, words, reply_to=message)
        await world.done()

    async def test_words_to_a_picture_edit_it(self, world: World) -> None:
        alone = await world.message_of(await world.painted(world.alice, count=1))
        await world.alice.react(alone, "🔁")
        await world.done()
        await self.reply(world, "make it blue", await world.message_of(await world.newest()))
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["keep"]) == ("make it blue", 1.5)
        edited = await world.message_of(await world.newest())
        assert world.pictures(edited) == 2

    async def test_to_several_pictures_the_number_comes_first(
        self, world: World, round_: Round
    ) -> None:
        await self.reply(world, "3: make it blue", await world.message_of(round_))
        images = await world.store.images.of_round(round_.id)
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["source"]["picture"]) == ("make it blue", images[2].digest)

    @pytest.mark.parametrize("words", ["make it blue", "7: make it blue"])
    async def test_without_a_number_that_is_there_it_is_asked_for(
        self, world: World, round_: Round, words: str
    ) -> None:
        images = await world.store.images.of_round(round_.id)
        await self.reply(world, words, await world.message_of(round_))
        assert len(world.requests()) == 1
        question = world.ours()[-1]
        assert "Which picture should I edit?" in world.words(question)
        assert list(world.buttons(question).values()) == ["1", "2", "3", "4"]
        for image in images[1:3]:
            await world.alice.click(question, custom_id=f"edit-as-asked:{image.id}")
            await world.done()
            asked = world.requests()[-1]
            assert (asked["prompt"], asked["source"]["picture"]) == ("make it blue", image.digest)

    async def test_if_the_reply_is_gone_a_form_asks_for_its_words(
        self, world: World, round_: Round
    ) -> None:
        image = (await world.store.images.of_round(round_.id))[0]
        message = await world.message_of(round_)
        asked = await world.alice.send(world.channel, "make it blue", reply_to=message)
        question = world.ours()[-1]
        await world.mod.delete(asked)
        form = await world.alice.click(question, custom_id=f"edit-as-asked:{image.id}")
        assert form.modal["custom_id"] == f"edit-form:{image.id}"

    async def test_remarks_are_left_alone(self, world: World, round_: Round) -> None:
        message = await world.message_of(round_)
        for words in ("lovely!", "😂", "how did you do that?", "かわいい！"):
            await self.reply(world, words, message)
        assert len(world.requests()) == 1
        assert world.ours()[-1].id == message.id

    async def test_so_are_replies_to_messages_without_pictures(self, world: World) -> None:
        note = await world.alice.send(world.channel, mention(world))
        await self.reply(world, "make it blue", note)
        await self.reply(world, "make it blue", world.ours()[-1])
        assert world.requests() == []

    async def test_what_discord_hides_is_asked_for_once(self, world: World) -> None:
        round_ = await world.painted(world.alice)
        message = await world.message_of(round_)
        for _ in range(2):
            await self.reply(world, "make it blue", message)
        offer, *others = [each for each in world.ours() if each.id > message.id]
        assert others == []
        assert "Discord doesn't show me what your reply says" in world.words(offer)
        images = await world.store.images.of_round(round_.id)
        form = await world.alice.click(offer, custom_id=f"edit-numbered:{images[1].id}")
        assert form.modal["custom_id"] == f"edit-form:{images[1].id}"

    async def test_what_cannot_be_done_is_said_before_anything_is_asked(
        self, world: World, round_: Round
    ) -> None:
        await self.reply(world, "move it to the left", await world.message_of(round_))
        assert "I can't move them to another place" in world.words(world.ours()[-1])
        assert len(world.requests()) == 1


@pytest.mark.parametrize(
    ("words", "number", "rest"),
    [
        ("2: make it blue", 2, "make it blue"),
        ("#3. night", 3, "night"),
        ("picture 4: night", 4, "night"),
        ("２：青く", 2, "青く"),
        ("3枚目：青く", 3, "青く"),
        ("make it blue", None, "make it blue"),
        ("3.5 stars", None, "3.5 stars"),
        ("2 stars", None, "2 stars"),
    ],
)
def test_a_number_at_the_beginning_names_a_picture(
    words: str, number: int | None, rest: str
) -> None:
    assert numbered(words) == (number, rest)


def test_remarks_are_told_from_wishes() -> None:
    remarks = ("wow so cute", "niiiice", "thanks!", "<:z:123>", "すごい！", "草", "それいいね！")
    wishes = ("night", "make it cute", "can you make it blue?", "more clouds", "青くして", "夜")
    assert [is_remark(words) for words in remarks] == [True] * len(remarks)
    assert [is_remark(words) for words in wishes] == [False] * len(wishes)
    assert not is_remark("お" * 1000 + "x")
