"""Going on from our own pictures: larger, otherwise, beyond their edges."""

from __future__ import annotations

import pytest

from storage.records import Round
from tests.bot.begun import PICTURE, press, unfolded
from tests.bot.world import World


@pytest.fixture
async def round_(world: World) -> Round:
    options = {"seed": 5, "steps": 30, "width": 64, "height": 128, "negative": "red"}
    return await world.painted(world.alice, "a {big|small} star", **options)


@pytest.mark.parametrize("times", [2, 4])
async def test_a_picture_of_ours_is_upscaled(world: World, round_: Round, times: int) -> None:
    await press(world, world.alice, f"upscale-{times}", round_)
    await world.done()
    _, asked = world.requests()
    assert (asked["source"]["times"], asked["tiled"], asked["count"]) == (times, True, 1)
    (image, *_) = await world.store.images.of_round(round_.id)
    assert asked["prompt"] == image.parameters["prompt"]
    assert (asked["steps"], asked["guidance"]) == (20, 1)  # however few the picture took

    await press(world, world.alice, "vary-subtle", await world.newest())
    await world.done()
    assert world.requests()[-1]["guidance"] == 2  # by its words again


@pytest.mark.parametrize(
    ("verb", "strength", "size", "within"),
    [
        ("vary-subtle", 0.4, [64, 128], None),
        ("vary-strong", 0.7, [64, 128], None),
        ("zoom-out", 0.95, [64, 128], "around"),
        ("zoom-far-out", 0.95, [64, 128], "far"),
        ("extend-left", 0.95, [None, None], "left"),
        ("extend-right", 0.95, [None, None], "right"),
        ("extend-up", 0.95, [None, None], "up"),
        ("extend-down", 0.95, [None, None], "down"),
    ],
)
async def test_a_picture_of_ours_is_gone_on_from(
    world: World,
    round_: Round,
    verb: str,
    strength: float,
    size: list[int | None],
    within: str | None,
) -> None:
    result = await press(world, world.alice, verb, round_, 1)
    await world.done()

    parent = (await world.store.images.of_round(round_.id))[1]
    _, asked = world.requests()
    assert asked["source"]["picture"] == parent.digest
    assert asked["source"]["strength"] == strength
    assert bool(asked["source"]["within"]) == bool(within)
    assert (asked["size"], asked["count"], asked["negative"]) == (size, 4, "red")
    assert asked["prompt"] == parent.parameters["prompt"]
    assert asked["seed"] != parent.seed
    assert (asked["liked"], asked["disliked"]) == ([], [])

    made = await world.newest()
    assert (made.board_id, made.number, made.parent_id) == (round_.board_id, 2, round_.id)
    images = await world.store.images.of_round(made.id)
    assert {image.parent_id for image in images} == {parent.id}
    message = await world.message_of(made)
    assert message.id == result.response.id
    assert "from round 1, picture 2" in world.words(message)
    panel = await world.panel(world.bob, images[0])
    words = await unfolded(world, world.bob, panel.response)
    assert f"Made from round 1, picture 2 · strength {strength:g}" in words


async def test_a_form_restyles_it_in_other_words(world: World, round_: Round) -> None:
    image = (await world.store.images.of_round(round_.id))[0]
    form = await press(world, world.alice, "restyle", round_)
    filled = {
        each["component"]["custom_id"]: each["component"].get("value")
        for each in form.modal["components"]
    }
    prompt = image.parameters["prompt"]
    assert filled == {"prompt": prompt, "strength": "0.6", "style": None}

    words = {"prompt": "a moon", "strength": "0,5"}
    result = await world.alice.submit_modal(form, words)
    await world.done()
    asked = world.requests()[-1]
    assert (asked["prompt"], asked["source"]["strength"]) == ("a moon", 0.5)
    assert world.pictures(result.response) == 4


class TestAnEditedPicture:
    """What follows an edit is painted by a prompt that knows of it."""

    @pytest.fixture
    async def edited(self, world: World) -> Round:
        round_ = await world.painted(world.alice, "a red star with dots", negative="snow, rain")
        form = await press(world, world.alice, "edit", round_)
        await world.alice.submit_modal(form, {"instruction": "make the star blue", "keep": ""})
        await world.done()
        return await world.newest()

    @pytest.mark.parametrize(
        "verb",
        ["vary-subtle", "vary-strong", "zoom-out", "zoom-far-out", "extend-left", "upscale-2"],
    )
    async def test_its_prompt_says_what_the_edit_made_of_it(
        self, world: World, edited: Round, verb: str
    ) -> None:
        await press(world, world.alice, verb, edited)
        await world.done()
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["negative"]) == ("a blue star with dots", "snow, rain")
        assert asked["keep"] is None

    async def test_restyling_begins_with_its_prompt_and_a_moderate_strength(
        self, world: World, edited: Round
    ) -> None:
        form = await press(world, world.alice, "restyle", edited)
        fields = [each["component"].get("value") for each in form.modal["components"]]
        assert fields == ["a blue star with dots", "0.6", None]

    async def test_what_edits_removed_stays_away_until_it_is_asked_for(
        self, world: World, edited: Round
    ) -> None:
        form = await press(world, world.alice, "edit", edited)
        await world.alice.submit_modal(form, {"instruction": "remove the dots", "keep": ""})
        await world.done()
        twice = await world.newest()
        assert world.requests()[-1]["negative"] == ""

        await press(world, world.alice, "vary-subtle", twice)
        await world.done()
        asked = world.requests()[-1]
        assert (asked["prompt"], asked["negative"]) == ("a blue star", "snow, rain, dots")

        form = await press(world, world.alice, "restyle", twice)
        words = {"prompt": "a moon with dots", "strength": "0.5"}
        await world.alice.submit_modal(form, words)
        await world.done()
        assert world.requests()[-1]["negative"] == "snow, rain"


@pytest.mark.parametrize("verb", ["upscale-2", "zoom-out"])
async def test_restyling_what_was_not_restyled_begins_with_a_moderate_strength(
    world: World, round_: Round, verb: str
) -> None:
    await press(world, world.alice, verb, round_)
    await world.done()
    form = await press(world, world.alice, "restyle", await world.newest())
    assert form.modal["components"][1]["component"]["value"] == "0.6"


async def test_restyling_fills_in_no_words_that_nobody_said(world: World) -> None:
    await world.alice.slash(world.channel, "upscale", picture=("holiday.png", PICTURE))
    await world.done()
    assert world.requests()[-1]["prompt"]
    form = await press(world, world.alice, "restyle", await world.newest())
    assert not form.modal["components"][0]["component"].get("value")


@pytest.mark.parametrize(
    ("strength", "said"),
    [("much", "I don't understand the number `much`"), ("7", "not 7"), ("nan", "not nan")],
)
async def test_a_strength_that_is_none_is_refused(
    world: World, round_: Round, strength: str, said: str
) -> None:
    form = await press(world, world.alice, "restyle", round_)
    result = await world.alice.submit_modal(form, {"prompt": "x", "strength": strength})
    assert result.ephemeral
    assert said in world.words(result.response)


async def test_on_anothers_picture_it_starts_a_board_of_ones_own(
    world: World, round_: Round
) -> None:
    await press(world, world.bob, "vary-subtle", round_)
    await world.done()
    made = await world.newest()
    board = await world.store.boards.get(made.board_id)
    assert board is not None
    assert (board.owner_id, board.forked_from) == (world.bob.id, round_.id)
    words = world.words(await world.message_of(made))
    assert f"from round 1, picture 1 of {world.alice.mention}'s board" in words


async def test_the_next_round_goes_on_from_the_same_picture_steered_by_likes(
    world: World, round_: Round
) -> None:
    await press(world, world.alice, "extend-left", round_)
    await world.done()
    made = await world.newest()
    images = await world.store.images.of_round(made.id)
    message = await world.message_of(made)
    await world.alice.click(message, custom_id=f"like:{images[2].id}")
    await world.alice.react(message, "🔁")
    await world.done()

    first, second = world.requests()[1:]
    assert second["source"] == first["source"]
    assert [liked[0] for liked in second["liked"]] == [images[2].digest]
    assert second["explore"] == first["explore"]
    parents = await world.store.images.of_round((await world.newest()).id)
    assert {image.parent_id for image in parents} == {images[0].parent_id}


async def test_variations_of_an_explorer_take_the_guidance_of_its_round(
    world: World, round_: Round
) -> None:
    (first, *_) = await world.store.images.of_round(round_.id)
    message = await world.message_of(round_)
    await world.alice.click(message, custom_id=f"like:{first.id}")
    await world.alice.click(message, custom_id=f"next:{round_.id}")
    await world.done()
    steered = await world.newest()
    explorer = (await world.store.images.of_round(steered.id))[3]
    await press(world, world.alice, "vary-subtle", steered, 3)
    await world.done()

    assert explorer.parameters["guidance"] < steered.parameters["guidance"]
    assert world.requests()[-1]["guidance"] == steered.parameters["guidance"]


async def test_what_was_made_from_a_picture_outlives_it(world: World, round_: Round) -> None:
    await press(world, world.alice, "vary-strong", round_)
    await world.done()
    made = await world.newest()
    await world.delete(world.alice, round_)
    message = await world.message_of(made)
    image = (await world.store.images.of_round(made.id))[0]
    await world.alice.click(message, custom_id=f"like:{image.id}")
    assert "from a picture that has since been deleted" in world.words(message)
    await world.alice.click(message, custom_id=f"next:{made.id}")
    await world.done()
    first, second = world.requests()[1:]
    assert second["source"] == first["source"]


async def test_a_deleted_picture_cannot_be_gone_on_from(world: World, round_: Round) -> None:
    image = (await world.store.images.of_round(round_.id))[0]
    panel = await world.panel(world.alice, image)
    await world.store.rounds.delete(round_.id)
    result = await world.alice.click(panel.response, custom_id=f"vary-subtle:{image.id}")
    assert (
        world.words(result.response)
        == "This picture was deleted, or it isn't available to you here."
    )


async def test_it_counts_on_the_quota_of_who_pressed(world: World, round_: Round) -> None:
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=4)
    result = await press(world, world.alice, "vary-subtle", round_)
    assert "You can ask for 4 pictures in 24 hours here, and you have 0 left" in world.words(
        result.response
    )
    assert not (await press(world, world.bob, "vary-subtle", round_)).ephemeral
    await world.done()


async def test_the_panel_fits_into_a_message(world: World) -> None:
    round_ = await world.painted(world.alice, "*_" * 750, negative="*_" * 750)
    image = (await world.store.images.of_round(round_.id))[0]
    panel = await world.panel(world.alice, image)
    await unfolded(world, world.alice, panel.response)
    assert len(world.raw(panel.response)) <= 40
    assert len(world.words(panel.response)) <= 4000
