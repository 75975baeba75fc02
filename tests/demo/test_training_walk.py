"""The way of a training lands step by step, by mouse, while another member paints."""

from __future__ import annotations

import pytest

from tests.demo.browser import CHROMIUM
from tests.demo.training_walk import walked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 390)])
async def test_every_step_lands(language: str, width: int) -> None:
    steps = await walked(language, width)
    assert not steps.missed, str(steps)
