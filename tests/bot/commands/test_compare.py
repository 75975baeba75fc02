"""/compare: values side by side on one sheet, its pictures to be liked one by one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from generation.protocol.requests import MAX_CELLS, Axis
from generation.requests.prompts import MOST_ALTERNATIVES, chosen
from storage.gestures import SHEET
from storage.records import Round
from tests.bot.begun import clean, digest, unfolded
from tests.bot.painter import png
from tests.bot.world import World

STEPS = {"across": "steps", "across_values": "10, 20, 30"}
STRENGTHS = {"across": "source_strength", "across_values": "0.3, 0.9"}
PICTURE = ("holiday.png", clean(png((10, 20, 30))))
BOTH = {**STEPS, "down": "guidance", "down_values": "3 6"}


async def compare(world: World, member: Any, prompt: str = "a red star", **options: Any) -> Any:
    return await member.slash(world.channel, "compare", prompt=prompt, **(options or BOTH))


async def compared(world: World, member: Any, prompt: str = "a red star", **options: Any) -> Round:
    await compare(world, member, prompt, **options)
    await world.done()
    return await world.newest()


async def single(world: World, member: Any, round_: Round, first: int = 0) -> Any:
    """The private page that begins with a picture of the comparison."""
    message = await world.message_of(round_, SHEET)
    images = await world.store.images.of_round(round_.id)
    opened = await member.click(message, custom_id=f"single:{images[0].id}")
    if first:
        await member.click(opened.response, custom_id=f"single:{images[first].id}")
    return opened.response


async def test_a_comparison_is_one_message_with_its_sheet(world: World) -> None:
    round_ = await compared(world, world.alice, **BOTH, seed=5, negative="blue")
    (asked,) = world.requests()
    assert asked["axes"] == [["steps", [10, 20, 30]], ["guidance", [3.0, 6.0]]]
    assert (asked["count"], asked["seed"], asked["negative"]) == (6, 5, "blue")

    assert len(world.ours()) == 1
    message = await world.message_of(round_, SHEET)
    assert world.pictures(message) == 1
    assert [each.filename for each in message.attachments] == [f"konomi-{round_.id}-sheet.png"]
    words = world.words(message)
    assert "Across (steps): 10 · 20 · 30" in words
    assert "Down (guidance): 3 · 6" in words
    assert f"{world.alice.mention}'s comparison, round 1" in words
    assert world.reactions(message) == []


async def test_its_single_pictures_are_paged_in_private_and_can_be_liked(world: World) -> None:
    round_ = await compared(world, world.alice)
    images = await world.store.images.of_round(round_.id)
    page = await single(world, world.alice, round_)
    assert page.flags.ephemeral
    assert world.galleries(page) == [4]
    assert "**2** · steps 20, guidance 3" in world.words(page)
    verbs = ("like", "dislike", "more")
    rated = [id_ for id_ in world.buttons(page) if not id_.startswith("single:")]
    assert rated == [f"{verb}:{image.id}" for verb in verbs for image in images[:4]]

    await world.alice.click(page, custom_id=f"single:{images[4].id}")
    assert world.pictures(page) == 2
    assert "**5** · steps 20, guidance 6" in world.words(page)
    await world.alice.click(page, custom_id=f"like:{images[4].id}")
    assert world.buttons(page)[f"like:{images[4].id}"] == "👍5 (1)"
    (rating,) = await world.store.ratings.of_image(images[4].id)
    assert (rating.member_id, rating.value) == (world.alice.id, 1)


async def test_reading_many_alternatives_holds_nobody_up(world: World) -> None:
    # In seconds that this thread computes: those of others, and its waits, hold nobody up.
    bars = "{" + "|" * (MOST_ALTERNATIVES - 1) + "}"
    began = time.thread_time()
    for number in range(MAX_CELLS):
        chosen(f"read elsewhere {number} {bars}", 0)
    reading = time.thread_time() - began
    pauses = []

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.01)
            pauses.append(time.thread_time() - before)

    ticking = asyncio.create_task(tick())
    await compared(
        world,
        world.alice,
        f"one two {bars}",
        across="prompt",
        across_values="one, 1, 2, 3",
        down="prompt",
        down_values="two, 4, 5, 6",
        negative=f"one two {bars}",
    )
    ticking.cancel()
    assert max(pauses) < reading / 3


async def test_the_largest_comparison_keeps_within_a_message(world: World) -> None:
    values = "1, 2, 3, 4"
    round_ = await compared(
        world, world.alice, across="steps", across_values=values, down="seed", down_values=values
    )
    assert MAX_CELLS == 16
    page = await single(world, world.alice, round_, first=12)
    assert len(world.raw(page)) <= 40
    assert sum(id_.startswith("single:") for id_ in world.buttons(page)) == 3


async def test_next_goes_on_with_the_values_of_the_picture_that_was_liked(world: World) -> None:
    round_ = await compared(world, world.alice)
    images = await world.store.images.of_round(round_.id)
    page = await single(world, world.alice, round_, first=4)
    await world.alice.click(page, custom_id=f"like:{images[5].id}")
    message = await world.message_of(round_, SHEET)
    await world.alice.click(message, custom_id=f"next:{round_.id}")
    await world.done()

    asked = world.requests()[-1]
    assert (asked["axes"], asked["count"], len(asked["liked"])) == ([], 4, 1)
    follower = await world.newest()
    assert (follower.parameters["steps"], follower.parameters["guidance"]) == (30, 6.0)
    assert world.pictures(await world.message_of(follower)) == 5  # with what steered


async def test_a_piece_of_the_prompt_is_replaced(world: World) -> None:
    round_ = await compared(
        world, world.alice, "a red star", across="prompt", across_values="red, blue、緑"
    )
    images = await world.store.images.of_round(round_.id)
    prompts = [image.parameters["prompt"] for image in images]
    assert prompts == ["a red star", "a blue star", "a 緑 star"]
    page = await single(world, world.alice, round_)
    panel = await world.alice.click(page, custom_id=f"more:{images[1].id}")
    assert "Prompt: a blue star" in await unfolded(world, world.alice, panel.response)


async def test_a_pictures_panel_shows_its_own_values(world: World) -> None:
    round_ = await compared(world, world.alice)
    images = await world.store.images.of_round(round_.id)
    page = await single(world, world.alice, round_)
    panel = await world.alice.click(page, custom_id=f"more:{images[2].id}")
    words = await unfolded(world, world.alice, panel.response)
    assert "Steps: 30" in words
    assert "Guidance: 3" in words


async def test_feedback_is_compared_by_what_was_liked_last(world: World) -> None:
    feedback = {"across": "feedback_strength", "across_values": "0, 0.5, 1"}
    result = await compare(world, world.alice, **feedback)
    assert "Press 👍 under a picture first" in world.words(result.response)

    liked = await world.painted(world.alice)
    await world.alice.react(await world.message_of(liked), "2️⃣")
    round_ = await compared(world, world.alice, **feedback)
    asked = world.requests()[-1]
    assert asked["axes"] == [["feedback_strength", [0.0, 0.5, 1.0]]]
    assert len(asked["liked"]) == 1
    assert round_.parent_id == liked.id
    words = world.words(await world.message_of(round_, SHEET))
    assert f"Follows {world.alice.mention}'s 1 like" in words
    assert rf"\* from a board of {world.alice.mention}" in words
    assert asked["names"] == ["R1 #2*"]

    await world.alice.react(await world.message_of(round_, SHEET), "🎲")
    await world.done()
    assert len(world.requests()[-1]["liked"]) == 1


async def test_reactions_on_the_sheet_rate_no_picture(world: World) -> None:
    result = await compare(world, world.alice, "hold a star", **BOTH)
    await world.alice.react(result.response, "👍")
    world.release()
    await world.done()
    round_ = await world.newest()
    await world.alice.react(await world.message_of(round_, SHEET), "2️⃣")
    for image in await world.store.images.of_round(round_.id):
        assert await world.store.ratings.of_image(image.id) == []


async def test_after_a_restart_the_same_is_asked_for(world: World) -> None:
    await compare(world, world.alice, "hold a star", **BOTH)
    (job,) = await world.store.jobs.pending()
    round_ = await world.store.rounds.get(job.round_id)
    assert round_ is not None
    request = await world.bot.services.orders.request(job, round_)
    assert request.axes == (
        Axis(parameter="steps", values=(10, 20, 30), label="steps"),
        Axis(parameter="guidance", values=(3.0, 6.0), label="guidance"),
    )
    world.release()
    await world.done()


async def test_it_can_be_posted_anew(world: World) -> None:
    round_ = await compared(world, world.alice)
    await world.bot.services.results.post(round_, world.channel.id)
    message = await world.message_of(round_, SHEET)
    assert message.id == world.ours()[-1].id
    assert world.pictures(await single(world, world.alice, round_)) == 4


async def test_it_counts_as_many_pictures_as_it_paints(world: World) -> None:
    await world.admin.slash(world.channel, "konomi settings", pictures_per_day=5)
    result = await compare(world, world.alice)
    assert "You can ask for 5 pictures in 24 hours here" in world.words(result.response)


async def test_deleting_it_removes_its_files(world: World) -> None:
    round_ = await compared(world, world.alice)
    assert round_.sheet_digest is not None
    sheet = world.store.files.path(round_.sheet_digest)
    assert sheet.is_file()
    await world.delete(world.alice, round_)
    assert not sheet.exists()
    assert world.ours() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({**STEPS, "across_values": "10"}, "at least two different values for steps, for example"),
        (
            {**STEPS, "across_values": "10, many"},
            "`many` can't be used for steps. Give whole numbers",
        ),
        ({**STEPS, "across_values": "10, 200"}, "You can ask for 1 to 150 steps, not 200."),
        ({"across": "guidance", "across_values": "6, x"}, "`x` can't be used for guidance."),
        (
            {"across": "scheduler", "across_values": "ddim, best"},
            "There is no scheduler called `best`",
        ),
        (
            {**STEPS, "down": "steps", "down_values": "1, 2"},
            "You chose steps for both across and down.",
        ),
        ({**STEPS, "down": "guidance"}, "Give both `down` and `down_values`"),
        (
            {**STEPS, "down": "seed", "down_values": "1,2,3,4,5,6"},
            "That makes 18 pictures, but a sheet holds at most 16",
        ),
        ({"across": "prompt", "across_values": "cat, dog"}, "The prompt doesn't contain `cat`."),
        ({**STEPS, "size": "huge"}, "I don't understand the size `huge`."),
    ],
)
async def test_what_cannot_be_compared_is_refused_with_what_to_do_instead(
    world: World, options: dict[str, Any], said: str
) -> None:
    result = await compare(world, world.alice, **options)
    assert result.ephemeral
    assert said in world.words(result.response)
    assert world.ours() == []


class TestFromAPicture:
    async def test_strengths_are_compared_and_the_liked_one_goes_on(self, world: World) -> None:
        options = {**STRENGTHS, "down": "steps", "down_values": "10 20"}
        round_ = await compared(world, world.alice, picture=PICTURE, **options)
        (asked,) = world.requests()
        assert asked["axes"] == [["source_strength", [0.3, 0.9]], ["steps", [10, 20]]]
        assert (asked["source"]["picture"], asked["count"]) == (digest(PICTURE[1]), 4)
        words = world.words(await world.message_of(round_, SHEET))
        assert "Across (strength of the change): 0.3 · 0.9" in words

        images = await world.store.images.of_round(round_.id)
        strengths = [image.parameters["source"]["strength"] for image in images]
        assert strengths == [0.3, 0.9, 0.3, 0.9]
        page = await single(world, world.alice, round_)
        await world.alice.click(page, custom_id=f"like:{images[1].id}")
        message = await world.message_of(round_, SHEET)
        await world.alice.click(message, custom_id=f"next:{round_.id}")
        await world.done()
        _, asked = world.requests()
        assert (asked["source"]["strength"], asked["steps"], asked["axes"]) == (0.9, 10, [])

    async def test_other_values_are_compared_at_one_strength(self, world: World) -> None:
        await compared(world, world.alice, picture=PICTURE, strength=0.4, **STEPS)
        (asked,) = world.requests()
        assert (asked["source"]["strength"], asked["count"]) == (0.4, 3)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (STRENGTHS, "attach the `picture` to start from"),
            ({"picture": ("a.exe", b""), **STEPS}, "I can't read that as a picture"),
            (
                {"picture": PICTURE, **STRENGTHS, "across_values": "0.5, 1.5"},
                "Strength must be more than 0",
            ),
            ({"picture": PICTURE, **STEPS, "strength": 0.04}, "changes nothing"),
        ],
    )
    async def test_what_cannot_be_compared_is_said(
        self, world: World, options: dict[str, Any], said: str
    ) -> None:
        result = await compare(world, world.alice, **options)
        assert result.ephemeral
        assert said in world.words(result.response)
        assert world.requests() == []
