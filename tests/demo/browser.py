"""Plays as a person would: the playground as a process, its page in a headless Chromium."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[2]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

QUIETLY = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 300.0
"""Seconds for anything to happen, on a machine that does much else."""


class Demo:
    """`python -m bot demo`, running."""

    def __init__(self, process: subprocess.Popen[str], complaints: IO[str]) -> None:
        self._process = process
        self._complaints = complaints
        self.said: list[str] = []
        self.address = self._address()

    def _address(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip("\n"))
            if line.startswith("playground: "):
                return line.split()[1]
        raise AssertionError(f"it did not come up:\n{self.complaints()}")

    def complaints(self) -> str:
        """Return the process's standard error."""
        self._complaints.seek(0)
        return self._complaints.read()

    def stop(self) -> int:
        """Ctrl+C, which reaches every process that was started from here; the exit status."""
        os.killpg(self._process.pid, signal.SIGINT)
        assert self._process.stdout is not None
        self.said += self._process.stdout.read().splitlines()
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """See that it is over, however a test ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)


@contextlib.contextmanager
def demo(data_dir: Path, model: str | None = None) -> Iterator[Demo]:
    """Start the playground on a data folder; returns once it says where it is."""
    environment = dict(os.environ, KONOMI_DATA_DIR=str(data_dir), KONOMI_THREADS="1")
    if model is not None:
        environment["KONOMI_MODEL"] = model
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(
            [sys.executable, "-m", "bot", "demo"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        running = None
        try:
            running = Demo(process, complaints)
            yield running
        finally:
            if running is None:
                process.kill()
            else:
                running.end()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody with the page open."""

    def __init__(self, browser: Browser, address: str, *, width: int = 1100, height: int = 900):
        context = browser.new_context(viewport={"width": width, "height": height})
        self.page: Page = context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.goto(address)
        self.page.locator("#channel-composer-input").wait_for()

    # --- what they see ------------------------------------------------------------------

    def messages(self) -> Locator:
        """Everything in the channel, oldest first."""
        return self.page.locator("#channel-message-list article")

    def rounds(self) -> Locator:
        """The messages that show a finished round."""
        button = self.page.get_by_role("button", name="Next round")
        return self.messages().filter(has=button)

    def votes(self, message: Locator, mark: str, count: int) -> Locator:
        """The buttons of a message that show so many votes for 👍 or 👎."""
        buttons = message.locator(".component-row").get_by_role("button")
        return buttons.filter(has_text=mark).filter(has_text=f"({count})")

    def see(self, wanted: Locator, count: int = 1) -> None:
        """Wait until there are so many of something."""
        deadline = time.monotonic() + PATIENCE
        while wanted.count() != count:
            assert time.monotonic() < deadline, f"{wanted.count()} of {wanted}, not {count}"
            self.page.wait_for_timeout(100)

    def watch(self, rounds: int, path: Path) -> set[str]:
        """Wait until there are so many rounds; returns how far the last one showed to be.

        Takes a picture whenever it does.
        """
        painting = self.messages().filter(has_text="Painting…").get_by_text("Painting…")
        shown = set()
        deadline = time.monotonic() + PATIENCE
        while self.rounds().count() < rounds:
            assert time.monotonic() < deadline, f"{self.rounds().count()} rounds, not {rounds}"
            for words in painting.all_inner_texts():
                shown.add(words)
                self.picture(path)
            self.page.wait_for_timeout(50)
        return shown

    def see_pictures(self, message: Locator, count: int) -> None:
        """Wait until a message shows so many pictures, each of them loaded."""
        pictures = message.locator(".component-container img")
        self.see(pictures, count)
        self.scroll_to(message)
        deadline = time.monotonic() + PATIENCE
        while not pictures.evaluate_all("all => all.every(one => one.naturalWidth > 0)"):
            assert time.monotonic() < deadline, "the pictures do not load"
            self.page.wait_for_timeout(100)

    # --- what they do -------------------------------------------------------------------

    def compose(self, prompt: str) -> None:
        """Write /imagine and a prompt, without sending it."""
        self.page.locator("#channel-composer-input").click()
        self.page.keyboard.type("/imagine", delay=20)
        self.page.locator(".command-popup").get_by_text("imagine").first.wait_for()
        self.page.keyboard.press("Enter")
        self.page.locator(".command-pill").first.wait_for()
        self.page.keyboard.type(prompt, delay=20)

    def imagine(self, prompt: str) -> None:
        """/imagine with a prompt, from the keyboard."""
        self.compose(prompt)
        self.page.keyboard.press("Enter")

    def press(self, message: Locator, label: str, nth: int = 0) -> None:
        """Press the nth button of a message that is labelled so, once the page takes presses."""
        self.page.wait_for_function(
            "() => simcordPreview.ready && simcordPreview.awaitingRevision === null"
        )
        message.get_by_role("button").filter(has_text=label).nth(nth).click()

    def become(self, name: str) -> None:
        """Choose who to be."""
        self.page.get_by_label("Viewing as").select_option(label=name)

    def scroll_to(self, message: Locator) -> None:
        """Bring the end of a message into view, as turning the wheel does."""
        message.evaluate(
            """message => {
                const timeline = message.closest(".channel-timeline");
                const low = message.getBoundingClientRect().bottom;
                timeline.scrollTop += low - timeline.getBoundingClientRect().bottom;
            }"""
        )

    def picture(self, path: Path, of: Locator | None = None) -> None:
        """Take a picture of the page, or of a message."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.mouse.move(2, 2)  # Away from what lights up.
        self.page.evaluate(
            "document.activeElement?.closest('article') && document.activeElement.blur()"
        )
        if of is None:
            self.page.screenshot(path=path)
            return
        self.scroll_to(of)
        box = of.bounding_box()
        assert box is not None
        self.page.screenshot(path=path, clip=box)
