"""Takes the pictures of trainings and styles in docs: `python -m tests.demo.training_pictures`.

Trains the style of the walk in a playground of its own, and paints with it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bot.text.training import progress
from tests.demo.browser import CHROMIUM, ROOT, Visitor, chromium
from tests.demo.training_walk import (
    NAMES,
    PROMPT,
    STEPS,
    TrainingObserver,
    TrainingWalk,
    open_for_training,
)

LANGUAGE = "en"
HALF_WAY = 120
"""Step at which the card is taken: it has samples and a curve, and is still under way."""


class Sitting(TrainingWalk):
    """A training of which pictures are taken."""

    def take(self, folder: Path, out: Path) -> None:
        """Train, and take the card under way and a round with the style."""
        self._folder, self._training_steps = folder, STEPS
        self._visitor.become(self._name)
        self._fill_in_the_form()
        self._start()
        self._await_step(HALF_WAY)
        card = self._card()
        card.get_by_text(progress.REACT.plain(LANGUAGE)).wait_for()
        self._see_pictures(card)
        self._visitor.picture(out / "training-card.png", card)
        paint = progress.PAINT.plain(LANGUAGE)
        card.get_by_role("button", name=paint, exact=True).wait_for(timeout=10**6)

        def ask() -> None:
            self._press(self._card(), paint)
            self._submit(PROMPT)

        self._visitor.picture(out / "round-with-style.png", self._paints(ask))


def sit(observer: TrainingObserver, address: str, out: Path) -> None:
    """Take the pictures in a browser."""
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        visitor = Visitor(browser, address, width=1000, height=1500)
        visitor.page.set_default_timeout(60_000)
        Sitting(observer, visitor, NAMES[LANGUAGE], LANGUAGE, None).take(Path(folder), out)


async def main() -> int:
    """Take both pictures; 1 where there is no browser."""
    arguments = argparse.ArgumentParser(prog="python -m tests.demo.training_pictures")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = arguments.parse_args()
    if CHROMIUM is None:
        print("there is no Chromium on this machine", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        async with open_for_training(Path(folder)) as (playground, address):
            observer = TrainingObserver(playground, asyncio.get_running_loop())
            await asyncio.to_thread(sit, observer, address, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
