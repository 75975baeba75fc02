"""The workshop in which styles are kept."""

from __future__ import annotations

import pytest

from tests.bot.styles.workshop import Workshop, workshop_in
from tests.bot.world import World


@pytest.fixture
async def workshop(world: World) -> Workshop:
    return await workshop_in(world)
