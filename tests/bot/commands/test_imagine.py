"""/imagine: its options, what it says while it works, and what it refuses with which words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.imagine import imagine
from generation.catalog.entries import usual_feedback
from generation.requests.prompts import chosen
from tests.bot.begun import unfolded
from tests.bot.painter import STEPS
from tests.bot.world import World


async def test_every_option_reaches_the_painter(world: World) -> None:
    await world.painted(
        world.alice,
        "a star",
        negative="red",
        count=2,
        seed=5,
        steps=30,
        guidance=7.5,
        width=128,
        height=64,
        scheduler="ddim",
        feedback="paper",
    )
    (asked,) = world.requests()
    assert asked["negative"] == "red"
    assert (asked["count"], asked["seed"], asked["size"]) == (2, 5, [128, 64])
    assert (asked["start"], asked["end"], asked["influence"]) == (0.33, 0.66, "each")
    round_ = await world.newest()
    assert round_.parameters["steps"] == 30
    assert round_.parameters["scheduler"] == "ddim"
    settings = await world.in_panel(world.alice, round_, "round-settings")
    words = world.words(settings.response)
    for said in ("Size: 128 × 64", "Steps: 30", "Sampler: DDIM", "Guidance: 7.5"):
        assert said in words
    assert "Negative prompt: red" in words


async def test_likes_steer_as_suits_the_model_unless_someone_says_otherwise(world: World) -> None:
    await world.painted(world.alice, "a star")
    (asked,) = world.requests()
    usual = usual_feedback("shapes")
    assert (asked["start"], asked["end"], asked["strength"]) == (0.0, usual.end, usual.strength)


def test_the_options_that_people_use_come_first() -> None:
    names = [option.name for option in imagine.parameters]
    assert names[:7] == ["prompt", "style", "size", "count", "negative", "seed", "feedback"]
    assert [name for name in names if name.startswith("feedback")] == ["feedback"]
    assert names[-2:] == ["width", "height"]


async def test_a_size_may_be_written_in_one(world: World) -> None:
    await world.painted(world.alice, size="64x 128")
    assert world.requests()[0]["size"] == [64, 128]


@pytest.mark.parametrize(
    ("size", "aspect"),
    [("3:2", 1.5), ("16：9", 16 / 9), ("portrait", 2 / 3), ("横長", 1.5), ("Square", 1.0)],
)
async def test_a_size_may_be_an_aspect(world: World, size: str, aspect: float) -> None:
    await world.painted(world.alice, size=size)
    asked = world.requests()[0]
    assert (asked["size"], asked["aspect"]) == ([None, None], aspect)


async def test_a_size_far_from_the_models_own_is_remarked_on_once_a_board(world: World) -> None:
    round_ = await world.painted(world.alice, size="192x96")
    message = await world.message_of(round_)
    assert "At 192 × 96, it tends to paint things twice; 136 × 64 works better." in world.words(
        message
    )
    await world.alice.react(message, "🔁")
    await world.done()
    assert "paint things twice" not in world.words(await world.message_of(await world.newest()))
    small = await world.painted(world.alice, size="64")
    assert "At 64 × 64, it loses detail; 96 × 96" in world.words(await world.message_of(small))


async def test_feedback_is_one_preset_by_name(world: World) -> None:
    round_ = await world.painted(world.alice, feedback="paper")
    await world.alice.react(await world.message_of(round_), "🔁")
    await world.done()
    for asked in world.requests():
        assert (asked["start"], asked["end"], asked["strength"]) == (0.33, 0.66, 1.0)
        assert (asked["influence"], asked["explore"]) == ("each", 0)


async def test_a_grid_is_a_file_to_download_below_the_pictures(world: World) -> None:
    round_ = await world.painted(world.alice, count=5, grid=True)
    message = await world.message_of(round_)
    assert [each.filename for each in message.attachments] == [
        *(f"konomi-{round_.id}-{number}.png" for number in range(1, 6)),
        f"konomi-{round_.id}-sheet.png",
    ]
    assert world.pictures(message) == 5
    assert [each["type"] for each in world.raw(message)].count(13) == 1


async def test_a_picture_that_dropped_its_prompt_says_so(world: World) -> None:
    own = {"feedback_drop": 1.0, "feedback_explore": 0.0}
    await world.alice.slash(world.channel, "settings", **own)
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    assert "without the prompt" not in world.words(message)  # no likes to follow yet
    await world.alice.react(message, "1️⃣")
    await world.alice.react(message, "🔁")
    await world.done()
    follower = await world.newest()
    message = await world.message_of(follower)
    said = "Painted from the likes alone, without the prompt: "
    assert f"{said}1, 2, 3, 4" in world.words(message)
    image = (await world.store.images.of_round(follower.id))[2]
    panel = await world.panel(world.alice, image)
    assert f"{said}3" in await unfolded(world, world.alice, panel.response)


async def test_what_goes_on_from_a_picture_that_dropped_its_prompt_has_the_prompt(
    world: World,
) -> None:
    own = {"feedback_drop": 0.5, "feedback_explore": 0.0}
    await world.alice.slash(world.channel, "settings", **own)
    first = await world.painted(world.alice)
    message = await world.message_of(first)
    await world.alice.react(message, "1️⃣")
    dropped = None
    while dropped is None:  # Seeds decide.
        await world.alice.click(message, custom_id=f"next:{first.id}")
        await world.done()
        images = await world.store.images.of_round((await world.newest()).id)
        dropped = next((each for each in images if not each.parameters["prompt"]), None)
    message = await world.message_of(await world.newest())
    await world.alice.click(message, custom_id=f"vary-strong:{dropped.id}")
    await world.done()
    asked = world.requests()[-1]
    assert (asked["prompt"], asked["drop"]) == ("a red star", 0.5)


async def test_the_first_answer_shows_the_prompt_and_a_way_out(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    assert not result.ephemeral
    job = (await world.store.jobs.pending())[0]
    assert job.message_id == result.response.id
    assert "**hold a star**" in world.words(result.response)
    assert world.buttons(result.response) == {f"cancel:{job.id}": "Cancel"}
    world.release()
    await world.done()


async def test_those_behind_see_their_place(world: World) -> None:
    await world.imagine(world.alice, "hold 1", count=8)
    results = [await world.imagine(world.bob, f"hold {n}", count=8) for n in (2, 3)]

    async def told() -> bool:
        return "Place in the queue: 2" in world.words(results[1].response)

    await world.until(told)
    assert "Place in the queue: 1" in world.words(results[0].response)
    world.release()
    await world.done()
    assert [asked["prompt"] for asked in world.requests()] == ["hold 1", "hold 2", "hold 3"]


async def test_progress_shows_a_bar_and_a_preview(world: World) -> None:
    result = await world.imagine(world.alice, "hold slow star")

    async def shown() -> bool:
        return "▰" in world.words(result.response)

    await world.until(shown)
    assert "▰▱" in world.words(result.response)
    assert STEPS == 4
    assert world.pictures(result.response) == 1
    assert result.response.attachments[0].filename.startswith("preview-")
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"count": 9}, "You can ask for 1 to 8 pictures at a time, not 9."),
        ({"count": 0}, "You can ask for 1 to 8 pictures at a time, not 0."),
        ({"steps": 151}, "1 to 150 steps, not 151. This model usually takes 20;"),
        ({"steps": 51, "scheduler": "lcm"}, "1 to 50 steps, not 51. This model usually takes 4;"),
        ({"guidance": 0.5}, "1 and 30, not 0.5. This model's usual value is 2;"),
        ({"seed": -1}, "Leave it out for a random one."),
        (
            {"width": 100},
            "Width and height must be multiples of 8 pixels. The nearest to 100 is 96.",
        ),
        ({"height": 32}, "Width and height must be at least 64 pixels, not 32."),
        ({"size": "1024"}, "1024 × 1024 is too large for this model. It can paint up to"),
        ({"size": "big"}, "I don't understand the size `big`."),
        ({"size": "9:1"}, "One side can be at most 4 times as long as the other."),
        ({"size": "4:1"}, "Width and height must be at least 64 pixels, not 48."),
        ({"size": "0:1"}, "I don't understand the size `0:1`."),
        ({"size": "64", "width": 64}, "Give either `size`, or `width` and `height`, but not both."),
        ({"prompt": "  "}, "Say what to paint"),
        ({"prompt": "x" * 1501}, "Your prompt has 1,501 characters; the limit is 1,500."),
        ({"prompt": "a {red|blue"}, "Every `{` in the prompt needs a matching `}`"),
        ({"negative": "blue} star"}, "Every `{` in the prompt needs a matching `}`"),
        ({"prompt": "a {red|blue}} star"}, "Every `{` in the prompt needs a matching `}`"),
        ({"negative": "{a|b}" * 25}, "A prompt can have up to 24 choices in braces"),
        (
            {"prompt": "{" + "|" * 100 + "}"},
            "The braces in a prompt can hold up to 100 alternatives in total.",
        ),
        (
            {"prompt": "{50$$" + "x" * 40 + "$$" + "|" * 49 + "}"},
            "The choices in braces add up to more than 1,500 characters.",
        ),
        ({"negative": "[a]b" * 375}, "A prompt can have up to 32 parts with a weight below 1"),
        ({"prompt": "{0::a|0::b}"}, "I can't read the braces in the prompt."),
    ],
)
async def test_what_is_out_of_range_is_refused_with_what_to_do_instead(
    world: World, options: dict[str, Any], said: str
) -> None:
    result = await world.imagine(world.alice, **options)
    assert result.ephemeral
    assert said in world.words(result.response)
    assert await world.store.jobs.pending() == []
    assert world.ours() == []


async def test_a_long_prompt_is_shortened_on_the_message_and_whole_in_the_panel(
    world: World,
) -> None:
    prompt = "*_" * 740 + " the end"
    round_ = await world.painted(world.alice, prompt)
    message = await world.message_of(round_)
    assert "the end" not in world.words(message)
    assert len(world.words(message)) < 4000
    image = (await world.store.images.of_round(round_.id))[0]
    result = await world.panel(world.alice, image)
    assert len(await unfolded(world, world.alice, result.response)) <= 4000
    assert world.requests()[0]["prompt"] == prompt


async def test_a_prompt_pings_nobody_and_is_no_markup(world: World) -> None:
    prompt = f"@everyone {world.bob.mention} **bold** [x](http://a.b)\n# title"
    round_ = await world.painted(world.alice, prompt)
    message = await world.message_of(round_)
    stored = world.env.backend.get_message(message.channel.id, message.id)
    assert not stored.mention_everyone
    assert not stored.ping_user_ids
    words = world.words(message)
    assert world.bob.mention not in words
    assert r"\*\*bold\*\*" in words
    assert "\n# title" not in words
    assert world.requests()[0]["prompt"] == prompt


async def test_every_message_of_ours_says_that_nobody_is_to_be_pinged(world: World) -> None:
    round_ = await world.painted(world.alice, count=5)
    await world.alice.react(await world.message_of(round_), "🔁")
    await world.done()
    nobody = {"parse": []}
    for request in world.env.http_requests:
        body = request.json or {}
        body = body.get("data", body) if isinstance(body, dict) else {}
        if "components" in body:
            assert {k: v for k, v in body["allowed_mentions"].items() if v} in (nobody, {}), request


async def test_what_the_small_model_has_never_seen_is_said_once_a_board(world: World) -> None:
    round_ = await world.painted(world.alice, "a red cat")
    words = world.words(await world.message_of(round_))
    assert "never seen “cat”" in words
    assert "KONOMI_MODEL=sd15" in words
    await world.alice.react(await world.message_of(round_), "🔁")
    await world.done()
    assert "never seen “cat”" not in world.words(await world.message_of(await world.newest()))


async def test_a_withheld_picture_says_so_and_offers_another_seed(world: World) -> None:
    round_ = await world.painted(world.alice, "unsafe star", count=2)
    message = await world.message_of(round_)
    images = await world.store.images.of_round(round_.id)
    assert "Picture 1 isn't shown because the safety checker found adult content" in world.words(
        message
    )
    assert world.pictures(message) == 1
    assert f"like:{images[0].id}" not in world.buttons(message)
    assert world.reactions(message) == []
    assert world.buttons(message)[f"retry:{round_.id}"] == "🔄Reroll"
    await world.alice.click(message, custom_id=f"retry:{round_.id}")
    await world.done()
    first, second = world.requests()
    assert second["seed"] != first["seed"]


@pytest.mark.parametrize(
    ("reason", "said", "retry"),
    [
        ("invalid", "I can't paint that. Ask for something else.", False),
        ("model", "I can't use the model: Ask for something else.", False),
        ("memory", "Ask for a smaller size, or let fewer pictures steer", False),
        ("internal", "Something went wrong on my side.", True),
    ],
)
async def test_failures_are_told_in_words(
    world: World, reason: str, said: str, retry: bool
) -> None:
    result = await world.imagine(world.alice, f"fail {reason}")
    await world.done()
    assert said in world.words(result.response)
    assert bool(world.buttons(result.response)) is retry


async def test_what_kills_the_painter_three_times_is_given_up_in_words(world: World) -> None:
    result = await world.imagine(world.alice, "poison")
    other = await world.imagine(world.bob, "a star")
    await world.done()
    assert "This request crashed me 3 times" in world.words(result.response)
    assert world.pictures(other.response) == 4


async def test_ten_members_at_once_are_acknowledged_and_served_in_turn(world: World) -> None:
    members = [world.guild.add_member(world.env.create_user(f"member{n}")) for n in range(10)]
    results = [await world.imagine(each, f"hold {each.name}", count=8) for each in members]
    results += [await world.imagine(each, f"hold {each.name}", count=8) for each in members[:2]]
    assert all(result.acknowledged for result in results)
    world.release()
    await world.done()
    order = [asked["prompt"].split()[1] for asked in world.requests()]
    assert order[:10] == [each.name for each in members]


async def test_one_member_with_many_requests_is_told_to_wait(world: World) -> None:
    results = [await world.imagine(world.alice, f"hold {n}", count=8) for n in range(5)]
    words = world.words(results[4].response)
    assert "You already have 3 requests waiting." in words
    assert results[4].ephemeral
    assert (await world.imagine(world.bob, "hold b", count=8)).response is not None
    assert len(await world.store.jobs.pending()) == 5
    world.release()
    await world.done()


async def test_the_rules_are_asked_before_a_prompt_is_read(world: World) -> None:
    for n in range(4):
        await world.imagine(world.alice, f"hold {n}", count=8)
    result = await world.imagine(world.alice, "{a|b}}")
    assert "You already have 3 requests waiting." in world.words(result.response)
    world.release()
    await world.done()


async def test_who_has_cancelled_may_ask_again(world: World) -> None:
    for n in range(4):
        await world.imagine(world.alice, f"hold {n}", count=8)
    job = (await world.store.jobs.pending())[-1]
    await world.alice.click(world.ours()[-1], custom_id=f"cancel:{job.id}")
    result = await world.imagine(world.alice, "hold again", count=8)
    assert not result.ephemeral
    world.release()
    await world.done()


async def test_a_pictures_panel_shows_the_alternative_that_it_took(world: World) -> None:
    prompt = "a {red|blue|green|pink|white|black} star"
    round_ = await world.painted(world.alice, prompt, seed=5)
    images = await world.store.images.of_round(round_.id)
    taken = [chosen(prompt, image.seed) for image in images]
    assert len(set(taken)) > 1
    for image, expected in zip(images, taken, strict=True):
        result = await world.panel(world.alice, image)
        assert expected in await unfolded(world, world.alice, result.response)


async def test_what_is_pasted_from_elsewhere_is_said_once_a_board(world: World) -> None:
    pasted = "a red star <lora:x:1> --ar 16:9 Negative prompt: blue Steps: 20, Sampler: Euler a"
    round_ = await world.painted(world.alice, pasted)
    words = world.words(await world.message_of(round_))
    assert "name files that I don't have" in words
    assert "Use the options instead: `size: 16:9`" in words
    assert "I left out the settings after the prompt" in words
    assert "never seen" not in words
    (image, *_) = await world.store.images.of_round(round_.id)
    assert image.parameters["prompt"] == "a red star"
    assert image.parameters["negative_prompt"] == "blue"
    await world.alice.react(await world.message_of(round_), "🔁")
    await world.done()
    assert "Use the options" not in world.words(await world.message_of(await world.newest()))
