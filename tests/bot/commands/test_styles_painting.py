"""Painting with styles: chosen, called by the prompt, usual ones, and those that are gone."""

from __future__ import annotations

from typing import Any

from storage.records import JobState, Round
from storage.style_records import StyleScope, StyleState
from tests.bot.styled import SHARED, WORD, add_style, kept
from tests.bot.world import World


async def styled(world: World, name: str, owner: Any = None, **changes: Any) -> Any:
    return await add_style(world.store, world.guild.id, (owner or world.alice).id, name, **changes)


def names(asked: dict[str, Any], kind: str = "adapters") -> list[list[Any]]:
    """Return the names and strengths of a request's adapters."""
    return [[name, strength] for name, strength, _ in asked[kind]]


def prompts(asked: dict[str, Any]) -> list[str]:
    """Return the prompt that each picture of a request is painted by."""
    return [picture["prompt"] for picture in asked["pictures"]]


async def header(world: World, round_: Round) -> list[str]:
    return world.words(await world.message_of(round_)).splitlines()


async def refused(world: World, member: Any, command: str = "imagine", **options: Any) -> str:
    before = len(world.requests())
    result = await member.slash(
        world.channel, command, **({"prompt": "a star"} if command == "imagine" else {}) | options
    )
    await world.done()
    assert result.ephemeral
    assert len(world.requests()) == before
    return world.words(result.response)


class TestChosen:
    async def test_a_style_acts_and_the_header_says_so(self, world: World) -> None:
        await styled(world, "ink", strength=0.8, trigger="ink style")
        round_ = await world.painted(world.alice, "a red star", style="ink", count=2)
        [asked] = world.requests()
        assert names(asked) == [["ink", 0.8]]
        assert prompts(asked) == ["ink style, a red star"] * 2
        title, _, line, *_ = await header(world, round_)
        assert title == "**a red star**"
        assert line == "-# Style: ink (0.8)"

    async def test_several_with_strengths_as_people_type_them(self, world: World) -> None:
        await styled(world, "Ink")
        await styled(world, "oil, thick: 2")
        await styled(world, "水彩")
        await world.painted(world.alice, style="ｉｎｋ：０．５， oil, thick: 2、水彩 1.5")
        [asked] = world.requests()
        assert names(asked) == [["Ink", 0.5], ["oil, thick: 2", 1.0], ["水彩", 1.5]]

    async def test_a_wrong_name_is_met_with_close_ones_that_may_be_seen(self, world: World) -> None:
        await styled(world, "inkwash")
        await styled(world, "inkblot", world.bob)
        words = await refused(world, world.alice, style="inkwsh:0.4")
        assert "There is no style `inkwsh` that you can use here" in words
        assert "inkwash" in words
        assert "inkblot" not in words
        theirs = await refused(world, world.alice, style="inkblot")
        assert theirs.replace("inkblot", "") == (
            await refused(world, world.alice, style="inkblob")
        ).replace("inkblob", "")

    async def test_strengths_out_of_range_are_refused(self, world: World) -> None:
        await styled(world, "ink")
        await styled(world, "rocky", kind=WORD)
        assert "between -2 and 2" in await refused(world, world.alice, style="ink:9")
        assert "(word:0.8)" in (await refused(world, world.alice, style="rocky:0.5")).replace(
            "\\", ""
        )

    async def test_an_embedding_is_put_into_a_prompt_that_lacks_it(self, world: World) -> None:
        await styled(world, "rocky", kind=WORD, trigger="<rock>")
        for prompt in ("a star", "a ROCKY star", "a <rock> star"):
            await world.painted(world.alice, prompt, style="rocky", count=1)
        said = [prompt for asked in world.requests() for prompt in prompts(asked)]
        assert said == ["rocky, a star", "a ROCKY star", "a <rock> star"]

    async def test_a_style_of_another_base_says_so(self, world: World) -> None:
        await styled(world, "grand", base_model="sdxl", architecture="stable-diffusion-xl-v1-base")
        words = await refused(world, world.alice, style="grand")
        assert "was made for sdxl, but shapes is loaded" in words


class TestCalled:
    async def test_tags_and_words_call_styles_by_name(self, world: World) -> None:
        await styled(world, "ink", trigger="ink style")
        await styled(world, "rocky", kind=WORD)
        await styled(world, "oil", world.bob)
        prompt = "a {<lora:INK:0.8>|<lora:ink:0.3>} star, rocky <lora:oil:1> <lora:nothing:1>"
        round_ = await world.painted(world.alice, prompt, count=4)
        [asked] = world.requests()
        assert names(asked) == [["rocky", 1.0]]
        assert names(asked, "offered") == [["ink", 1.0]]
        strengths = {tuple(map(tuple, each["adapters"])) for each in asked["pictures"]}
        assert strengths <= {
            (("rocky", 1.0), ("ink", 0.8)),
            (("rocky", 1.0), ("ink", 0.3)),
        }
        assert all(
            each.startswith("ink style, a") and "lora" not in each for each in prompts(asked)
        )
        words = world.words(await world.message_of(round_))
        assert "name files that I don't have" in words
        assert "-# Style: rocky" in words

    async def test_only_what_is_mentioned_is_sent(self, world: World) -> None:
        for number in range(20):
            await styled(world, f"ink{number}")
        await world.painted(world.alice, "a star <lora:ink7:1>")
        [asked] = world.requests()
        assert names(asked, "offered") == [["ink7", 1.0]]
        assert names(asked) == []

    async def test_pasted_tags_without_any_styles_are_left_out_as_ever(self, world: World) -> None:
        round_ = await world.painted(world.alice, "a star <lora:more_detail:0.5>")
        [asked] = world.requests()
        assert (asked["adapters"], asked["offered"]) == ([], [])
        assert "files that I don't have" in world.words(await world.message_of(round_))

    async def test_tags_without_a_name_are_left_out_beside_others(self, world: World) -> None:
        await styled(world, "ink")
        for tag in ("<lora::1>", "<lora:>", "<lora: :0.5>", "<lora:a:b:0.8>"):
            round_ = await world.painted(world.alice, f"a star {tag} <lora:ink:0.5>", count=1)
            assert prompts(world.requests()[-1]) == ["a star"]
            assert "files that I don't have" in world.words(await world.message_of(round_))


class TestFollowUps:
    async def test_what_follows_is_painted_with_the_same_file(self, world: World) -> None:
        style = await styled(world, "ink", trigger="ink style", strength=0.7)
        round_ = await world.painted(world.alice, "a star {<lora:ink:0.5>|}", style="ink:0.4")
        message = await world.message_of(round_)
        image, *_ = await world.store.images.of_round(round_.id)
        assert "lora" not in image.parameters["prompt"]
        assert "ink style" not in image.parameters["prompt"]
        for custom_id in (
            f"next:{round_.id}",
            f"retry:{round_.id}",
            f"vary-strong:{image.id}",
            f"upscale-2:{image.id}",
        ):
            await world.alice.click(message, custom_id=custom_id)
            await world.done()
        assert len(world.requests()) == 5
        for asked in world.requests():
            [(name, _, digest)] = [*asked["adapters"], *asked["offered"]]
            assert (name, digest) == ("ink", style.digest)

    async def test_a_fork_needs_the_same_right(self, world: World) -> None:
        await styled(world, "secret ink")
        await styled(world, "oil", scope=SHARED)
        own = await world.painted(world.alice, style="secret ink")
        message = await world.message_of(own)
        result = await world.bob.click(message, custom_id=f"next:{own.id}")
        words = world.words(result.response)
        assert result.ephemeral
        assert "a style that you can't use" in words
        assert "secret" not in words
        shared = await world.painted(world.alice, style="oil")
        await world.bob.click(await world.message_of(shared), custom_id=f"next:{shared.id}")
        await world.done()
        assert names(world.requests()[-1]) == [["oil", 1.0]]
        assert len(world.requests()) == 3

    async def test_called_styles_are_not_those_of_ones_own_by_that_name(self, world: World) -> None:
        await styled(world, "ink")
        await styled(world, "ink", world.bob)
        await styled(world, "rocky", kind=WORD)
        for prompt in ("a star <lora:ink:1>", "a rocky star"):
            round_ = await world.painted(world.alice, prompt)
            result = await world.bob.click(
                await world.message_of(round_), custom_id=f"next:{round_.id}"
            )
            assert "a style that you can't use" in world.words(result.response)

    async def test_a_board_says_what_became_of_its_style(self, world: World) -> None:
        style = await styled(world, "ink", scope=SHARED)
        round_ = await world.painted(world.alice, "a star <lora:ink:0.5>", style="ink:0.4")
        message = await world.message_of(round_)

        async def next_() -> str:
            result = await world.alice.click(message, custom_id=f"next:{round_.id}")
            await world.done()
            return world.words(result.response)

        await world.store.styles.rename(style.id, "brush")
        assert "The style ink is now called brush." in await next_()
        assert world.requests()[-1]["pictures"][0]["adapters"] == [["ink", 0.5]]
        await world.store.styles.replace_file(style.id, kept(world.store, "newer"))
        assert "replaced by a newer version" in await next_()
        count = len(world.requests())
        await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
        assert "The style brush can't be used any more" in await next_()
        await world.store.styles.delete(style.id)
        assert "no longer exists" in await next_()
        assert len(world.requests()) == count

    async def test_a_style_that_is_no_longer_shared_paints_for_its_owner_alone(
        self, world: World
    ) -> None:
        style = await styled(world, "ink", scope=SHARED)
        round_ = await world.painted(world.bob, style="ink")
        await world.store.styles.share(style.id, StyleScope.MINE)
        message = await world.message_of(round_)
        result = await world.bob.click(message, custom_id=f"next:{round_.id}")
        assert "a style that you can't use" in world.words(result.response)

    async def test_what_waits_is_not_painted_with_a_withdrawn_style(self, world: World) -> None:
        style = await styled(world, "ink")
        await world.imagine(world.bob, "hold 1", count=8)
        await world.imagine(world.alice, "waits", count=8, style="ink")
        await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
        world.release()
        await world.done()
        assert [asked["prompt"] for asked in world.requests()] == ["hold 1"]
        job = await world.store.jobs.get(2)
        assert job is not None
        words = world.words(world.message(job.message_id or 0))
        assert "withdrawn, deleted or changed before its turn came" in words

    async def test_what_is_painted_or_waits_stops_when_its_style_is_deleted(
        self, world: World
    ) -> None:
        style = await styled(world, "ink", scope=SHARED)
        await world.imagine(world.alice, "hold 1", count=4, style="ink")
        await world.imagine(world.bob, "hold 2", count=4)
        await world.imagine(world.mod, "hold 3", count=4, style="ink:0.5")

        async def painting() -> bool:
            return [asked["prompt"] for asked in world.requests()] == ["hold 1", "hold 2"]

        await world.until(painting)
        shown = await world.alice.slash(world.channel, "style show", name="ink")
        card = shown.response
        await world.alice.click(card, custom_id=f"style-delete:{style.id}")
        await world.alice.click(card, custom_id=f"style-delete-now:{style.id}")

        async def over() -> bool:
            return len(await world.store.jobs.pending()) == 1

        await world.until(over)
        await world.until(lambda: told(world, [1, 3]))
        for job_id in (1, 3):
            assert not (world.store.files.work / str(job_id)).exists()
        world.release()
        await world.done()
        assert len(world.requests()) == 2, "nothing more was painted with it"
        [round_] = await world.store.rounds.recent(9)
        assert round_.parameters["prompt"] == "hold 2"

    async def test_pictures_that_discord_did_not_take_yet_are_not_shown_any_more(
        self, world: World
    ) -> None:
        style = await styled(world, "ink")
        world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, times=30)
        await world.imagine(world.alice, "a star", style="ink")

        async def painted() -> bool:
            job = await world.store.jobs.get(1)
            return job is not None and job.state is JobState.DONE

        await world.until(painted)
        await world.store.styles.delete(style.id)
        await world.done()
        assert await told(world, [1])
        assert await world.store.rounds.recent(9) == []


async def told(world: World, job_ids: list[int]) -> bool:
    """Return True if the messages of jobs say that their style is gone, and show nothing."""
    for job_id in job_ids:
        job = await world.store.jobs.get(job_id)
        assert job is not None
        message = world.message(job.message_id or 0)
        if "withdrawn or deleted before the pictures were done" not in world.words(message):
            return False
        assert world.pictures(message) == 0
        assert message.attachments == []
    return True


class TestUsualStyles:
    async def test_a_channel_has_one_unless_its_member_says_otherwise(self, world: World) -> None:
        await styled(world, "ink", world.admin, scope=SHARED)
        await styled(world, "oil")
        options = {"channel": world.channel, "style": "ink:0.6"}
        await world.admin.slash(world.channel, "konomi channel", **options)
        await world.painted(world.alice)
        await world.painted(world.alice, style="none")
        await world.painted(world.alice, style="oil")
        await world.painted(world.alice, "a star <lora:oil:0.3>")
        await world.alice.slash(world.channel, "settings", style="oil:0.2")
        await world.painted(world.alice)
        await world.alice.slash(world.channel, "settings", style="なし")
        await world.painted(world.alice)
        await world.alice.slash(world.channel, "settings", style="default")
        await world.painted(world.alice)
        assert [names(asked) for asked in world.requests()] == [
            [["ink", 0.6]],
            [],
            [["oil", 1.0]],
            [],
            [["oil", 0.2]],
            [],
            [["ink", 0.6]],
        ]

    async def test_only_a_shared_style_is_a_channels(self, world: World) -> None:
        await styled(world, "ink", world.admin)
        options = {"channel": world.channel, "style": "ink"}
        result = await world.admin.slash(world.channel, "konomi channel", **options)
        assert "Share ink with the server first" in world.words(result.response)
        assert await world.store.styles.of_channel(world.guild.id, world.channel.id) is None

    async def test_one_that_cannot_be_used_is_left_out_and_said(self, world: World) -> None:
        style = await styled(world, "ink", world.admin, scope=SHARED)
        await world.alice.slash(world.channel, "settings", style="ink")
        options = {"channel": world.channel, "style": "ink"}
        await world.admin.slash(world.channel, "konomi channel", **options)
        await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
        result = await world.imagine(world.alice)
        await world.done()
        [asked] = world.requests()
        assert asked["adapters"] == []
        said = "\n".join(world.words(each) for each in result.followups)
        assert "don't work here right now (Style)" in said
        assert "This channel's usual style can't be used" in said


class TestElsewhere:
    async def test_strengths_are_compared(self, world: World) -> None:
        await styled(world, "ink", trigger="ink style")
        options = {"across": "adapter_strength", "across_values": "0, 0.5, 1"}
        words = await refused(world, world.alice, "compare", prompt="a star", **options)
        assert "To compare style strengths, choose a `style`." in words
        await world.alice.slash(world.channel, "compare", prompt="a star", style="ink", **options)
        await world.done()
        [asked] = world.requests()
        assert [each["adapters"] for each in asked["pictures"]] == [
            [["ink", 0]],
            [["ink", 0.5]],
            [["ink", 1]],
        ] or [each["adapters"] for each in asked["pictures"]] == [
            [["ink", 0.0]],
            [["ink", 0.5]],
            [["ink", 1.0]],
        ]
        assert prompts(asked) == ["ink style, a star"] * 3
        round_ = await world.newest()
        images = await world.store.images.of_round(round_.id)
        assert images[1].parameters["styles"][0]["strength"] == 0.5

    async def test_a_picture_is_restyled_with_the_styles_of_the_form(self, world: World) -> None:
        await styled(world, "ink", scope=SHARED, trigger="ink style")
        await styled(world, "oil, thick", world.bob)
        await world.painted(world.alice, "a star", style="ink:0.8", count=1)

        async def restyled(member: Any, **fields: str) -> list[list[Any]]:
            round_ = await world.newest()
            image, *_ = await world.store.images.of_round(round_.id)
            panel = await world.panel(member, image)
            form = await member.click(panel.response, custom_id=f"restyle:{image.id}")
            shown.append(form.modal["components"][2]["component"].get("value"))
            await member.submit_modal(form, {"prompt": "a moon", "strength": "0.5"} | fields)
            await world.done()
            return names(world.requests()[-1])

        shown: list[str | None] = []
        assert await restyled(world.alice, style="ink:0.8") == [["ink", 0.8]]
        assert await restyled(world.bob, style="oil, thick:0.5、ink") == [
            ["oil, thick", 0.5],
            ["ink", 1.0],
        ]
        assert prompts(world.requests()[-1]) == ["ink style, a moon"] * 4
        asked = len(world.requests())
        await restyled(world.alice, style="oil, thick")
        assert len(world.requests()) == asked, "it is not hers"
        assert await restyled(world.alice, style="") == []
        assert await restyled(world.alice, style="なし") == []
        assert shown == ["ink:0.8", "ink:0.8", *["oil, thick:0.5, ink:1"] * 2, None]

    async def test_the_queue_and_the_panel_name_styles(self, world: World) -> None:
        await styled(world, "ink")
        await world.imagine(world.alice, "hold a star", style="ink:0.5")
        result = await world.alice.slash(world.channel, "queue")
        assert "hold a star · Style: ink (0.5)" in world.words(result.response)
        world.release()
        await world.done()
        round_ = await world.newest()
        image, *_ = await world.store.images.of_round(round_.id)
        panel = await world.panel(world.alice, image)
        details = await world.alice.click(panel.response, custom_id=f"details:{image.id}")
        assert "Style: ink (0.5)" in world.words(details.response)
