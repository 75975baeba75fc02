"""What pages tell, and what is painted from, of rounds that were posted elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.text import invalid, refusals
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Paint, Reference, Source
from tests.bot.painter import png
from tests.bot.sight import Asker, Scene, Target

HIDDEN = refusals.PICTURE_HIDDEN("en-US")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"safety_checker": "somebody/some"})


@pytest.fixture
def bob(scene: Scene) -> Asker:
    return scene.asker(scene.world.bob, "#pictures")


async def panel(scene: Scene, asker: Asker, target: Target) -> Any:
    return await scene.press(asker, f"details:{target.image.id}")


class TestPanels:
    async def test_name_no_sources_or_results_that_are_not_seen(
        self, scene: Scene, bob: Asker
    ) -> None:
        alice = scene.world.alice
        root = await scene.put("#private", alice.id)
        open_ = await scene.put("#pictures", alice.id, source=root)
        hidden = await scene.put("#private", alice.id, source=open_)
        other = await scene.put("#elsewhere", alice.id, source=open_)

        shown = await panel(scene, bob, open_)
        words = scene.answer(shown)
        assert open_.secret in words
        assert other.secret in words
        assert root.secret not in words
        assert hidden.secret not in words
        assert "Branched off" not in words
        assert f"back:{root.image.id}" not in scene.world.buttons(shown.response)

        full = await panel(scene, scene.asker(alice, "#pictures"), open_)
        for target in (root, open_, hidden, other):
            assert target.secret in scene.answer(full)
        assert "Branched off" in scene.answer(full)
        assert f"back:{root.image.id}" in scene.world.buttons(full.response)

    async def test_lead_back_to_no_picture_that_the_filter_hides(self, scene: Scene) -> None:
        flagged = await scene.put("#adult", scene.world.alice.id, flagged=True)
        made = await scene.put("#adult", scene.world.alice.id, source=flagged)
        for place, offered in (("#pictures", False), ("#adult", True)):
            shown = await panel(scene, scene.asker(scene.world.bob, place), made)
            buttons = scene.world.buttons(shown.response)
            assert (f"back:{flagged.image.id}" in buttons) is offered


class TestPainting:
    @pytest.mark.parametrize("verb", ["next", "retry", "plain"])
    async def test_does_not_begin_from_what_the_filter_hides(
        self, scene: Scene, bob: Asker, verb: str
    ) -> None:
        flagged = await scene.put("#adult", scene.world.alice.id, flagged=True)
        made = await scene.put("#pictures", scene.world.alice.id, source=flagged)
        before = await scene.state()

        assert scene.answer(await scene.press(bob, f"{verb}:{made.round.id}")) == HIDDEN
        assert await scene.state() == before
        there = scene.asker(scene.world.bob, "#adult")
        assert not (await scene.press(there, f"{verb}:{made.round.id}")).ephemeral
        await scene.world.done()

    async def test_a_file_opens_no_door_to_what_the_filter_hides(self, scene: Scene) -> None:
        flagged = await scene.put("#adult", scene.world.alice.id, flagged=True)
        data = record(source=Source(path=Path(), digest=flagged.image.digest or "", strength=0.5))
        for place, refused in (("#pictures", True), ("#adult", False)):
            channel = scene.channels[place]
            result = await scene.world.bob.slash(channel, "replay", picture=("a.png", data))
            assert (scene.answer(result) == HIDDEN) is refused
            await scene.world.done()

    @pytest.mark.parametrize("place", ["#private", "a private thread", "alice's direct messages"])
    async def test_a_file_opens_no_door_to_other_places(self, scene: Scene, place: str) -> None:
        target = await scene.put(place, scene.world.alice.id)
        made = await scene.put(place, scene.world.alice.id, source=target)
        assert made.round.source_digest == target.image.digest
        for digest in (target.image.digest, "0" * 64):
            reference = Reference(path=Path(), digest=digest or "")
            source = Source(path=Path(), digest=digest or "", strength=0.5)
            for data, refusal in (
                (record(liked=(reference,)), "1 picture that steered this one is missing"),
                (record(source=source), invalid.SOURCE_LOST("en-US")),
            ):
                result = await scene.world.bob.slash(
                    scene.world.channel, "replay", picture=("a.png", data)
                )
                assert refusal in scene.answer(result)

    async def test_comparisons_follow_no_likes_of_what_is_not_seen(self, scene: Scene) -> None:
        world = scene.world
        options = {"prompt": "a star", "across": "feedback_strength", "across_values": "0.5, 1"}
        hidden = await scene.put("#private", world.bob.id)
        await scene.store.ratings.press(world.guild.id, hidden.image.id, world.bob.id, 1)
        result = await world.bob.slash(world.channel, "compare", **options)
        assert scene.answer(result) == invalid.NOTHING_LIKED("en-US")

        seen = await scene.put("#elsewhere", world.bob.id)
        await scene.store.ratings.press(world.guild.id, seen.image.id, world.bob.id, 1)
        await world.bob.slash(world.channel, "compare", **options)
        await world.done()
        assert [digest for digest, _ in world.requests()[-1]["liked"]] == [seen.image.digest]


async def test_a_forged_like_redraws_no_other_message(scene: Scene, bob: Asker) -> None:
    target = await scene.put("#elsewhere", scene.world.alice.id)
    await scene.press(bob, f"like:{target.image.id}")
    await scene.world.done()

    assert target.secret not in scene.said_in(bob)
    (rating,) = await scene.store.ratings.of_image(target.image.id)
    assert (rating.member_id, rating.value) == (scene.world.bob.id, 1)


async def test_who_lost_sight_of_a_channel_reaches_nothing_of_it_any_more(scene: Scene) -> None:
    world = scene.world
    own = await scene.put("#elsewhere", world.bob.id)
    asker = scene.asker(world.bob, "#pictures")
    assert own.secret in scene.answer(await panel(scene, asker, own))

    channel = scene.env.backend.get_channel(scene.channels["#elsewhere"].id)
    channel.overwrites = scene.env.backend.get_channel(scene.channels["#private"].id).overwrites
    cached = world.bot.get_channel(channel.id)
    private = world.bot.get_channel(scene.channels["#private"].id)
    cached._overwrites = private._overwrites  # type: ignore[union-attr]

    assert scene.answer(await panel(scene, asker, own)) == refusals.PICTURE_GONE("en-US")


def record(**change: Any) -> bytes:
    """A picture as the command line paints it, changed as a stranger might."""
    paint: dict[str, Any] = {"prompt": "a star", "seed": 7, "count": 1, "width": 64, "height": 96}
    request = Paint(job="", model="shapes", out=Path(), **(paint | change))
    return png((1, 2, 3), parameter_texts(request, request.seed, 64, 96))
