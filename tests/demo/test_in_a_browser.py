"""The playground as a person meets it: started from a shell, used in a browser, started again.

Screenshots go to the folder named by PLAYGROUND_SCREENSHOTS, or to pytest's own.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.demo.browser import CHROMIUM, Visitor, chromium, demo
from tests.tiny import build_tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Random weights: what is painted does not matter here, only that it takes its time."""
    return str(build_tiny(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    return Path(os.environ.get("PLAYGROUND_SCREENSHOTS", tmp_path / "shots"))


def test_paint_rate_paint_on_and_come_back(tmp_path: Path, model: str, shots: Path) -> None:
    with chromium() as browser:
        with demo(tmp_path, model) as first:
            assert len([line for line in first.said if line.startswith("playground: ")]) == 1
            visitor = Visitor(browser, first.address)
            visitor.imagine("a star")
            shown = visitor.watch(1, shots / "painting.png")
            visitor.see_pictures(visitor.rounds().last, 4)

            visitor.press(visitor.rounds().last, "👍", 1)
            visitor.see(visitor.votes(visitor.rounds().last, "👍", 1))
            visitor.press(visitor.rounds().last, "⋯")
            panel = visitor.messages().filter(has_text="Only you can see this").last
            visitor.press(panel, "👎", 2)
            visitor.see(visitor.votes(panel, "👎", 1))
            visitor.picture(shots / "rated.png", visitor.rounds().last)

            visitor.press(visitor.rounds().last, "Next round")
            shown |= visitor.watch(2, shots / "painting.png")
            visitor.see_pictures(visitor.rounds().last, 5)  # The strip of references, too.
            visitor.see(visitor.rounds().last.get_by_text("Follows @Aiko's 1 like and 1 dislike"))
            visitor.picture(shots / "steered.png", visitor.rounds().last)

            visitor.become("Ben")
            visitor.press(visitor.rounds().last, "Next round")
            shown |= visitor.watch(3, shots / "painting.png")
            assert shown, "how far a round was never showed"
            visitor.see(visitor.rounds().last.get_by_text("@Ben"))
            visitor.press(visitor.rounds().last, "⋯")
            visitor.see(visitor.messages().get_by_text("Only you can see this"))
            visitor.picture(shots / "details.png")
            assert first.stop() == 0
            assert "Traceback" not in first.complaints()

        with demo(tmp_path, model) as again:
            visitor = Visitor(browser, again.address)
            visitor.see(visitor.rounds(), 3)
            rated = visitor.rounds().first
            visitor.see_pictures(rated, 4)
            visitor.see(visitor.votes(rated, "👍", 1))
            visitor.picture(shots / "again.png", rated)
            visitor.press(rated, "👍", 1)
            visitor.see(visitor.votes(rated, "👍", 1), 0)
            visitor.press(visitor.rounds().nth(1), "Next round")
            visitor.see(visitor.rounds(), 4)
            visitor.see_pictures(visitor.rounds().last, 5)
            assert again.stop() == 0
            assert "Traceback" not in again.complaints()


def test_a_command_that_is_being_composed_is_left_alone(tmp_path: Path, model: str) -> None:
    with chromium() as browser, demo(tmp_path, model) as running:
        visitor = Visitor(browser, running.address)
        visitor.compose("a red star")
        visitor.page.wait_for_timeout(3000)
        visitor.page.keyboard.press("Enter")
        visitor.see(visitor.rounds())
        visitor.see(visitor.rounds().last.get_by_text("a red star"))
