"""Every press lands, however many messages there are and whatever paints."""

from __future__ import annotations

import pytest

from tests.demo.browser import CHROMIUM
from tests.demo.presses import CANCELS, LIKES, count

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.mark.parametrize("messages", [0, 60])
async def test_every_press_lands_while_something_paints(messages: int) -> None:
    found = await count(messages)
    assert (found.likes, found.cancels) == (LIKES, CANCELS), str(found)
