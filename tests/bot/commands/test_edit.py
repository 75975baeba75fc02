"""Editing by words: every way in, what is offered, and what is refused kindly."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from storage.records import Round
from tests.bot.begun import PICTURE, digest, press, unfolded
from tests.bot.events.test_messages import mention
from tests.bot.world import World

DIGEST = digest(PICTURE)


@pytest.fixture
async def round_(world: World) -> Round:
    return await world.painted(world.alice)


async def edit(world: World, instruction: str = "make it blue", **options: Any) -> Any:
    """/edit with an upload."""
    options = {"picture": ("holiday.png", PICTURE), "instruction": instruction} | options
    result = await world.alice.slash(world.channel, "edit", **options)
    await world.done()
    return result


async def open_form(world: World, member: Any, round_: Round, position: int = 0) -> Any:
    """*Edit this…* in a picture's panel."""
    image = (await world.store.images.of_round(round_.id))[position]
    panel = await world.panel(member, image)
    return await member.click(panel.response, custom_id=f"edit:{image.id}")


async def told(world: World) -> str:
    """What the details of the newest round's first picture say."""
    image = (await world.store.images.of_round((await world.newest()).id))[0]
    panel = await world.panel(world.alice, image)
    return await unfolded(world, world.alice, panel.response)


class TestUploads:
    async def test_an_upload_is_edited_by_words(self, world: World) -> None:
        result = await edit(world)
        (asked,) = world.requests()
        assert (asked["prompt"], asked["source"]["picture"]) == ("make it blue", DIGEST)
        assert (asked["guidance"], asked["keep"], asked["count"]) == (2, 1.5, 2)
        words = world.words(result.response)
        assert "**make it blue**" in words
        assert "Edited from an uploaded picture" in words
        assert world.pictures(result.response) == 2

    async def test_obeying_and_keeping_are_offered_as_what_they_do(self, world: World) -> None:
        await edit(world, obey=9.0, keep=1.2, count=4, seed=7, steps=50)
        (asked,) = world.requests()
        assert (asked["guidance"], asked["keep"], asked["count"]) == (9, 1.2, 4)
        assert (asked["seed"], asked["steps"]) == (7, 50)
        assert "edited, keep 1.2" in await told(world)

    async def test_variety_lets_each_result_be_edited_otherwise(self, world: World) -> None:
        await edit(world, variety=True)
        assert world.requests()[0]["varied"]
        assert "edited, keep varies" in await told(world)

    async def test_a_sheet_shows_the_trade_off(self, world: World) -> None:
        result = await edit(world, sheet=True)
        (asked,) = world.requests()
        assert asked["axes"] == [
            ["image_guidance", [1.2, 1.5, 1.8]],
            ["guidance", [1.3, 2, 2.7]],
        ]
        assert asked["count"] == 9
        assert "Across (keeping the picture): 1.2 · 1.5 · 1.8" in world.words(result.response)

    async def test_a_mention_with_an_upload_edits_it(self, world: World) -> None:
        words, files = f"{mention(world)} make it blue", [("a.png", PICTURE)]
        await world.alice.send(world.channel, words, attachments=files)
        await world.done()
        (asked,) = world.requests()
        assert (asked["prompt"], asked["source"]["picture"]) == ("make it blue", DIGEST)
        assert world.pictures(await world.message_of(await world.newest())) == 2

    async def test_a_direct_message_with_an_upload_edits_it(self, world: World) -> None:
        user = world.alice.user
        await user.send_dm("a red star")
        await world.done()
        files = world.env.backend.store_attachments(user.dm_channel.id, [("a.png", PICTURE)])
        await user.send_dm("make it blue", attachments=files)
        await world.done()
        assert world.requests()[-1]["source"]["picture"] == DIGEST

    async def test_an_upload_without_words_is_told_what_to_say(self, world: World) -> None:
        await world.alice.send(world.channel, mention(world), attachments=[("a.png", PICTURE)])
        assert world.words(world.ours()[-1]).startswith("Say what to change")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"count": 5}, "An edit can make 1 to 4 pictures, not 5."),
            ({"keep": 0.5}, "1 and 5, not 0.5. This model's usual value is 1.5;"),
            ({"obey": 99.0}, "1 and 30, not 99. This model's usual value is 2;"),
            ({"instruction": "   "}, "Say what to change"),
            ({"picture": ("a.txt", b"words")}, "PNG, JPEG, WebP or GIF"),
        ],
    )
    async def test_what_cannot_be_asked_is_refused_in_private(
        self, world: World, options: dict[str, Any], said: str
    ) -> None:
        result = await edit(world, **options)
        assert result.ephemeral
        assert said in world.words(result.response)
        assert world.requests() == []


class TestOurPictures:
    async def test_a_form_edits_a_picture_and_the_result_knows_its_parent(
        self, world: World, round_: Round
    ) -> None:
        form = await open_form(world, world.alice, round_, position=1)
        result = await world.alice.submit_modal(form, {"instruction": "add stripes", "keep": "1,8"})
        await world.done()
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["keep"], asked["negative"]) == ("add stripes", 1.8, "")
        words = world.words(result.response)
        assert "Edited: add stripes · from round 1, picture 2" in words
        made = await world.newest()
        parent = (await world.store.images.of_round(round_.id))[1]
        images = await world.store.images.of_round(made.id)
        assert {image.parent_id for image in images} == {parent.id}

    async def test_edits_of_edits_still_know_what_was_painted_first(
        self, world: World, round_: Round
    ) -> None:
        form = await open_form(world, world.alice, round_)
        await world.alice.submit_modal(form, {"instruction": "add stripes", "keep": "1.5"})
        await world.done()
        once = await world.newest()
        form = await open_form(world, world.alice, once)
        await world.alice.submit_modal(form, {"instruction": "make it night", "keep": " "})
        await world.done()
        twice = await world.newest()
        assert twice.parameters["about"] == "a red striped star"

        image = (await world.store.images.of_round(twice.id))[0]
        panel = await world.panel(world.alice, image)
        await world.alice.click(panel.response, custom_id=f"vary-subtle:{image.id}")
        await world.done()
        varied = world.requests()[-1]
        assert (varied["prompt"], varied["keep"]) == ("night, a red striped star", None)
        assert (varied["steps"], varied["guidance"]) == (20, 2)  # painted, so not as edits are

    async def test_likes_among_edits_steer_the_next_ones(self, world: World) -> None:
        await edit(world)
        once = await world.newest()
        image = (await world.store.images.of_round(once.id))[0]
        message = await world.message_of(once)
        await world.alice.click(message, custom_id=f"like:{image.id}")
        await world.alice.click(message, custom_id=f"next:{once.id}")
        await world.done()
        asked = world.requests()[-1]
        assert (asked["keep"], asked["source"]["picture"]) == (1.5, DIGEST)
        assert len(asked["liked"]) == 1

    async def test_a_message_of_ours_has_edit_this_in_its_menu(
        self, world: World, round_: Round
    ) -> None:
        message = await world.message_of(round_)
        form = await world.bob.context_menu(world.channel, "Edit this", message)
        images = await world.store.images.of_round(round_.id)
        words = {"picture": [str(images[2].id)], "instruction": "make it blue", "keep": "1.5"}
        await world.bob.submit_modal(form, words)
        await world.done()
        made = await world.newest()
        assert made.source_image_id == images[2].id
        board = await world.store.boards.get(made.board_id)
        assert board is not None
        assert board.owner_id == world.bob.id, "on a board of one's own"

    async def test_other_messages_have_nothing_to_edit(self, world: World) -> None:
        message = await world.alice.send(world.channel, "hello")
        result = await world.bob.context_menu(world.channel, "Edit this", message)
        assert result.ephemeral
        assert "no picture of mine" in world.words(result.response)

    async def test_a_reply_edits_the_picture_that_it_names(
        self, world: World, round_: Round
    ) -> None:
        message, said = await world.message_of(round_), "3: make it blue"
        await world.bob.send(world.channel, f"{mention(world)} {said}", reply_to=message)
        await world.done()
        made = await world.newest()
        images = await world.store.images.of_round(round_.id)
        assert made.source_image_id == images[2].id
        assert made.parameters["prompt"] == "make it blue"

    async def test_a_pencil_is_answered_with_buttons_that_open_the_form(
        self, world: World, round_: Round
    ) -> None:
        await world.bob.react(await world.message_of(round_), "✏️")
        await world.done()
        offer = world.ours()[-1]
        images = await world.store.images.of_round(round_.id)
        assert list(world.buttons(offer)) == [f"edit-numbered:{image.id}" for image in images]
        form = await world.bob.click(offer, custom_id=f"edit-numbered:{images[3].id}")
        await world.bob.submit_modal(form, {"instruction": "make it blue", "keep": "1.5"})
        await world.done()
        assert (await world.newest()).source_image_id == images[3].id


class TestWhatCannotBeDone:
    @pytest.mark.parametrize(
        ("instruction", "said"),
        [
            ("show it from above", "not where they are seen from"),
            ("move the star to the left", "can't move them to another place"),
            ("swap the star and the moon with each other", "can't swap two things"),
            ("remove the background", "can't cut something out"),
        ],
    )
    async def test_it_is_answered_with_what_to_try_instead(
        self, world: World, instruction: str, said: str
    ) -> None:
        result = await edit(world, instruction)
        assert result.ephemeral
        assert said in world.words(result.response)
        assert "start with `!`" in world.words(result.response)
        assert world.requests() == []

    async def test_whoever_insists_has_it_tried(self, world: World) -> None:
        await edit(world, "! show it from above")
        assert world.requests()[0]["prompt"] == "show it from above"


class TestWithoutAnEditor:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"editor": "off"})

    async def test_an_edit_is_refused_with_what_there_is_instead(self, world: World) -> None:
        result = await edit(world)
        assert result.ephemeral
        assert "`/restyle`" in world.words(result.response)

    async def test_a_reply_is_a_prompt_like_any_other(self, world: World, round_: Round) -> None:
        message = await world.message_of(round_)
        await world.bob.send(world.channel, f"{mention(world)} a moon", reply_to=message)
        await world.done()
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["keep"]) == ("a moon", None)


class TestTheTree:
    async def edited(self, world: World, round_: Round, instruction: str, position: int = 0) -> Any:
        """The round of an edit, once it stands in the channel."""
        form = await open_form(world, world.alice, round_, position)
        await world.alice.submit_modal(form, {"instruction": instruction, "keep": "1.5"})
        await world.done()
        return await world.newest()

    async def panel(self, world: World, round_: Round) -> Any:
        image = (await world.store.images.of_round(round_.id))[0]
        return (await world.panel(world.alice, image)).response

    async def test_a_panel_shows_how_a_picture_came_about(
        self, world: World, round_: Round
    ) -> None:
        once = await self.edited(world, round_, "add stripes", position=1)
        other = await self.edited(world, round_, "make it night", position=1)
        twice = await self.edited(world, once, "make it blue")
        panel = await self.panel(world, twice)
        lines = (await unfolded(world, world.alice, panel)).splitlines()
        shown = lines[lines.index("**History**") + 1 :][:4]
        assert shown == [
            "a red star · 1.2",
            "└ add stripes · 2.1 2.2",
            "\u2003└ make it blue · **4.1** 4.2",
            "└ make it night · 3.1 3.2",
        ]
        assert other.number == 3

    async def test_words_that_stay_the_same_are_said_once(
        self, world: World, round_: Round
    ) -> None:
        await press(world, world.alice, "vary-strong", round_)
        await world.done()
        panel = await self.panel(world, await world.newest())
        words = await unfolded(world, world.alice, panel)
        assert words.endswith("a red star · 1.1\n└ **2.1** 2.2 2.3 2.4")

    async def test_a_picture_that_stands_alone_has_no_tree(
        self, world: World, round_: Round
    ) -> None:
        panel = await self.panel(world, round_)
        assert "History" not in await unfolded(world, world.alice, panel)
        assert not any(one.startswith("back:") for one in world.buttons(panel))

    async def test_one_goes_back_to_what_it_was_and_branches_there(
        self, world: World, round_: Round
    ) -> None:
        once = await self.edited(world, round_, "add stripes", position=1)
        before = (await world.store.images.of_round(round_.id))[1]
        panel = await self.panel(world, once)
        back = await world.alice.click(panel, custom_id=f"back:{before.id}")
        await world.done()
        shown = back.response
        assert "**Picture 2 of round 1**" in world.words(shown)
        assert world.pictures(shown) == 1
        form = await world.alice.click(shown, custom_id=f"edit:{before.id}")
        await world.alice.submit_modal(form, {"instruction": "make it gold", "keep": "1.5"})
        await world.done()
        assert (await world.newest()).source_image_id == before.id

    async def test_a_large_tree_shows_what_is_near(self, world: World, round_: Round) -> None:
        for number in range(13):
            await self.edited(world, round_, f"change {number}", position=0)
        last = await world.newest()
        words = await unfolded(world, world.alice, await self.panel(world, last))
        assert "└ change 12" in words
        assert "change 3" not in words
        assert "and 12 more" in words


class TestImagic:
    async def test_a_strip_along_eta_names_the_best(self, world: World) -> None:
        result = await edit(world, "a blue star", mode="imagic", seed=3)
        (asked,) = world.requests()
        assert asked["axes"] == [["eta", [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]]]
        assert (asked["imagic"], asked["count"], asked["keep"]) == (True, 6, None)
        assert asked["source"]["picture"] == DIGEST
        words = world.words(result.response)
        assert "Painted with a model tuned to it, from an uploaded picture" in words
        assert (
            "Best balance between your description and the original picture: **3**, edit "
            "strength (η) 0.7" in words
        )

    async def test_it_asks_what_the_result_shows(self, world: World) -> None:
        result = await edit(world, "  ", mode="imagic")
        assert result.ephemeral
        assert "Say what the picture should show" in world.words(result.response)
