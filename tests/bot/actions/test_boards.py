"""Whose board it is, who steers it, and what becomes of it."""

from __future__ import annotations

import pytest

from bot.actions.asker import Asker
from bot.errors import Refusal
from storage.records import Round
from tests.bot.begun import unfolded
from tests.bot.world import World


@pytest.fixture
async def round_(world: World) -> Round:
    return await world.painted(world.alice)


async def digests(world: World, round_: Round) -> list[str | None]:
    return [image.digest for image in await world.store.images.of_round(round_.id)]


async def press(world: World, member: object, verb: str, round_: Round, position: int = 0) -> None:
    """Press a button of a picture, or of the round, on its message or in its panel."""
    about, image = round_.id, (await world.store.images.of_round(round_.id))[position]
    if verb == "dislike":
        await world.dislike(member, image)
        return
    if verb == "plain":
        await world.in_panel(member, round_, verb)
        return
    if verb == "like":
        about = image.id
    await member.click(await world.message_of(round_), custom_id=f"{verb}:{about}")  # type: ignore[attr-defined]


async def test_anyone_elses_next_forks_a_board_of_theirs(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_, 0)
    await press(world, world.bob, "like", round_, 3)
    await press(world, world.bob, "next", round_)
    await world.done()

    fork = await world.newest()
    board = await world.store.boards.get(fork.board_id)
    assert board is not None
    assert (board.owner_id, board.forked_from) == (world.bob.id, round_.id)
    assert (fork.number, fork.parent_id) == (1, round_.id)
    shown = await digests(world, round_)
    assert [liked[0] for liked in world.requests()[-1]["liked"]] == [shown[3]]
    assert world.bob.mention in world.words(await world.message_of(fork))


class TestForks:
    """A fork goes on from where it was taken."""

    @pytest.fixture
    async def steered(self, world: World, round_: Round) -> Round:
        """Alice's second round, steered by a like and a dislike."""
        await press(world, world.alice, "like", round_, 0)
        await world.store.ratings.press(
            world.guild.id,
            (await world.store.images.of_round(round_.id))[1].id,
            world.alice.id,
            -1,
        )
        await press(world, world.alice, "next", round_)
        await world.done()
        return await world.newest()

    async def forked(self, world: World, round_: Round) -> Round:
        await press(world, world.bob, "next", round_)
        await world.done()
        return await world.newest()

    def steering(self, world: World) -> tuple[list[str], list[str]]:
        asked = world.requests()[-1]
        liked, disliked = asked["liked"], asked["disliked"]
        return [each[0] for each in liked], [each[0] for each in disliked]

    async def test_it_inherits_what_steered_the_round_until_its_owner_rates(
        self, world: World, round_: Round, steered: Round
    ) -> None:
        shown = await digests(world, round_)
        fork = await self.forked(world, steered)
        assert self.steering(world) == ([shown[0]], [shown[1]])
        second = await self.forked(world, fork)
        assert second.board_id == fork.board_id
        assert self.steering(world) == ([shown[0]], [shown[1]])

        await press(world, world.bob, "like", second, 2)
        await self.forked(world, second)
        assert self.steering(world) == ([(await digests(world, second))[2]], [])

    async def test_it_says_whose_likes_it_follows_and_on_whose_board_they_are(
        self, world: World, round_: Round, steered: Round
    ) -> None:
        await press(world, world.bob, "like", round_, 0)  # One of them is to his taste, too.
        fork = await self.forked(world, steered)
        words = world.words(await world.message_of(fork))
        assert f"Follows {world.alice.mention}'s 1 like and 1 dislike" in words
        assert rf"\* from a board of {world.alice.mention}" in words
        assert world.requests()[-1]["names"] == ["R1 #1*", "R1 #2*"]
        settings = await world.in_panel(world.bob, fork, "round-settings")
        said = f"👍 R1 #1 on {world.alice.mention}'s board, weight 1"
        assert said in world.words(settings.response)

        await press(world, world.mod, "next", fork)  # A fork of the fork.
        await world.done()
        words = world.words(await world.message_of(await world.newest()))
        assert f"Follows {world.alice.mention}'s 1 like and 1 dislike" in words

        await press(world, world.bob, "like", fork, 2)
        second = await self.forked(world, fork)
        words = world.words(await world.message_of(second))
        assert f"Follows {world.bob.mention}'s 1 like;" in words
        assert "from a board of" not in words
        assert world.requests()[-1]["names"] == ["R1 #3"]

    async def test_its_owners_own_like_of_anothers_picture_is_theirs(
        self, world: World, round_: Round
    ) -> None:
        await press(world, world.bob, "like", round_, 3)
        words = world.words(await world.message_of(await self.forked(world, round_)))
        assert f"Follows {world.bob.mention}'s 1 like;" in words
        assert rf"\* from a board of {world.alice.mention}" in words

    async def test_what_is_taken_back_is_not_inherited(
        self, world: World, round_: Round, steered: Round
    ) -> None:
        fork = await self.forked(world, steered)
        await press(world, world.mod, "like", round_, 0)  # Nobody whom the board follows.
        await press(world, world.alice, "like", round_, 0)
        await self.forked(world, fork)
        assert self.steering(world) == ([], [(await digests(world, round_))[1]])

    async def test_a_reset_ends_it(self, world: World, steered: Round) -> None:
        fork = await self.forked(world, steered)
        await world.store.boards.reset(fork.board_id)
        await self.forked(world, fork)
        assert self.steering(world) == ([], [])

    async def test_varying_anothers_picture_inherits_nothing(
        self, world: World, steered: Round
    ) -> None:
        image = (await world.store.images.of_round(steered.id))[0]
        panel = await world.panel(world.bob, image)
        await world.bob.click(panel.response, custom_id=f"vary-strong:{image.id}")
        await world.done()
        await self.forked(world, await world.newest())
        assert self.steering(world) == ([], [])


async def test_a_group_board_is_continued_by_whoever_presses(world: World) -> None:
    round_ = await world.painted(world.alice, group=True)
    await press(world, world.mod, "like", round_, 0)
    await press(world, world.bob, "next", round_)
    await world.done()
    second = await world.newest()
    assert (second.board_id, second.number) == (round_.board_id, 2)
    job = await world.store.jobs.of_round(second.id)
    assert job is not None
    assert job.member_id == world.bob.id  # On the quota of who pressed.
    assert len(world.requests()[-1]["liked"]) == 1

    places = await world.store.rounds.places([round_.id, second.id])
    assert [places[each.id].asked_by for each in (round_, second)] == [
        world.alice.id,
        world.bob.id,
    ]
    bob = Asker(
        member_id=world.bob.id,
        server_id=world.guild.id,
        channel_id=world.channel.id,
        locale="en-US",
    )
    await world.bot.services.actions.delete(bob, second.id)
    with pytest.raises(Refusal):
        await world.bot.services.actions.delete(bob, round_.id)


async def test_nobody_steers_anothers_board(world: World, round_: Round) -> None:
    await press(world, world.bob, "like", round_, 1)
    await press(world, world.alice, "next", round_)
    await world.done()
    assert world.requests()[-1]["liked"] == []
    assert "Follows" not in world.words(await world.message_of(await world.newest()))


async def test_everyone_steers_a_group_board_and_agreement_weighs_more(world: World) -> None:
    round_ = await world.painted(world.alice, group=True)
    shown = await digests(world, round_)
    for member in (world.alice, world.bob, world.mod):
        await press(world, member, "like", round_, 0)
    await press(world, world.bob, "like", round_, 1)
    await press(world, world.alice, "dislike", round_, 1)
    await press(world, world.bob, "dislike", round_, 2)
    await press(world, world.alice, "next", round_)
    await world.done()
    asked = world.requests()[-1]
    assert asked["liked"] == [[shown[0], 3.0]]
    assert asked["disliked"] == [[shown[2], 1.0]]
    assert "group board, round 1" in world.words(await world.message_of(round_))


async def test_a_server_may_make_new_boards_group_boards(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", group_boards=True)
    round_ = await world.painted(world.alice)
    board = await world.store.boards.get(round_.board_id)
    assert board is not None
    assert board.group
    own = await world.painted(world.alice, group=False)
    board = await world.store.boards.get(own.board_id)
    assert board is not None
    assert not board.group


async def test_a_withdrawn_like_steers_nothing(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_)
    await press(world, world.alice, "like", round_)
    await press(world, world.alice, "next", round_)
    await world.done()
    assert world.requests()[-1]["liked"] == []


async def test_repainting_without_feedback_keeps_the_seeds(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_)
    await press(world, world.alice, "next", round_)
    await world.done()
    steered = await world.newest()
    await press(world, world.alice, "plain", steered)
    await world.done()
    plain = await world.newest()
    _, with_feedback, without = world.requests()
    assert without["seed"] == with_feedback["seed"]
    assert (with_feedback["liked"] != [], without["liked"]) == (True, [])
    assert plain.parent_id == steered.id
    words = world.words(await world.message_of(plain))
    assert "The same seeds, painted without likes and dislikes" in words


async def test_there_is_nothing_to_compare_before_something_steered(
    world: World, round_: Round
) -> None:
    panel = await world.ellipsis(world.alice, round_)
    assert f"reset:{round_.id}" in world.buttons(panel.response)
    assert f"plain:{round_.id}" not in world.buttons(panel.response)


async def test_a_reset_starts_the_references_anew(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_)
    result = await world.in_panel(world.alice, round_, "reset")
    assert result.ephemeral
    assert "starts fresh, without likes and dislikes" in world.words(result.response)
    await press(world, world.alice, "next", round_)
    await world.done()
    assert world.requests()[-1]["liked"] == []

    second = await world.newest()
    await press(world, world.alice, "like", second, 2)
    await press(world, world.alice, "next", second)
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 1


async def test_only_its_owner_resets_a_board(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_)
    result = await world.in_panel(world.bob, round_, "reset")
    assert "Only the board's owner can reset it." in world.words(result.response)
    await press(world, world.alice, "next", round_)
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 1


async def test_a_stranger_cannot_delete(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    result = await world.delete(world.bob, round_)
    assert result.ephemeral
    assert "or a moderator, can delete" in world.words(result.response)
    assert world.message(message.id)


@pytest.mark.parametrize("who", ["alice", "mod"])
async def test_deleting_removes_every_message_of_the_round(world: World, who: str) -> None:
    round_ = await world.painted(world.alice, count=8)
    await world.delete(getattr(world, who), round_)
    assert world.ours() == []
    assert await world.store.rounds.get(round_.id) is None


async def test_going_on_from_what_was_deleted_says_so(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    await world.store.rounds.delete(round_.id)
    result = await world.alice.click(message, custom_id=f"next:{round_.id}")
    assert (
        world.words(result.response)
        == "These pictures were deleted, or they aren't available to you here."
    )
    image = next(iter(world.buttons(message)))
    result = await world.alice.click(message, custom_id=image)
    assert (
        world.words(result.response)
        == "This picture was deleted, or it isn't available to you here."
    )


async def test_only_the_newest_references_steer(world: World) -> None:
    round_ = await world.painted(world.alice, count=8)
    for _ in range(2):
        await world.alice.react(await world.message_of(round_), "👍")
        await world.alice.click(await world.message_of(round_), custom_id=f"next:{round_.id}")
        await world.done()
        round_ = await world.newest()
    asked = world.requests()[-1]["liked"]
    previous = (await world.store.rounds.recent(2))[0]
    assert [liked[0] for liked in asked] == await digests(world, previous)
    message = await world.message_of(round_)
    assert len(world.raw(message)) <= 40


async def test_the_panel_tells_everything_about_a_picture(world: World, round_: Round) -> None:
    await press(world, world.alice, "like", round_, 2)
    await press(world, world.bob, "next", round_)
    await press(world, world.alice, "next", round_)
    await world.done()
    steered = [r for r in await world.store.rounds.recent(3) if r.board_id == round_.board_id][-1]
    image = (await world.store.images.of_round(steered.id))[1]
    result = await world.panel(world.bob, image)
    assert result.ephemeral
    assert world.pictures(result.response) == 1
    assert "Seed" not in world.words(result.response)
    words = await unfolded(world, world.bob, result.response)
    for said in (
        f"Seed: `{image.seed}`",
        "Model: `shapes`",
        "Steps: 20",
        "Follows round 1.",
        "👍 R1 #3, weight 1",
        "Prompt: a red star",
        "save the original",
    ):
        assert said in words


async def test_the_panel_of_an_explorer_names_all_that_it_keeps_away_from(
    world: World, round_: Round
) -> None:
    await press(world, world.alice, "like", round_, 2)
    await press(world, world.alice, "next", round_)
    await world.done()
    steered = await world.newest()
    words = world.words(await world.message_of(steered))
    assert "; 3, 4 are wildcards" in words
    settings = await world.in_panel(world.bob, steered, "round-settings")
    words = world.words(settings.response)
    assert "Wildcards (steered away from all rated pictures): 3, 4" in words

    image = (await world.store.images.of_round(steered.id))[3]
    result = await world.panel(world.bob, image)
    words = await unfolded(world, world.bob, result.response)
    assert "Wildcards (steered away from all rated pictures): 4" in words
    assert "👍 R1 #3, weight 1" in words
    assert "Guidance: 1.5" in words  # half of what 2 adds to 1


async def test_the_panel_of_a_fork_names_where_it_grew_from(world: World, round_: Round) -> None:
    await press(world, world.bob, "next", round_)
    await world.done()
    fork = await world.newest()
    image = (await world.store.images.of_round(fork.id))[0]
    result = await world.panel(world.bob, image)
    words = await unfolded(world, world.bob, result.response)
    assert f"Branched off from round 1 of {world.alice.mention}'s board." in words
