"""Adult content that the safety checker finds: who sees what of it, and where."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.commands.admin import describe
from bot.playground.earlier import show_again
from bot.settings import Settings
from storage.records import Round
from tests.bot.world import World

UNSAFE = "unsafe star"
"""In the first picture of such a prompt the checker finds something."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"model": "somebody/any", "safety_checker": "somebody/some"})


async def choose(world: World, mode: str, member: Any = None) -> str:
    """Set the server's filter, and what the bot says to that."""
    admin = member or world.admin
    result = await admin.slash(world.channel, "konomi settings", content_filter=mode)
    return world.words(result.response)


async def like(world: World, round_: Round, position: int) -> None:
    image = (await world.store.images.of_round(round_.id))[position]
    await world.alice.click(await world.message_of(round_), custom_id=f"like:{image.id}")


async def next_of(world: World, round_: Round) -> Round:
    await world.alice.click(await world.message_of(round_), custom_id=f"next:{round_.id}")
    await world.done()
    return await world.newest()


class TestInAnAgeRestrictedChannel:
    @pytest.fixture(autouse=True)
    def restricted(self, world: World) -> None:
        world.restrict()

    async def test_it_is_withheld_unless_an_admin_says_otherwise(self, world: World) -> None:
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        message = await world.message_of(round_)
        assert (
            "Picture 1 isn't shown because the safety checker found adult content"
            in world.words(message)
        )
        assert len(message.attachments) == 1
        assert world.buttons(message)[f"retry:{round_.id}"] == "🔄Reroll"

    async def test_behind_a_spoiler_it_stays_there(self, world: World) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=3)
        message = await world.message_of(round_)
        assert world.spoilers(message) == [True, False, False]
        assert (
            "Hidden behind a spoiler because the safety checker found adult content: 1"
            in world.words(message)
        )

        await like(world, round_, 0)
        assert world.spoilers(await world.message_of(round_)) == [True, False, False]
        await world.bob.react(await world.message_of(round_), "👍")
        await world.done()
        assert world.spoilers(await world.message_of(round_)) == [True, False, False]

    async def test_behind_a_spoiler_it_stays_after_a_restart(self, world: World) -> None:
        await choose(world, "spoiler")
        await world.painted(world.alice, UNSAFE, count=2)
        await choose(world, "off")
        await world.store.forget_messages()
        await show_again(world.bot.services, world.guild.id, world.channel, [world.alice])
        again = world.ours()[-1]
        assert world.spoilers(again) == [True, False]

    async def test_with_the_filter_off_it_is_shown(self, world: World) -> None:
        await choose(world, "off")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        message = await world.message_of(round_)
        assert world.spoilers(message) == [False, False]
        assert "safety checker" not in world.words(message)
        assert [i.flagged for i in await world.store.images.of_round(round_.id)] == [True, False]

    async def test_a_like_of_it_counts_and_the_painter_knows_what_it_is(self, world: World) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        await like(world, round_, 0)
        await like(world, round_, 1)
        await next_of(world, round_)
        asked = world.requests()[-1]
        first, second = [image.digest for image in await world.store.images.of_round(round_.id)]
        assert [digest for digest, _ in asked["liked"]] == [first, second]
        assert asked["flagged"] == [first]
        assert asked["filter"] == "spoiler"

    async def test_its_panel_says_what_was_found(self, world: World) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        said = []
        for image in await world.store.images.of_round(round_.id):
            result = await world.panel(world.alice, image)
            said.append("The safety checker found adult content" in world.words(result.response))
        assert said == [True, False]

    async def test_a_change_of_the_filter_counts_from_the_next_request_on(
        self, world: World
    ) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        await choose(world, "withhold")
        following = await next_of(world, round_)
        assert [asked["filter"] for asked in world.requests()] == ["spoiler", "withhold"]
        assert world.spoilers(await world.message_of(round_)) == [True, False]
        assert "isn't shown" in world.words(await world.message_of(following))

    async def test_what_is_liked_does_not_steer_where_the_restriction_was_lifted(
        self, world: World
    ) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=4)
        for position in (0, 1):
            await like(world, round_, position)
        world.restrict(False)
        following = await next_of(world, round_)
        images = await world.store.images.of_round(round_.id)
        asked = world.requests()[-1]
        assert [digest for digest, _ in asked["liked"]] == [images[1].digest]
        assert (asked["filter"], asked["flagged"]) == ("withhold", [])
        assert (
            "1 liked picture is not used here because the safety checker found adult content"
            in (world.words(await world.message_of(following)))
        )

    async def test_what_is_disliked_steers_everywhere(self, world: World) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        await world.dislike(world.alice, (await world.store.images.of_round(round_.id))[0])
        world.restrict(False)
        await next_of(world, round_)
        images = await world.store.images.of_round(round_.id)
        assert world.requests()[-1]["flagged"] == [images[0].digest]

    async def test_with_nothing_left_to_follow_a_round_says_why(self, world: World) -> None:
        await choose(world, "spoiler")
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        await like(world, round_, 0)
        world.restrict(False)
        words = world.words(await world.message_of(await next_of(world, round_)))
        assert "liked picture is not used here" in words
        assert "👍 what you like" not in words


class TestInAnyOtherChannel:
    @pytest.mark.parametrize("mode", ["off", "spoiler", "withhold"])
    async def test_it_is_withheld_whatever_the_server_chose(self, world: World, mode: str) -> None:
        await choose(world, mode)
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        message = await world.message_of(round_)
        assert "Picture 1 isn't shown" in world.words(message)
        assert world.spoilers(message) == [False]
        assert world.requests()[-1]["filter"] == "withhold"

    async def test_another_seed_is_offered_and_painted(self, world: World) -> None:
        round_ = await world.painted(world.alice, UNSAFE, count=1)
        await world.alice.click(await world.message_of(round_), custom_id=f"retry:{round_.id}")
        await world.done()
        first, second = world.requests()
        assert first["seed"] != second["seed"]

    async def test_it_is_withheld_in_direct_messages(self, world: World) -> None:
        result = await world.alice.user.slash("imagine", prompt=UNSAFE)
        await world.done()
        assert "Picture 1 isn't shown" in world.words(result.response)

    async def test_it_is_said_in_japanese(self, world: World) -> None:
        assert world.bot.user is not None
        await world.alice.send(world.channel, f"{world.bot.user.mention} unsafe ほし")
        await world.done()
        message = await world.message_of(await world.newest())
        assert "成人向けの内容を検出したため、1 枚を表示しません：1。" in world.words(message)
        assert "🔄引き直す" in world.buttons(message).values()

    async def test_a_model_that_brings_no_checker_may_paint_with_the_hosts(
        self, world: World
    ) -> None:
        round_ = await world.painted(world.alice, "a star", count=1)
        assert world.pictures(await world.message_of(round_)) == 1


class TestTheSetting:
    async def test_is_shown_and_changed(self, world: World) -> None:
        result = await world.admin.slash(world.channel, "konomi settings")
        assert (
            "Content filter in age-restricted channels: withhold: not shown\n"
            "-# In all other channels, adult content is withheld."
        ) in world.words(result.response)
        assert "spoiler: hidden until clicked" in await choose(world, "spoiler")
        server = await world.store.servers.get(world.guild.id)
        assert server.content_filter == "spoiler"

    async def test_is_shown_in_japanese(self, world: World) -> None:
        server = await world.store.servers.get(world.guild.id)
        said = describe("ja", server, world.bot.services.rules, world.bot.services.model())
        assert "年齢制限チャンネルのコンテンツフィルター：非表示：表示しない" in said

    async def test_is_for_those_who_manage_the_server(self, world: World) -> None:
        command = world.env.backend.find_command("konomi", world.guild.id, type=1)
        world.guild.set_command_permissions(int(command["id"]), {world.alice: True})
        assert "Only members who can manage" in await choose(world, "off", world.alice)
        assert (await world.store.servers.get(world.guild.id)).content_filter == "withhold"


class TestWithoutAnyChecker:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"safety_checker": None})

    async def test_the_model_paints_in_age_restricted_channels_alone(self, world: World) -> None:
        result = await world.imagine(world.alice)
        assert "only use it in age-restricted channels" in world.words(result.response)
        assert "KONOMI_SAFETY_CHECKER" in world.words(result.response)
        world.restrict()
        round_ = await world.painted(world.alice, count=1)
        assert world.pictures(await world.message_of(round_)) == 1

    async def test_the_settings_say_that_the_filter_changes_nothing(self, world: World) -> None:
        assert "has no safety checker, so the content filter has no effect" in await choose(
            world, "spoiler"
        )


class TestWhereTheHostForbidsOff:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"mildest_filter": "spoiler"})

    async def test_admins_cannot_choose_it(self, world: World) -> None:
        said = await choose(world, "off")
        assert "The mildest content filter here is “spoiler: hidden until clicked”" in said
        assert (await world.store.servers.get(world.guild.id)).content_filter == "withhold"
        assert "spoiler: hidden" in await choose(world, "spoiler")

    async def test_an_earlier_choice_gives_way(self, world: World) -> None:
        world.restrict()
        server = await world.store.servers.get(world.guild.id)
        await world.store.servers.save(dataclasses.replace(server, content_filter="off"))
        round_ = await world.painted(world.alice, UNSAFE, count=2)
        assert world.spoilers(await world.message_of(round_)) == [True, False]
