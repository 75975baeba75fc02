"""The two servers with everyone in them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.permissions.house import House
from tests.bot.world import World


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    house = House(world)
    await house.prepare()
    yield house
    house.close()
