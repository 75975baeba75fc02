"""Reactions on a round's message: opinions, wishes, and who may wish for what."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.settings import Settings
from storage.database import DATABASE_NAME
from storage.records import Round
from tests.bot.world import World


@pytest.fixture
async def round_(world: World) -> Round:
    return await world.painted(world.alice)


async def ratings(world: World, round_: Round, member_id: int) -> list[int]:
    """A member's ratings by position."""
    found = []
    for image in await world.store.images.of_round(round_.id):
        values = {r.member_id: r.value for r in await world.store.ratings.of_image(image.id)}
        found.append(values.get(member_id, 0))
    return found


@pytest.mark.parametrize(
    ("emoji", "expected"),
    [
        ("1️⃣", [1, 0, 0, 0]),
        ("4️⃣", [0, 0, 0, 1]),
        ("👍", [1, 1, 1, 1]),
        ("👍🏽", [1, 1, 1, 1]),
        ("❤️", [1, 1, 1, 1]),
        ("🔥", [1, 1, 1, 1]),
        ("👎", [-1, -1, -1, -1]),
        ("🍕", [0, 0, 0, 0]),
    ],
)
async def test_a_reaction_rates_and_taking_it_back_rates_nothing(
    world: World, round_: Round, emoji: str, expected: list[int]
) -> None:
    message = await world.message_of(round_)
    await world.bob.react(message, emoji)
    assert await ratings(world, round_, world.bob.id) == expected
    await world.bob.unreact(message, emoji)
    assert await ratings(world, round_, world.bob.id) == [0, 0, 0, 0]


async def test_numbers_come_before_thumbs_and_buttons_before_numbers(
    world: World, round_: Round
) -> None:
    message = await world.message_of(round_)
    images = await world.store.images.of_round(round_.id)
    await world.bob.react(message, "👎")
    await world.bob.react(message, "1️⃣")
    await world.bob.react(message, "2️⃣")
    await world.dislike(world.bob, images[1])
    assert await ratings(world, round_, world.bob.id) == [1, -1, -1, -1]


@pytest.mark.usefixtures("expected_faults")
async def test_counts_are_refreshed_by_themselves_after_the_database_failed(
    world: World, round_: Round, settings: Settings
) -> None:
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    await world.store.ratings.press(world.guild.id, image.id, world.bob.id, 1)
    with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell, shell:
        shell.execute("ALTER TABLE posts RENAME TO elsewhere")
    world.bot.services.results.refresh(round_.id, 0)
    await asyncio.sleep(0.1)
    with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell, shell:
        shell.execute("ALTER TABLE elsewhere RENAME TO posts")
    await world.done()
    assert world.buttons(message)[f"like:{image.id}"] == "👍1 (1)"


async def test_reactions_are_counted_on_the_buttons(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    await world.alice.react(message, "1️⃣")
    await world.bob.react(message, "👍")
    await world.done()
    assert world.buttons(message)[f"like:{image.id}"] == "👍1 (2)"


async def test_the_bots_own_reactions_invite_and_do_not_count(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", add_reactions=True)
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    assert world.reactions(message) == ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "👎", "🔁"]
    assert world.bot.user is not None
    assert await ratings(world, round_, world.bot.user.id) == [0, 0, 0, 0]
    assert len(world.requests()) == 1


async def test_unless_a_server_wants_them_the_bot_adds_none(world: World, round_: Round) -> None:
    assert world.reactions(await world.message_of(round_)) == []


async def test_a_moderator_clears_one_emoji_or_all(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    await world.alice.react(message, "1️⃣")
    await world.alice.react(message, "👎")
    world.env.backend.clear_reaction(message.channel.id, message.id, "👎")
    await world.env.settle()
    assert await ratings(world, round_, world.alice.id) == [1, 0, 0, 0]
    world.env.backend.clear_reactions(message.channel.id, message.id)
    await world.env.settle()
    assert await ratings(world, round_, world.alice.id) == [0, 0, 0, 0]


async def test_the_repeat_arrow_paints_the_next_round(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    await world.alice.react(message, "2️⃣")
    await world.alice.react(message, "🔁")
    await world.done()
    second = await world.newest()
    assert (second.board_id, second.number, second.parent_id) == (round_.board_id, 2, round_.id)
    assert len(world.requests()[-1]["liked"]) == 1
    reply = await world.message_of(second)
    assert reply.reference is not None
    assert reply.reference.message_id == message.id


async def test_the_die_paints_new_seeds_without_feedback(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    await world.alice.react(message, "2️⃣")
    await world.alice.react(message, "🎲")
    await world.done()
    first, again = world.requests()
    assert again["liked"] == []
    assert again["prompt"] == first["prompt"]
    assert again["seed"] != first["seed"]


async def test_a_strangers_cross_deletes_nothing(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    before = len(world.ours())
    await world.bob.react(message, "❌")
    assert world.message(message.id)
    assert await world.store.rounds.get(round_.id) is not None
    assert len(world.ours()) == before


@pytest.mark.parametrize("who", ["alice", "mod"])
async def test_the_requesters_or_a_moderators_cross_deletes(
    world: World, round_: Round, who: str
) -> None:
    message = await world.message_of(round_)
    files = [world.store.files.path(i.digest) for i in await images_of(world, round_)]
    await getattr(world, who).react(message, "❌")
    assert world.ours() == []
    assert await world.store.rounds.get(round_.id) is None
    assert not any(path.exists() for path in files)


async def images_of(world: World, round_: Round) -> list:
    return await world.store.images.of_round(round_.id)


async def test_a_wish_that_is_refused_is_answered_briefly(world: World, round_: Round) -> None:
    message = await world.message_of(round_)
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=4)
    await world.alice.react(message, "🔁")
    answer = world.ours()[-1]
    assert "You can ask for 4 pictures in 24 hours here, and you have 0 left." in world.words(
        answer
    )
    await world.env.advance_time(21)
    assert answer.id not in [each.id for each in world.ours()]


async def test_reactions_on_a_progress_message_count_once_it_is_a_round(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    await world.alice.react(result.response.message, "3️⃣")
    world.release()
    await world.done()
    assert await ratings(world, await world.newest(), world.alice.id) == [0, 0, 1, 0]


async def test_all_pictures_of_a_message_have_numbers(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", add_reactions=True)
    round_ = await world.painted(world.alice, count=6)
    message = await world.message_of(round_)
    assert world.reactions(message) == ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "👎", "🔁"]
    await world.alice.react(message, "6️⃣")
    assert await ratings(world, round_, world.alice.id) == [0, 0, 0, 0, 0, 1]
