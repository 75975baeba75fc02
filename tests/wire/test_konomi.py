"""Konomi as members meet it, over the real wire: one bot process for the whole file."""

from __future__ import annotations

import pytest

from .interactions import MESSAGE
from .konomi import (
    imagine,
    opened,
    painted,
    pictures_of,
    press,
    ratings,
    rounds,
    steering_of,
    told,
    unfinished,
)
from .objects import EPHEMERAL
from .openapi import ABSENT, Description
from .people import buttons, words
from .process import BotProcess

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


async def test_every_request_is_held_against_discords_description(
    description: Description | None,
) -> None:
    if description is None:
        pytest.skip(ABSENT)


async def test_a_round_is_painted_liked_and_followed(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    alice = discord.person("alice")
    asked = await imagine(alice, "a red star", seed=7)
    first = await painted(discord, "a red star")
    assert first["id"] == asked.original, "the progress message becomes the result"
    assert len(set(pictures_of(discord, first))) == 4
    assert all(picture.startswith(b"\x89PNG") for picture in pictures_of(discord, first))
    assert not steering_of(discord, first)

    await press(alice, first, "like", 2)
    await alice.react(first, "1️⃣")
    await press(alice, first, "dislike", 3)
    assert [r["emoji"]["name"] for r in first["reactions"]] == ["1️⃣"], "the bot adds none itself"
    assert [await ratings(alice, first, n) for n in (1, 2, 3, 4)] == [
        (1, 0),
        (1, 0),
        (0, 1),
        (0, 0),
    ]

    await press(alice, first, "next")
    second = await painted(discord, "a red star", count=2)
    assert second["id"] != first["id"]
    assert f"Follows <@{alice.id}>'s 2 likes and 1 dislike" in words(second)
    assert len(steering_of(discord, second)) == 1
    assert set(pictures_of(discord, second)).isdisjoint(pictures_of(discord, first))


async def test_a_steered_round_can_be_repainted_without_feedback(
    shared_konomi: BotProcess,
) -> None:
    discord = shared_konomi.discord
    bob = discord.person("bob")
    await imagine(bob, "a blue ring", seed=3, count=2)
    first = await painted(discord, "a blue ring")
    assert not buttons(await opened(bob, first), "plain"), "nothing has steered it"
    await press(bob, first, "like", 1)
    await press(bob, first, "next")
    steered = await painted(discord, "a blue ring", count=2)
    await press(bob, steered, "plain")
    plain = await painted(discord, "a blue ring", count=3)
    assert "same seeds, painted without likes and dislikes" in words(plain)
    assert len(pictures_of(discord, plain)) == 2
    assert not steering_of(discord, plain)


async def test_a_direct_message_paints(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    carol = discord.person("carol")
    await carol.whisper("a green square")
    message = await painted(discord, "a green square", carol.direct)
    assert len(pictures_of(discord, message)) == 4
    await carol.react(message, "👍")
    await press(carol, message, "next")
    following = await painted(discord, "a green square", carol.direct, count=2)
    assert f"Follows <@{carol.id}>'s 4 likes;" in words(following)


async def test_a_mention_paints(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    await discord.person("dave").mention("a yellow cross")
    message = await painted(discord, "a yellow cross")
    assert len(pictures_of(discord, message)) == 4
    assert f"<@{discord.state.application_id}>" not in words(message)


async def test_messages_that_are_not_for_the_bot_are_left_alone(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    before = len(discord.by_bot())
    await discord.person("erin").say("lovely weather")
    await imagine(discord.person("erin"), "a white heart", count=1)
    await painted(discord, "a white heart")
    assert len(discord.by_bot()) == before + 1


async def test_a_prompt_pings_nobody(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    frank = discord.person("frank")
    await imagine(frank, f"@everyone <@{discord.person('bob').id}> a **loud** bell", count=1)
    message = await painted(discord, "bell")
    assert not message["mention_everyone"]
    assert not message["mentions"]
    for call in discord.calls("POST", "/messages") + discord.calls("PATCH", "/messages/"):
        assert (call.form.get("allowed_mentions") or {}).get("parse") == []


async def test_what_is_out_of_range_is_said_to_its_member_alone(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    refused = await imagine(discord.person("grace"), "a black hole", size="7x7")
    assert refused.answer is not None
    assert refused.answer["type"] == MESSAGE
    assert refused.answer["data"]["flags"] & EPHEMERAL
    assert not rounds(discord, "a black hole")
    japanese = await imagine(discord.person("grace", locale="ja"), "a black hole", size="7x7")
    assert await told(discord, refused) != await told(discord, japanese)


async def test_only_who_asked_may_delete(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    heidi, ivan = discord.person("heidi"), discord.person("ivan")
    await imagine(heidi, "a grey cube", count=1)
    message = await painted(discord, "a grey cube")
    refused = await press(ivan, message, "delete")
    assert "Only the person who asked" in await told(discord, refused)
    assert rounds(discord, "a grey cube")
    await press(heidi, message, "delete")
    await discord.until(lambda: not rounds(discord, "a grey cube"))


async def test_a_request_in_work_can_be_cancelled(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    judy = discord.person("judy")
    asked = await imagine(judy, "an endless corridor", steps=100, count=8)
    message = discord.original(asked)
    await discord.until(lambda: buttons(message, "cancel"))
    await press(judy, message, "cancel")
    await discord.until(lambda: "Cancelled" in words(message))
    assert not rounds(discord, "an endless corridor")


async def test_nothing_is_left_unfinished(shared_konomi: BotProcess) -> None:
    assert not unfinished(shared_konomi.discord)


async def test_a_forged_form_reaches_no_direct_messages(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    alice, bob = discord.person("alice"), discord.person("bob")
    await alice.whisper("a secret square")
    secret = await painted(discord, "a secret square", alice.direct)
    image = buttons(secret, "like")[0].split(":")[1]
    await imagine(bob, "a grey ring", count=1)
    opened = await press(bob, await painted(discord, "a grey ring"), "more")
    (panel,) = discord.privately(opened)

    for id_ in (image, str(2**63), "0"):
        form = await press(bob, panel, "restyle")
        assert form.answer is not None
        form.answer["data"]["custom_id"] = f"restyle-form:{id_}"
        sent = await bob.submit(form, {"prompt": "a copy", "strength": "0.1"}, message=panel)
        refused = "This picture was deleted, or it isn't available to you here."
        assert await told(discord, sent) == refused
    assert not rounds(discord, "a copy")
