"""Requests that do not fit into the generator's memory are refused at once, with advice."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.errors import Refusal, problems_told
from bot.settings import Settings
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint, Reference
from generation.requests import validation
from generation.requests.sizes import MULTIPLE
from tests.bot.painter import CARD, memory
from tests.bot.world import World

LIMITED = dataclasses.replace(CARD, memory=memory(200))


def request(steering: int = 0) -> Paint:
    liked = tuple(Reference(path=Path(), digest=str(number)) for number in range(steering))
    return Paint(job="", model="shapes", prompt="a star", liked=liked, out=Path())


def check_memory(request: Paint, size: tuple[int, int], card: ModelCard) -> None:
    """As orders do it: by the generator's rule, told to a member."""
    with problems_told():
        validation.check_memory(request, size, card, MULTIPLE)


def refusal(size: tuple[int, int], steering: int = 0, limit_mb: int = 200) -> Refusal:
    card = dataclasses.replace(CARD, memory=memory(limit_mb))
    with pytest.raises(Refusal) as refused:
        check_memory(request(steering), size, card)
    return refused.value


def test_what_fits_is_let_through() -> None:
    check_memory(request(), (96, 96), LIMITED)
    check_memory(request(steering=4), (96, 96), LIMITED)
    check_memory(request(steering=64), (960, 960), CARD)


def test_a_size_is_refused_with_one_that_fits() -> None:
    refused = refusal((192, 192))

    said = refused.said("en-US")
    assert said == (
        "192 × 192 needs 0.3 GB of this machine's memory, but I can only use 0.2 GB. "
        "Ask for at most 144 × 144."
    )
    assert "144 × 144 以下にしてください" in refused.said("ja")


def test_too_many_that_steer_are_refused_with_how_many_fit() -> None:
    refused = refusal((96, 96), steering=10)

    assert "take back ratings until at most 6 pictures steer" in refused.said("en-US")
    assert "6 枚以下に減らしてください" in refused.said("ja")


def test_where_nothing_fits_the_host_can_help() -> None:
    refused = refusal((96, 96), limit_mb=101)

    assert "a higher KONOMI_MEMORY_LIMIT_MB" in refused.said("en-US")
    assert "KONOMI_MEMORY_LIMIT_MB を上げる" in refused.said("ja")


class TestInAServer:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"memory_limit_mb": 200})

    async def test_members_hear_at_once_and_no_board_is_begun(self, world: World) -> None:
        result = await world.alice.slash(world.channel, "imagine", prompt="a star", size="192x192")

        assert result.ephemeral
        assert "Ask for at most 144 × 144." in world.words(result.response)
        assert world.requests() == []
        assert not await world.store.rounds.recent(1)
