"""Somebody who plays in the playground's page as a hand does: presses, types, and sees what comes.

Buttons are pressed where they are seen, ready or not; only prompts and commands are typed.  Each
step of a way is noted with the seconds that it took.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as TookTooLong

from bot.text import messages as text
from tests.demo.browser import CHROMIUM, Visitor
from tests.demo.presses import Observer, press

IN_TIME = 60.0
"""Seconds within which a press has to have its effect, on a machine that does much else."""

LANGUAGES = ("en", "ja")
WIDTHS = {1280: 900, 390: 844}
"""Widths of the page with their heights."""

NOTE_WHAT_IS_PRESSED = """() => {
    if ("hasHit" in window) return;
    window.hasHit = false;
    window.addEventListener("pointerdown", (event) => {
        const pressed = event.target.closest("button, textarea, input, label, [role='option']");
        window.hasHit = Boolean(pressed);
    }, true);
}"""
PRIVATE = "Only you can see this"


@dataclasses.dataclass(kw_only=True)
class Steps:
    """What has been done: each step with the seconds that it took, None if it did not land."""

    taken: dict[str, float | None] = dataclasses.field(default_factory=dict)

    @property
    def missed(self) -> list[str]:
        """The steps that did not land."""
        return [name for name, seconds in self.taken.items() if seconds is None]

    def __str__(self) -> str:
        landed = len(self.taken) - len(self.missed)
        slowest = max((seconds for seconds in self.taken.values() if seconds), default=0.0)
        return (
            f"{landed} of {len(self.taken)} steps landed, each within {slowest:.1f} s; "
            f"missed: {', '.join(self.missed) or 'none'}"
        )


Walked = Callable[[str, int, Path | None], Coroutine[Any, Any, Steps]]
"""Takes a way in a language at a width of the page; each step may leave a picture in a folder."""


class Player:
    """Somebody in the page, who reads a language and takes the steps of a way."""

    painted_in = IN_TIME
    """Seconds within which a round has to be painted."""

    def __init__(
        self,
        observer: Observer,
        visitor: Visitor,
        name: str,
        language: str,
        shots: Path | None = None,
    ) -> None:
        self._observer = observer
        self._visitor = visitor
        self._name = name
        self._language = language
        self._shots = shots
        self.steps = Steps()

    def _take(self, step: Callable[[], None]) -> None:
        """Take a step, and note whether it landed."""
        name, began = step.__name__.removeprefix("_"), time.monotonic()
        try:
            step()
            self.steps.taken[name] = time.monotonic() - began
        except (AssertionError, TookTooLong) as error:
            self.steps.taken[name] = None
            print(f"{name}: {error}", file=sys.stderr)
        self._shoot(f"{len(self.steps.taken):02} {name}")

    def _shoot(self, name: str) -> None:
        """Take a picture of the page, if pictures are wanted."""
        if self._shots is not None:
            self._visitor.page.screenshot(path=self._shots / f"{name}.png")

    # --- What there is to press and to see -----------------------------------------------------

    def _rounds(self) -> Locator:
        """The finished rounds that are theirs; others paint meanwhile."""
        rounds_ = self._with_button(text.NEXT.plain(self._language))
        return rounds_.filter(has_text=f"@{self._name}")

    def _with_button(self, label: str) -> Locator:
        messages = self._visitor.messages()
        return messages.filter(has=self._visitor.page.get_by_role("button", name=label, exact=True))

    def _private(self, words: str) -> Locator:
        """The newest private message with these words."""
        return self._visitor.messages().filter(has_text=PRIVATE).filter(has_text=words).last

    def _press(self, message: Locator, label: str, nth: int = 0) -> None:
        button = message.get_by_role("button").filter(has_text=label).nth(nth)
        button.wait_for()
        self._press_on(button)

    def _press_on(self, control: Locator) -> None:
        """Press there; once more where the page moved before the pointer went down on nothing."""
        self._visitor.page.evaluate(NOTE_WHAT_IS_PRESSED)
        hit, until = False, time.monotonic() + IN_TIME
        while not hit:
            assert time.monotonic() < until, f"{control} cannot be pressed"
            press(self._visitor, control)
            hit = self._visitor.page.evaluate("() => window.hasHit")

    def _see(self, wanted: Locator, count: int = 1, seconds: float | None = None) -> None:
        until = time.monotonic() + (IN_TIME if seconds is None else seconds)
        while wanted.count() != count:
            assert time.monotonic() < until, f"{wanted.count()} of {wanted}, not {count}"
            self._visitor.page.wait_for_timeout(50)

    def _see_words(self, message: Locator, words: str) -> None:
        message.get_by_text(words).first.wait_for()

    def _type(self, words: str) -> None:
        self._write(words)
        if " " not in words:  # That only chose it from the list.
            self._visitor.page.locator(".command-context").wait_for()
            self._press_on(self._visitor.page.locator("#send-message"))

    def _write(self, words: str) -> None:
        self._press_on(self._visitor.page.locator("#channel-composer-input"))
        self._visitor.page.keyboard.type(words)
        self._visitor.page.keyboard.press("Enter")

    def _paints(self, ask: Callable[[], None], rounds_: Locator | None = None) -> Locator:
        """Do what asks for pictures; their round, once all of it is there."""
        rounds_ = self._rounds() if rounds_ is None else rounds_
        before = rounds_.count()
        ask()
        self._see(rounds_, before + 1, self.painted_in)
        self._see_pictures(rounds_.last)
        return rounds_.last

    def _see_pictures(self, message: Locator) -> None:
        pictures = message.locator(".component-gallery img")
        pictures.first.wait_for()
        until = time.monotonic() + IN_TIME
        while not pictures.evaluate_all("all => all.every(one => one.naturalWidth > 0)"):
            assert time.monotonic() < until, "the pictures do not load"
            self._visitor.page.wait_for_timeout(50)

    def _panel(self) -> Locator:
        """The panel of the newest round."""
        self._press(self._rounds().last, "⋯")
        panel = self._private("🖼️")
        panel.wait_for()
        return panel

    def _submit(self, words: str) -> None:
        """Write into the form that opens, and send it."""
        self._fill(self._form().locator("textarea, input").first, words)
        self._shoot(f"form {words}")
        self._send_form()

    def _form(self) -> Locator:
        return self._visitor.page.locator("#modal-root")

    def _fill(self, field: Locator, words: str) -> None:
        field.wait_for()
        self._press_on(field)
        self._visitor.page.keyboard.press("ControlOrMeta+A")
        self._visitor.page.keyboard.type(words)

    def _send_form(self) -> None:
        form = self._form()
        self._press_on(form.get_by_role("button", name="Submit"))
        form.locator("textarea, input").first.wait_for(state="hidden")


def main(program: str, walked: Walked) -> int:
    """Print which steps land in each language at each width; 1 if any did not."""
    arguments = argparse.ArgumentParser(prog=f"python -m {program}")
    arguments.add_argument("--shots", type=Path, help="a folder for pictures of the page")
    arguments.add_argument("--language", nargs="*", choices=LANGUAGES, default=list(LANGUAGES))
    arguments.add_argument("--width", nargs="*", type=int, choices=WIDTHS, default=list(WIDTHS))
    options = arguments.parse_args()
    if CHROMIUM is None:
        print("there is no Chromium on this machine", file=sys.stderr)
        return 1
    missed = False
    for language in options.language:
        for width in options.width:
            shots = None if options.shots is None else options.shots / f"{language} {width}"
            if shots is not None:
                shots.mkdir(parents=True, exist_ok=True)
            steps = asyncio.run(walked(language, width, shots))
            print(f"{language}, {width} px: {steps}", flush=True)
            missed = missed or bool(steps.missed)
    return int(missed)
