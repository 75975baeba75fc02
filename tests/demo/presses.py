"""Counts the presses that land while something paints: `python -m tests.demo.presses`.

The playground runs in this process with a child that takes its time; a headless Chromium shows its
page and presses as a hand does: the button goes down where it is seen, and up a moment later.
Nothing waits until the page is ready for it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import simcord
from playwright.sync_api import Locator

from bot.playground.demo import Playground, for_playing, opened, shown
from bot.settings import Settings
from generation.process.supervisor import Generator
from generation.protocol.options import WorkerOptions
from tests.demo.browser import CHROMIUM, Visitor, chromium
from tests.demo.crawling_painter import crawls
from tests.demo.test_playground import done

Value = TypeVar("Value")

LIKES = 12
CANCELS = 8
APART = 0.9
"""Seconds from one press to the next."""
HELD = 0.08
"""Seconds that a finger stays on the button."""
IN_TIME = 30.0
"""Seconds within which a press has to have its effect, on a machine that does much else."""


@dataclasses.dataclass(kw_only=True)
class Count:
    """What came of it, with so many rounds in the channel."""

    messages: int
    likes: int = 0
    cancels: int = 0
    redraws_a_second: float = 0.0
    previews: float = 0.0
    switching: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.messages:3} messages: {self.likes} of {LIKES} likes and {self.cancels} of "
            f"{CANCELS} cancels landed; {self.redraws_a_second:.2f} redraws a second; a preview "
            f"showed {self.previews:.0%} of the time; {self.switching:.1f} s to switch members"
        )


class Observer:
    """The playground from inside, for a thread that plays with its page."""

    def __init__(self, playground: Playground, loop: asyncio.AbstractEventLoop) -> None:
        self._playground = playground
        self._loop = loop

    def run(self, work: Callable[[], Coroutine[None, None, Value]]) -> Value:
        """Do something on the bot's loop."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(120)

    def answers(self) -> int:
        """Return how many commands and presses the bot has answered."""
        requests = tuple(self._playground.env.http_requests)
        return sum(
            request.method == "POST" and request.path.startswith("/interactions/")
            for request in requests
        )

    def imagine(self, prompt: str) -> None:
        """Ask for a round as the second member."""

        async def ask() -> None:
            await imagine(self._playground, prompt)

        self.run(ask)

    def newest(self) -> int:
        """Return the id of the channel's last message."""

        async def last() -> int:
            return self._playground.world.channel.history()[-1].id

        return self.run(last)

    def painting(self) -> bool:
        """Return True while something paints."""

        async def pending() -> bool:
            return bool(await self._playground.client.services.store.jobs.pending())

        return self.run(pending)


async def imagine(playground: Playground, prompt: str) -> None:
    """Ask for a round as the second member, between two redraws."""
    while True:
        with contextlib.suppress(simcord.SetupError):
            channel = playground.world.channel
            await playground.world.members[1].slash(channel, "imagine", prompt=prompt)
            return
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def filled(folder: Path, messages: int) -> AsyncIterator[tuple[Playground, str]]:
    """The playground with so many rounds in its channel, and its page's address."""
    settings = for_playing(Settings(data_dir=folder / "data"))
    generator = Generator(
        WorkerOptions(model=settings.model, models_dir=folder), target=crawls, patience=5.0
    )
    async with opened(settings, generator) as playground:
        for number in range(max(1, messages)):
            await imagine(playground, f"round {number}")
            await done(playground)
        async with shown(playground, 0) as preview:
            yield playground, preview.url


async def count(messages: int) -> Count:
    """Play on a new data folder with so many rounds."""
    with tempfile.TemporaryDirectory() as folder:
        async with filled(Path(folder), messages) as (playground, address):
            observer = Observer(playground, asyncio.get_running_loop())
            return await asyncio.to_thread(play, observer, address, messages)


def play(observer: Observer, address: str, messages: int) -> Count:
    """Press, and count what lands."""
    found = Count(messages=messages)
    with chromium() as browser:
        visitor = Visitor(browser, address)
        visitor.see_pictures(visitor.rounds().last, 4)
        found.switching = seconds_to_switch(visitor, "Ben")
        visitor.become("Aiko")
        visitor.page.wait_for_function("() => simcordPreview.ready")
        observer.imagine("long")
        visitor.messages().get_by_text("Painting").first.wait_for()
        began, before = time.monotonic(), redraws(visitor)
        found.likes, found.previews = press_likes(observer, visitor)
        found.redraws_a_second = (redraws(visitor) - before) / (time.monotonic() - began)
        found.cancels = press_cancels(observer, visitor)
    return found


def press_likes(observer: Observer, visitor: Visitor) -> tuple[int, float]:
    """Like the newest round's pictures in turn, again and again; which share lands."""
    before = observer.answers()
    previews = []
    for number in range(LIKES):
        buttons = visitor.rounds().last.get_by_role("button").filter(has_text="👍")
        press(visitor, buttons.nth(number % 4))
        preview = visitor.messages().filter(has_text="Painting").locator(".component-container img")
        until = time.monotonic() + APART
        while time.monotonic() < until:
            previews.append(
                bool(preview.evaluate_all("all => all.some(one => one.naturalWidth > 0)"))
            )
            visitor.page.wait_for_timeout(100)
    await_answers(observer, visitor, before + LIKES)
    return observer.answers() - before, sum(previews) / len(previews)


def await_answers(observer: Observer, visitor: Visitor, wanted: int) -> None:
    until = time.monotonic() + IN_TIME
    while observer.answers() < wanted and time.monotonic() < until:
        visitor.page.wait_for_timeout(50)


def press_cancels(observer: Observer, visitor: Visitor) -> int:
    """Cancel what paints as the one who asked for it; have something paint whenever one lands."""
    visitor.become("Ben")
    landed = 0
    for _ in range(CANCELS):
        if not observer.painting():
            observer.imagine("long")
        message = visitor.page.locator(f'article[data-message-id="{observer.newest()}"]')
        cancel = message.get_by_role("button", name="Cancel", exact=True)
        cancel.wait_for()
        visitor.page.wait_for_timeout(1000)
        press(visitor, cancel)
        until = time.monotonic() + IN_TIME
        while observer.painting() and time.monotonic() < until:
            visitor.page.wait_for_timeout(50)
        landed += not observer.painting()
    return landed


def press(visitor: Visitor, button: Locator) -> None:
    """Press a button where it is, for as long as a finger does, ready or not."""
    aim(visitor, button)
    visitor.page.mouse.down()
    visitor.page.wait_for_timeout(1000 * HELD)
    visitor.page.mouse.up()


def aim(visitor: Visitor, button: Locator) -> None:
    """Bring the pointer to a button, after it if the page scrolls meanwhile."""
    under = False
    while not under:
        x, y = button.evaluate(
            """button => {
                button.scrollIntoView({block: "nearest"});
                const box = button.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }"""
        )
        visitor.page.mouse.move(x, y)
        under = button.evaluate("button => button.matches(':hover')")


def command_after_switching(observer: Observer, visitor: Visitor, name: str) -> bool:
    """Become somebody else and give a command at once; return True if it is theirs."""
    before = observer.newest()
    visitor.become(name)
    visitor.page.locator("#channel-composer-input").click()
    visitor.page.keyboard.type("/imagine a red star")
    visitor.page.keyboard.press("Enter")
    until = time.monotonic() + IN_TIME
    while observer.newest() == before and time.monotonic() < until:
        visitor.page.wait_for_timeout(50)
    message = visitor.page.locator(f'article[data-message-id="{observer.newest()}"]')
    return observer.newest() != before and name in message.inner_text()


def redraws(visitor: Visitor) -> int:
    """Return how often the page has been drawn."""
    return int(visitor.page.evaluate("() => simcordPreview.publishedRevision"))


def seconds_to_switch(visitor: Visitor, name: str) -> float:
    """Become somebody else; the seconds until the page is theirs, with its pictures."""
    visitor.page.wait_for_function("() => simcordPreview.ready")
    before = visitor.page.evaluate("() => simcordPreview.viewerId")
    began = time.monotonic()
    visitor.become(name)
    visitor.page.wait_for_function(
        """before => {
            const pictures = [...document.querySelectorAll(
                "#channel-message-list .component-container img")];
            return simcordPreview.ready && simcordPreview.viewerId !== before
                && pictures.length > 0 && pictures.every(one => one.naturalWidth > 0);
        }""",
        arg=before,
    )
    return time.monotonic() - began


def main() -> int:
    """Print what lands with few messages and with many; 1 where there is no browser."""
    arguments = argparse.ArgumentParser(prog="python -m tests.demo.presses")
    arguments.add_argument("--messages", type=int, nargs="*", default=[0, 20, 60])
    options = arguments.parse_args()
    if CHROMIUM is None:
        print("there is no Chromium on this machine", file=sys.stderr)
        return 1
    for messages in options.messages:
        print(asyncio.run(count(messages)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
