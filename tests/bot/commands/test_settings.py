"""/settings: a member's own defaults, from which their new boards start."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.bot.refused_options import CHOSEN
from tests.bot.styled import add_style
from tests.bot.world import World

OWN: dict[str, Any] = {
    "size": "128x64",
    "count": 2,
    "negative": "grey",
    "steps": 30,
    "guidance": 7.5,
    "scheduler": "ddim",
    "feedback": "tutorial",
    "feedback_start": 0.1,
    "feedback_end": 0.4,
    "feedback_strength": 0.5,
    "feedback_explore": 0.5,
    "feedback_drop": 0.25,
}


async def choose(world: World, **options: Any) -> Any:
    return await world.alice.slash(world.channel, "settings", **options)


async def test_a_new_board_and_its_next_rounds_start_from_them(world: World) -> None:
    page = await choose(world, **OWN)
    assert page.ephemeral
    round_ = await world.painted(world.alice, "a star")
    await world.alice.click(await world.message_of(round_), custom_id=f"next:{round_.id}")
    await world.done()
    for asked in world.requests():
        assert (asked["negative"], asked["count"], asked["size"]) == ("grey", 2, [128, 64])
        assert (asked["start"], asked["end"], asked["strength"]) == (0.1, 0.4, 0.5)
        assert (asked["explore"], asked["drop"], asked["influence"]) == (0.5, 0.25, "each")
    stored = (await world.newest()).parameters
    assert (stored["steps"], stored["guidance"], stored["scheduler"]) == (30, 7.5, "ddim")


async def test_a_mention_starts_from_them_too_and_others_do_not(world: World) -> None:
    await choose(world, count=2)
    assert world.bot.user is not None
    for member in (world.alice, world.bob):
        await member.send(world.channel, f"<@{world.bot.user.id}> a star")
        await world.done()
    assert [asked["count"] for asked in world.requests()] == [2, 4]


async def test_what_is_said_in_the_command_comes_first(world: World) -> None:
    await choose(world, **OWN)
    await world.painted(world.alice, size="3:2", count=1, negative="red", feedback="paper")
    (asked,) = world.requests()
    assert (asked["size"], asked["aspect"]) == ([None, None], 1.5)
    assert (asked["count"], asked["negative"]) == (1, "red")
    # A preset by name means that preset, without their own numbers in it.
    assert (asked["start"], asked["end"], asked["strength"]) == (0.33, 0.66, 1.0)


async def test_the_page_says_whose_each_value_is(world: World) -> None:
    words = world.words((await choose(world)).response)
    assert "Size: 96 × 96 · the model's" in words
    assert "Pictures: 4 · the usual" in words
    assert "Steps: 20 · the model's" in words
    assert "Leave out: nothing · the usual" in words
    assert "Strength: 2 · the model's" in words

    page = (await choose(world, size="3:2", steps=30, feedback="paper")).response
    words = world.words(page)
    assert "Size: **3\\:2** · yours" in words
    assert "Steps: **30** · yours" in words
    assert "Preset: **as in the FABRIC paper** · yours" in words
    assert "Strength: 1 · from the preset" in words
    assert "Guidance: 2 · the model's" in words

    await world.alice.click(page, custom_id="reset-settings:0")
    assert "yours" not in world.words(page)
    server = world.guild.id
    assert await world.store.preferences.get(server, world.alice.id) == {}


async def test_forms_and_lists_change_them_and_emptied_fields_take_them_back(world: World) -> None:
    page = (await choose(world, steps=30)).response
    form = await world.alice.click(page, custom_id="set-pictures:0")
    asked = {
        "size": "縦長",
        "count": "３",
        "steps": "",
        "guidance": "2,5",
        "negative_prompt": "grey",
    }
    await world.alice.submit_modal(form, asked)
    words = world.words(page)
    assert "Size: **縦長** · yours" in words
    assert "Pictures: **3** · yours" in words
    assert "Steps: 20 · the model's" in words
    assert "Guidance: **2.5** · yours" in words

    await add_style(world.store, world.guild.id, world.alice.id, "ink")
    form = await world.alice.click(page, custom_id="set-style:0")
    await world.alice.submit_modal(form, {"style": "ink:0.8"})
    assert "Style: **ink\\:0.8** · yours" in world.words(page)
    form = await world.alice.click(page, custom_id="set-style:0")
    assert form.modal["components"][0]["component"]["value"] == "ink:0.8"
    refused = await world.alice.submit_modal(form, {"style": "oil"})
    assert "There is no style `oil`" in world.words(refused.response)
    for nothing in ("標準", ""):
        form = await world.alice.click(page, custom_id="set-style:0")
        await world.alice.submit_modal(form, {"style": nothing})
        assert "Style: nothing · the usual" in world.words(page)

    form = await world.alice.click(page, custom_id="set-steering:0")
    asked = {f"feedback_{name}": "" for name in ("start", "end", "strength", "explore", "drop")}
    await world.alice.submit_modal(form, asked | {"feedback_start": "0.6", "feedback_end": "0.9"})
    assert "From this share of the steps: **0.6** · yours" in world.words(page)

    await world.alice.select(page, custom_id="set-sampler:0", values=["ddim"])
    assert "Sampler: **DDIM** · yours" in world.words(page)
    await world.alice.select(page, custom_id="set-sampler:0", values=["model"])
    assert "Sampler: Euler ancestral · the model's" in world.words(page)
    await world.alice.select(page, custom_id="set-preset:0", values=["closer"])
    await world.painted(world.alice)
    (sent,) = world.requests()
    assert (sent["count"], sent["aspect"], sent["start"], sent["end"]) == (3, 2 / 3, 0.6, 0.9)


@pytest.mark.parametrize("options", CHOSEN)
async def test_what_cannot_be_used_is_refused_and_changes_nothing(
    world: World, options: dict[str, Any]
) -> None:
    await choose(world, steps=30)
    result = await choose(world, **options)
    assert result.ephemeral
    assert "Your settings" not in world.words(result.response)
    assert await world.store.preferences.get(world.guild.id, world.alice.id) == {"steps": 30}


async def test_a_field_that_is_no_number_is_refused_in_a_sentence(world: World) -> None:
    page = (await choose(world)).response
    form = await world.alice.click(page, custom_id="set-pictures:0")
    asked = {"size": "", "count": "many", "steps": "", "guidance": "", "negative_prompt": ""}
    result = await world.alice.submit_modal(form, asked)
    assert "I don't understand the number `many`. Write a whole number" in world.words(
        result.response
    )


async def test_what_the_present_model_does_not_allow_is_left_out_with_one_sentence(
    world: World,
) -> None:
    # As if another model had painted here before: this one takes none of these.
    wrong = {"size": "4096x4096", "steps": 60, "scheduler": "lcm", "guidance": 3.0, "odd": 1}
    await world.store.preferences.change(world.guild.id, world.alice.id, wrong)
    result = await world.imagine(world.alice, "a star")
    await world.done()
    stored = (await world.newest()).parameters
    assert (stored["scheduler"], stored["steps"], stored["guidance"]) == ("lcm", 20, 3.0)
    (remark,) = result.followups
    assert remark.flags.ephemeral
    assert world.words(remark) == (
        "Some of your settings don't work here right now (Size, Steps), so I started without them. "
        "`/settings` shows and changes them."
    )
    words = world.words((await choose(world)).response)
    assert "Size: 96 × 96 · yours, **4096x4096**, doesn't work here right now" in words
    assert "Sampler: **LCM** · yours" in words

    refused = await world.imagine(world.alice, "a {red|blue}} star")
    assert "needs a matching" in world.words(refused.response)


async def test_fewer_pictures_are_asked_for_when_the_servers_limit_leaves_no_more(
    world: World,
) -> None:
    await choose(world, count=8)
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=5)
    result = await world.imagine(world.alice)
    await world.done()
    assert world.requests()[0]["count"] == 5
    assert "(Pictures)" in world.words(result.followups[0])
    result = await world.imagine(world.alice)
    assert "in 24 hours" in world.words(result.response)


async def test_a_model_without_negative_prompts_leaves_theirs_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(world, negative="grey")
    card = world.parts.generator.model
    assert card is not None
    monkeypatch.setattr(
        world.parts.generator, "model", dataclasses.replace(card, has_negative_prompt=False)
    )
    result = await world.imagine(world.alice)
    await world.done()
    assert world.requests()[0]["negative"] == ""
    assert "(Leave out)" in world.words(result.followups[0])


async def test_a_fork_looks_like_the_round_but_counts_and_steers_as_its_owner_likes(
    world: World,
) -> None:
    bobs = {"count": 2, "steps": 50, "size": "64x64", "feedback": "paper"}
    await world.bob.slash(world.channel, "settings", **bobs)
    round_ = await world.painted(world.alice, size="128x64", steps=30)
    await world.bob.click(await world.message_of(round_), custom_id=f"next:{round_.id}")
    await world.done()
    fork = await world.newest()
    asked = world.requests()[-1]
    assert (asked["count"], asked["size"], fork.parameters["steps"]) == (2, [128, 64], 30)
    assert (asked["start"], asked["end"]) == (0.33, 0.66)


async def test_they_are_the_servers_and_not_of_direct_messages(world: World) -> None:
    await choose(world, count=2)
    await world.alice.user.slash("imagine", prompt="a star")
    await world.done()
    assert world.requests()[0]["count"] == 4
