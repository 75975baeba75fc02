"""Pictures that are handed over in a thread while a request fails once."""

from __future__ import annotations

import pytest

from tests.bot.commands.training.studio import Studio, drawings
from tests.bot.commands.training.test_together import thread_of
from tests.bot.world import World

CALLBACK, CARD = "/interactions/*/*/callback", "/channels/*/messages/*"
FAULTS = [
    ("POST", CALLBACK, 404, 10062),
    ("PATCH", CARD, 403, 50001),
    ("PATCH", CARD, 400, 50083),
    ("PATCH", CARD, 404, 10008),
]
"""An answer that was lost, a channel that is closed, an archived thread, a deleted card."""


@pytest.mark.usefixtures("expected_faults")
@pytest.mark.parametrize(("method", "path", "status", "code"), FAULTS)
async def test_one_request_that_fails_costs_neither_pictures_nor_the_card(
    world: World, studio: Studio, method: str, path: str, status: int, code: int
) -> None:
    await studio.begin(world.admin, channel=await thread_of(world), options={"from": "thread"})
    dataset = await studio.newest()
    form = await studio.press(world.bob, "add", dataset.id)
    world.env.inject_error(method, path, status=status, code=code)
    await world.bob.submit_modal(form, {"pictures": drawings(1), "consent": True})
    await world.done()

    pictures = await world.store.datasets.pictures(dataset.id)
    assert [each.member_id for each in pictures] == [world.bob.id]
    assert f"Consent given by <@{world.bob.id}>" in await studio.said(dataset.id)
    assert not list(world.store.files.work.glob("scratch-*"))
    await studio.press(world.admin, "start", dataset.id)
    assert len(await world.store.trainings.of_dataset(dataset.id)) == 1
