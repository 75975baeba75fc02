"""A first-time user's way lands step by step, by mouse, while something else is being painted."""

from __future__ import annotations

import pytest

from tests.demo.browser import CHROMIUM
from tests.demo.player import LANGUAGES, WIDTHS
from tests.demo.walk import walked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_step_lands(language: str, width: int) -> None:
    steps = await walked(language, width)
    assert not steps.missed, str(steps)
