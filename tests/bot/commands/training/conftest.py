"""A studio in which training is granted."""

from __future__ import annotations

import pytest

from tests.bot.commands.training.studio import Studio
from tests.bot.world import World


@pytest.fixture
async def studio(world: World) -> Studio:
    studio = Studio(world)
    await studio.grant()
    return studio
