"""Forms are found by their custom ids: nothing of one is kept between showing and sending it."""

from __future__ import annotations

from tests.bot.begun import press
from tests.bot.world import World


async def test_neither_pages_nor_forms_are_held_once_they_are_shown(world: World) -> None:
    round_ = await world.painted(world.alice)
    await press(world, world.alice, "restyle", round_)
    await press(world, world.alice, "edit", round_)

    # There is no public way to see what discord.py waits for presses on.
    held = world.bot._connection._view_store
    assert not held._modals
    assert not held._views
    assert not held._synced_message_views
