"""A studio in which training is granted."""

from __future__ import annotations

import pytest

from tests.bot.commands.training.studio import Studio
from tests.bot.world import World


@pytest.fixture
async def studio(world: World) -> Studio:
    # Each picture is cleaned and measured in a process of its own.
    world.env.settle_timeout = 60.0
    studio = Studio(world)
    await studio.grant()
    return studio
