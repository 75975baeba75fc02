"""Whose machine it is: servers, channels, permissions, age, caps."""

from __future__ import annotations

import discord
import pytest

from bot.settings import Settings
from tests.bot.world import World


async def refused(world: World, member: object, channel: object = None) -> str:
    """Return the refusal of /imagine."""
    result = await member.slash(channel or world.channel, "imagine", prompt="a star")  # type: ignore[attr-defined]
    assert result.ephemeral, world.words(result.response)
    return world.words(result.response)


class TestWithAnAllowList:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"allowed_servers": (4242,)})

    async def test_other_servers_are_refused_with_what_to_ask_for(self, world: World) -> None:
        said = await refused(world, world.alice)
        assert f"`{world.guild.id}` to KONOMI_ALLOWED_SERVERS" in said

    async def test_direct_messages_are_for_members_of_allowed_servers(self, world: World) -> None:
        guild = world.env.create_guild("Allowed", id=4242)
        await world.env.settle()
        result = await world.alice.user.slash("imagine", prompt="a star")
        assert "I only paint for members of the servers" in world.words(result.response)
        guild.add_member(world.alice.user)
        result = await world.alice.user.slash("imagine", prompt="a star")
        await world.done()
        assert world.pictures(result.response) == 4


async def test_a_server_may_choose_the_channels(world: World) -> None:
    other = world.guild.create_text_channel("other")
    result = await world.admin.slash(world.channel, "konomi channel", channel=other, paint=True)
    assert other.mention in world.words(result.response)
    assert f"In this server, I only paint in {other.mention}." in await refused(world, world.alice)
    painted = await world.alice.slash(other, "imagine", prompt="a star")
    await world.done()
    assert world.pictures(painted.response) == 4
    await world.admin.slash(world.channel, "konomi channel", channel=other, paint=False)
    assert not (await world.imagine(world.alice)).ephemeral
    await world.done()


async def test_a_chosen_channel_stays_chosen_on_every_button(world: World) -> None:
    round_ = await world.painted(world.alice)
    other = world.guild.create_text_channel("other")
    await world.admin.slash(world.channel, "konomi channel", channel=other, paint=True)
    result = await world.alice.click(await world.message_of(round_), custom_id=f"next:{round_.id}")
    assert f"I only paint in {other.mention}" in world.words(result.response)


async def test_only_those_who_manage_the_server_change_its_settings(world: World) -> None:
    # Server owners can show a command to anyone: only our own check counts.
    command = world.env.backend.find_command("konomi", world.guild.id, type=1)
    world.guild.set_command_permissions(int(command["id"]), {world.alice: True})
    result = await world.alice.slash(world.channel, "konomi settings", group_boards=True)
    assert "Only members who can manage this server" in world.words(result.response)
    assert not (await world.store.servers.get(world.guild.id)).group_boards


async def test_settings_are_shown_and_checked(world: World) -> None:
    result = await world.admin.slash(world.channel, "konomi settings")
    assert "Requests a member can have waiting: 3" in world.words(result.response)
    assert "Pictures a member can ask for per day: no limit" in world.words(result.response)
    result = await world.admin.slash(world.channel, "konomi settings", waiting=0)
    assert "That must be between 1 and 3, not 0." in world.words(result.response)
    await world.admin.slash(world.channel, "konomi settings", waiting=1, pictures_per_day=12)
    server = await world.store.servers.get(world.guild.id)
    assert (server.waiting_per_member, server.pictures_per_day) == (1, 12)


async def test_a_server_may_lower_how_many_wait(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", waiting=1)
    for n in range(2):
        await world.imagine(world.alice, f"hold {n}", count=8)
    assert "You already have 1 request waiting" in await refused(world, world.alice)
    world.release()
    await world.done()


async def test_a_day_has_only_so_many_pictures(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=6)
    await world.painted(world.alice)
    said = await refused(world, world.alice)
    assert "You can ask for 6 pictures in 24 hours here, and you have 2 left." in said
    await world.painted(world.alice, count=2)
    await world.painted(world.bob)


async def test_cancelled_pictures_are_not_counted(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=4)
    result = await world.imagine(world.alice, "hold a star")
    job = (await world.store.jobs.pending())[0]
    await world.alice.click(result.response.message, custom_id=f"cancel:{job.id}")
    await world.done()
    await world.painted(world.alice)


async def test_a_missing_permission_is_named(world: World) -> None:
    closed = world.guild.create_text_channel(
        "closed",
        overwrites={
            world.guild.me: discord.PermissionOverwrite(send_messages=False, attach_files=False)
        },
    )
    said = await refused(world, world.alice, closed)
    assert "missing permissions in this channel: Send Messages, Attach Files." in said
    result = await world.admin.slash(world.channel, "konomi channel", channel=closed, paint=True)
    assert "I can't post in" in world.words(result.response)


class TestWithAModelThatNothingHoldsBack:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"model": "somebody/unfiltered"})

    async def test_it_paints_only_where_age_is_restricted(self, world: World) -> None:
        assert "only use it in age-restricted channels" in await refused(world, world.alice)
