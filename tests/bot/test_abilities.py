"""Features that a model does not support are refused, and not offered."""

from __future__ import annotations

import dataclasses

import pytest

from bot.commands.about import describe
from bot.settings import Settings
from tests.bot.painter import CARD
from tests.bot.world import World


class TestWithGuidanceBuiltIn:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"model": "lcm", "safety_checker": "sd15"})

    async def test_nothing_can_be_kept_out(self, world: World) -> None:
        result = await world.imagine(world.alice, negative="red")
        assert result.ephemeral
        assert "The model lcm has built-in guidance" in world.words(result.response)
        about = await world.alice.slash(world.channel, "about")
        assert "👎 has no effect. 👍 works" in world.words(about.response)

    async def test_dislikes_are_not_said_to_steer(self, world: World) -> None:
        round_ = await world.painted(world.alice)
        message = await world.message_of(round_)
        liked, disliked, *_ = await world.store.images.of_round(round_.id)
        await world.alice.click(message, custom_id=f"like:{liked.id}")
        await world.dislike(world.alice, disliked)
        await world.alice.click(message, custom_id=f"next:{round_.id}")
        await world.done()

        asked = world.requests()[-1]
        assert asked["liked"] == [[liked.digest, 1.0]]
        assert asked["disliked"] == []
        words = world.words(await world.message_of(await world.newest()))
        assert f"Follows {world.alice.mention}'s 1 like;" in words
        assert "safety checker" not in words


@pytest.mark.parametrize(
    ("model", "said"),
    [("sd15", False), ("sd-turbo", True), ("sdxl-lightning", True), ("shapes", False)],
)
def test_models_that_paint_without_guidance_say_so(model: str, said: bool) -> None:
    about = describe("en", dataclasses.replace(CARD, name=model), model)
    assert ("paints without guidance by default" in about) is said
