"""Data sets of several members: threads, likes, who may press what, and a restart."""

from __future__ import annotations

import dataclasses
import itertools
import sqlite3
from typing import Any

import discord
import pytest

from bot.actions.asker import Asker
from bot.actions.training.preparations import Agreed
from bot.errors import Refusal
from bot.jobs.training import dataset_cards
from storage.datasets import Datasets
from storage.training_records import DatasetState
from tests.bot.commands.training.studio import Studio, drawings
from tests.bot.world import World


async def thread_of(world: World) -> Any:
    """A thread in the channel."""
    channel = world.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    made = await channel.create_thread(name="rocks", type=discord.ChannelType.public_thread)
    await world.env.settle()
    (thread,) = world.channel.threads
    assert thread.id == made.id
    return thread


async def added(studio: Studio, member: Any, dataset_id: int, **values: Any) -> Any:
    """Press Add pictures, and hand some over."""
    form = await studio.press(member, "add", dataset_id)
    return await member.submit_modal(
        form, {"pictures": drawings(2, seed=member.id % 1000), "consent": True} | values
    )


async def test_everyone_in_a_thread_hands_over_pictures_of_their_own(
    world: World, studio: Studio
) -> None:
    outside = await studio.form(world.admin, "lora", **{"from": "thread"})
    assert "Open one, and use this command there" in world.words(outside.response)
    thread = await thread_of(world)
    await studio.begin(world.admin, channel=thread, options={"from": "thread"})
    dataset = await studio.newest()
    assert dataset.channel_id == thread.id
    assert "I never take pictures from messages" in await studio.said(dataset.id)
    await world.bob.send(thread, "look at this", attachments=[drawings(1)[0]])
    assert await world.store.datasets.pictures(dataset.id) == []
    refused = await studio.press(world.admin, "start", dataset.id)
    assert "no pictures left to train on" in world.words(refused.response)

    await added(studio, world.alice, dataset.id)
    await added(studio, world.bob, dataset.id, consent=False)

    pictures = await world.store.datasets.pictures(dataset.id)
    assert [each.member_id for each in pictures] == [world.alice.id] * 2 + [world.bob.id] * 2
    said = await studio.said(dataset.id)
    assert f"Consent given by <@{world.alice.id}>" in said
    assert f"Consent still missing from <@{world.bob.id}>" in said
    refused = await studio.press(world.admin, "start", dataset.id)
    assert f"without the consent of <@{world.bob.id}>" in world.words(refused.response)

    for member in (world.alice, world.bob, world.mod):
        for verb in ("start", "change", "cancel"):
            answer = await studio.press(member, verb, dataset.id)
            assert "Only the person preparing this training" in world.words(answer.response)
    own = await studio.press(world.bob, "show", dataset.id)
    assert "Your pictures for **Rocky**" in world.words(own.response)
    none = await studio.press(world.mod, "show", dataset.id)
    assert world.pictures(none.response) == 0

    await studio.press(world.bob, "agree", dataset.id)
    await studio.press(world.admin, "start", dataset.id)
    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert training.dataset_id == dataset.id


async def test_numbers_stay_when_pictures_are_taken_back_while_a_form_is_open(
    world: World, studio: Studio
) -> None:
    thread = await thread_of(world)
    options = {"from": "thread", "captions": "own"}
    await studio.begin(world.admin, channel=thread, options=options)
    dataset = await studio.newest()
    await added(studio, world.alice, dataset.id)
    await added(studio, world.bob, dataset.id)
    form = await studio.press(world.admin, "change", dataset.id)
    await world.store.revocations.revoke(world.alice.id)
    await world.admin.submit_modal(
        form,
        {"name": "Rocky", "captions": "1: hers\n2: hers\n3: on grass\n4: on sand", "left_out": "4"},
    )
    pictures = await world.store.datasets.pictures(dataset.id)
    assert [(each.number, each.caption, each.dropped) for each in pictures] == [
        (3, "on grass", None),
        (4, "on sand", "removed"),
    ]
    assert "Left out as you asked: 4" in await studio.said(dataset.id)
    again = await studio.press(world.admin, "change", dataset.id)
    fields = [each["component"] for each in again.modal["components"]]
    shown = {each["custom_id"]: each.get("value") for each in fields}
    assert shown["captions"] == "3: on grass\n4: on sand"
    assert shown["left_out"] == "4"


@pytest.mark.parametrize(("command", "method"), [("lora", "LoRA"), ("embedding", "embedding")])
async def test_a_list_shows_what_one_prepares_and_posts_a_deleted_card_anew(
    world: World, studio: Studio, command: str, method: str
) -> None:
    await studio.begin(world.admin, command)
    dataset = await studio.newest()
    await world.mod.delete(await studio.card(dataset.id))

    listed = await studio.form(world.admin, "list")
    others = await studio.form(world.mod, "list")

    [posted] = await world.store.datasets.open()
    assert posted.message_id not in (None, dataset.message_id)
    place = f"{world.guild.id}/{world.channel.id}/{posted.message_id}"
    assert f"**Rocky** · {method} · being prepared · https://discord.com/channels/{place}" in (
        world.words(listed.response)
    )
    assert "Rocky" not in world.words(others.response)
    assert "Consent given by" in await studio.said(dataset.id)


@pytest.mark.parametrize("deleted", ["the thread", "its channel"])
async def test_a_deleted_thread_takes_its_pictures_along(
    world: World, studio: Studio, deleted: str
) -> None:
    thread = await thread_of(world)
    await studio.begin(
        world.admin, channel=world.guild.create_text_channel("elsewhere"), name="Other"
    )
    await studio.begin(world.admin, channel=thread, options={"from": "thread"})
    elsewhere, dataset = await world.store.datasets.open()
    assert dataset.channel_id == thread.id
    await added(studio, world.alice, dataset.id)
    pictures = await world.store.datasets.pictures(dataset.id)
    assert pictures

    gone = thread.id if deleted == "the thread" else world.channel.id
    world.env.backend.delete_channel(gone)
    await world.env.settle()

    assert await world.store.datasets.open() == [elsewhere]
    assert not any(world.store.files.path(each.digest).exists() for each in pictures)


@pytest.mark.usefixtures("expected_faults")
async def test_a_thread_deleted_while_the_database_is_away_takes_them_along_later(
    world: World, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await thread_of(world)
    await studio.begin(world.admin, channel=thread, options={"from": "thread"})
    close_in, tries = Datasets.close_in, itertools.count()

    async def away(self: Datasets, channel_id: int) -> int:
        if next(tries) == 0:
            raise sqlite3.OperationalError("database is locked")
        return await close_in(self, channel_id)

    monkeypatch.setattr(Datasets, "close_in", away)
    world.env.backend.delete_channel(thread.id)
    await world.done()
    assert await world.store.datasets.open() == []
    assert next(tries) > 1


async def test_only_who_prepares_it_adds_to_a_training_with_uploads(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    refused = await studio.press(world.alice, "add", dataset.id)
    assert refused.modal is None
    assert "Only the person preparing this training can add" in world.words(refused.response)
    await added(studio, world.admin, dataset.id)
    assert len(await world.store.datasets.pictures(dataset.id)) == 4


@pytest.mark.parametrize("who", ["alice", "bob", "mod"])
async def test_members_do_not_train(world: World, studio: Studio, who: str) -> None:
    for command in ("lora", "taste"):
        refused = await studio.form(getattr(world, who), command)
        assert refused.modal is None
        assert refused.ephemeral


async def test_a_right_that_was_withdrawn_meanwhile_counts_at_the_form_and_at_start(
    world: World, studio: Studio
) -> None:
    form = await studio.form(world.admin, "lora")
    await studio.begin(world.admin)
    dataset = await studio.newest()
    await world.store.training_rights.grant(world.guild.id, granted=False)

    late = await world.admin.submit_modal(
        form,
        {"name": "Late", "trigger": "", "class": "", "pictures": drawings(1), "consent": True},
    )
    assert "Training isn't allowed in this server yet" in world.words(late.response)
    refused = await studio.press(world.admin, "start", dataset.id)
    assert "Training isn't allowed in this server yet" in world.words(refused.response)
    assert await world.store.trainings.of_dataset(dataset.id) == []
    await studio.press(world.admin, "cancel", dataset.id)
    cancelled = await world.store.datasets.get(dataset.id)
    assert cancelled is not None
    assert cancelled.state is DatasetState.CLOSED


async def test_roles_and_members_own_tastes_are_chosen_by_the_admins(
    world: World, studio: Studio
) -> None:
    painters = world.guild.create_role("Painters")
    eve = world.guild.add_member(world.env.create_user("eve"), roles=[painters])
    assert (await studio.form(eve, "lora")).modal is None
    shown = await world.admin.slash(
        world.channel, "train rights", add_role=painters, member_tastes=True
    )
    said = world.words(shown.response)
    assert "Training is allowed in this server" in said
    assert f"<@&{painters.id}>" in said
    assert "Every member may train their own taste" in said

    assert (await studio.form(eve, "lora")).modal is not None
    assert (await studio.form(world.alice, "taste")).modal is not None
    assert (await studio.form(world.alice, "lora")).modal is None
    await world.admin.slash(
        world.channel, "train rights", remove_role=painters, member_tastes=False
    )
    assert (await studio.form(eve, "lora")).modal is None
    assert (await studio.form(world.alice, "taste")).modal is None


async def test_only_the_host_grants(world: World) -> None:
    refused = await world.admin.slash(world.channel, "train rights", granted=True)
    assert "Only whoever runs me" in world.words(refused.response)
    for member in (world.alice, world.mod):
        refused = await member.slash(world.channel, "train rights")
        assert "manage" in world.words(refused.response).lower() or refused.ephemeral
    assert not (await world.store.training_rights.get(world.guild.id)).granted


async def test_likes_make_a_data_set_of_pictures_that_are_there(
    world: World, studio: Studio
) -> None:
    nothing = await studio.begin(world.admin, "taste")
    assert "haven't liked any of my pictures here yet" in world.words(nothing.response)
    round_ = await world.painted(world.admin, "a red star", count=3)
    liked, disliked, other = await world.store.images.of_round(round_.id)
    await world.admin.click(await world.message_of(round_), custom_id=f"like:{liked.id}")
    await world.dislike(world.admin, disliked)

    await studio.begin(world.admin, "taste", name="Mine")

    dataset = await studio.newest()
    pictures = await world.store.datasets.pictures(dataset.id)
    assert [(each.image_id, each.rating, each.caption) for each in pictures] == [
        (liked.id, 1, "a red star"),
        (disliked.id, -1, "a red star"),
    ]
    assert pictures[0].facts["seed"] == liked.seed
    said = await studio.said(dataset.id)
    assert "1 liked and 1 disliked. About 40 of each work best." in said
    assert f"dataset-add:{dataset.id}" not in world.buttons(await studio.card(dataset.id))
    await studio.press(world.admin, "start", dataset.id)
    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert training.request["method"]["objective"] == "kto"
    assert other.id not in {each.image_id for each in pictures}


async def test_what_was_deleted_since_is_not_trained_on(world: World, studio: Studio) -> None:
    rounds = [
        await world.painted(world.admin, f"a {word} star", count=1) for word in ("red", "blue")
    ]
    liked = [(await world.store.images.of_round(each.id))[0] for each in rounds]
    for round_, image in zip(rounds, liked, strict=True):
        await world.admin.click(await world.message_of(round_), custom_id=f"like:{image.id}")
    await studio.begin(world.admin, "lora", options={"from": "likes"})
    dataset = await studio.newest()
    assert len(await world.store.datasets.pictures(dataset.id)) == 2
    await world.delete(world.admin, rounds[0])
    await world.done()

    await studio.press(world.admin, "start", dataset.id)

    [left] = await world.store.datasets.pictures(dataset.id)
    assert left.image_id == liked[1].id
    assert not world.store.files.path(str(liked[0].digest)).exists()
    assert len(await world.store.trainings.of_dataset(dataset.id)) == 1


async def test_a_card_is_found_or_posted_again_after_a_restart(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    message_id = dataset.message_id
    await world.store.forget_messages()

    await world.bot.services.dataset_cards.resume()

    found = await studio.newest()
    assert found.message_id == message_id
    assert len(world.ours()) == 1
    await studio.press(world.admin, "start", dataset.id)
    assert len(await world.store.trainings.of_dataset(dataset.id)) == 1


async def test_data_sets_that_were_left_without_a_card_get_one_or_are_closed(
    world: World, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full disk leaves them: the row is there, and nothing could be written after it."""
    await studio.begin(world.admin)
    whole = await studio.newest()
    await (await studio.card(whole.id)).delete()
    await world.store.forget_messages()
    place = world.guild.id, world.channel.id, world.admin.id, "en-US"
    plan = dict(whole.plan) | {"name": "Empty"}
    empty = await world.store.datasets.create(*place, plan)
    thread = await world.store.datasets.create(*place, plan | {"source": "thread"})
    cards = world.bot.services.dataset_cards

    await cards.take_up()
    await world.done()
    assert world.ours() == []

    monkeypatch.setattr(dataset_cards, "BEGUN_SECONDS", 0.0)
    await cards.take_up()
    await world.done()
    assert {each.id for each in await world.store.datasets.open()} == {whole.id, thread.id}
    assert "**Rocky** · LoRA" in await studio.said(whole.id)
    assert "Nobody has handed over a picture yet." in await studio.said(thread.id)
    closed = await world.store.datasets.get(empty.id)
    assert closed is not None
    assert closed.state is DatasetState.CLOSED


async def test_data_sets_of_other_servers_and_channels_are_as_good_as_none(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    elsewhere = await world.store.datasets.create(
        world.guild.id + 1, world.channel.id, world.admin.id, "en-US", dict(dataset.plan)
    )
    asker = Asker(
        member_id=world.admin.id,
        server_id=world.guild.id,
        channel_id=world.channel.id,
        locale="en-US",
        manages_server=True,
    )
    unseeing = dataclasses.replace(asker, channel_id=world.channel.id + 1)
    actions = world.bot.services.datasets
    tries = [(asker, elsewhere.id), (asker, 0), (asker, 10**30), (unseeing, dataset.id)]
    for who, about in tries:
        for act in (actions.start, actions.cancel, actions.allow_adding, actions.shown_to):
            with pytest.raises(Refusal, match="can't find this training"):
                await act(who, about)
        with pytest.raises(Refusal, match="can't find this training"):
            await actions.agree(who, about, Agreed(words="Yes.", locale="en"))
