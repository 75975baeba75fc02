"""Every press lands, however many messages there are and whatever paints."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.demo.browser import CHROMIUM, Visitor, chromium
from tests.demo.presses import CANCELS, LIKES, Observer, command_after_switching, count, filled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.mark.parametrize("messages", [0, 60])
async def test_every_press_lands_while_something_paints(messages: int) -> None:
    found = await count(messages)
    assert (found.likes, found.cancels) == (LIKES, CANCELS), str(found)


async def test_a_command_right_after_becoming_somebody_else_lands(tmp_path: Path) -> None:
    def play(observer: Observer, address: str) -> tuple[list[str], bool]:
        with chromium() as browser:
            visitor = Visitor(browser, address)
            # At first the page is still settling, then it shows a command's answer.
            names = ["Ben", "Aiko", "Dana (admin)", "Hana (日本語)", "Ben"]
            lost = [name for name in names if not command_after_switching(observer, visitor, name)]
            visitor.messages().first.scroll_into_view_if_needed()
            assert command_after_switching(observer, visitor, "Aiko")
            newest = visitor.page.locator(f'article[data-message-id="{observer.newest()}"]')
            return lost, in_view(newest)

    async with filled(tmp_path, 1) as (playground, address):
        observer = Observer(playground, asyncio.get_running_loop())
        lost, seen = await asyncio.to_thread(play, observer, address)
    assert not lost
    assert seen, "the answer is out of view"


def in_view(message: Locator) -> bool:
    """Return True if a message's end is seen."""
    return bool(
        message.evaluate(
            """message => {
                const seen = message.closest(".channel-timeline").getBoundingClientRect();
                const {bottom} = message.getBoundingClientRect();
                return seen.top < bottom && bottom <= seen.bottom + 1;
            }"""
        )
    )
