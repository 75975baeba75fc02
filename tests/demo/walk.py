"""Walks a first-time user's way in the playground by mouse: `python -m tests.demo.walk`.

The playground runs in this process with a child that paints at once; a headless Chromium shows its
page.  Buttons are pressed where they are seen, ready or not, while somebody else's pictures are
being painted; only prompts and commands are typed.  With `--shots FOLDER` each step leaves a
picture of the page.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as TookTooLong

from bot.text import help as help_text
from bot.text import member_settings, prompt_form, rounds
from bot.text import messages as text
from tests.demo.browser import CHROMIUM, Visitor, chromium
from tests.demo.presses import Observer, filled, press

IN_TIME = 60.0
"""Seconds within which a press has to have its effect, on a machine that does much else."""

NAMES = {"en": "Aiko", "ja": "Hana (日本語)"}
"""Who walks, by language."""
FRIEND = "Ben"
PROMPTS = {"en": "a red star", "ja": "赤い星"}
WIDTHS = {1280: 900, 390: 844}
"""Widths of the page with their heights."""

NOTE_WHAT_IS_PRESSED = """() => {
    if ("hasHit" in window) return;
    window.hasHit = false;
    window.addEventListener("pointerdown", (event) => {
        window.hasHit = Boolean(event.target.closest("button, textarea, input, [role='option']"));
    }, true);
}"""
PRIVATE = "Only you can see this"
SEED = {"en": "Seed", "ja": "シード"}


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


class Walk:
    """Somebody's first hour, in their language."""

    def __init__(
        self, observer: Observer, visitor: Visitor, language: str, shots: Path | None
    ) -> None:
        self._observer = observer
        self._visitor = visitor
        self._language = language
        self._shots = shots
        self.steps = Steps()

    def go(self) -> Steps:
        """Take all steps, whatever becomes of each."""
        self._visitor.become(NAMES[self._language])
        for step in (
            self._paint,
            self._like,
            self._next,
            self._vary,
            self._upscale,
            self._open_a_picture,
            self._unfold_details,
            self._edit,
            self._show_settings,
            self._change_the_prompt,
            self._delete,
            self._ask_for_help,
            self._choose_a_sampler,
            self._change_own_settings,
            self._compare,
            self._cancel,
            self._let_a_friend_join,
        ):
            self._take(step)
        return self.steps

    def _take(self, step: Callable[[], None]) -> None:
        if not self._observer.painting():
            self._observer.imagine("long")
        name, began = step.__name__.removeprefix("_"), time.monotonic()
        try:
            step()
            self.steps.taken[name] = time.monotonic() - began
        except (AssertionError, TookTooLong) as error:
            self.steps.taken[name] = None
            print(f"{name}: {error}", file=sys.stderr)
        if self._shots is not None:
            number = len(self.steps.taken)
            self._visitor.page.screenshot(path=self._shots / f"{number:02} {name}.png")

    # --- What there is to press and to see -----------------------------------------------------

    def _rounds(self) -> Locator:
        """Who walks has these; what the friend has painted meanwhile ends as rounds, too."""
        rounds_ = self._with_button(text.NEXT.plain(self._language))
        return rounds_.filter(has_text=f"@{NAMES[self._language]}")

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
        hit = False
        while not hit:
            press(self._visitor, control)
            hit = self._visitor.page.evaluate("() => window.hasHit")

    def _see(self, wanted: Locator, count: int = 1) -> None:
        until = time.monotonic() + IN_TIME
        while wanted.count() != count:
            assert time.monotonic() < until, f"{wanted.count()} of {wanted}, not {count}"
            self._visitor.page.wait_for_timeout(50)

    def _see_words(self, message: Locator, words: str) -> None:
        message.get_by_text(words).first.wait_for()

    def _type(self, words: str) -> None:
        field = self._visitor.page.locator("#channel-composer-input")
        self._press_on(field)
        self._visitor.page.keyboard.type(words)
        self._visitor.page.keyboard.press("Enter")
        if " " not in words:  # That only chose it from the list.
            self._visitor.page.locator(".command-context").wait_for()
            self._press_on(self._visitor.page.locator("#send-message"))

    def _paints(self, ask: Callable[[], None], rounds_: Locator | None = None) -> Locator:
        """Do what asks for pictures; their round, once all of it is there."""
        rounds_ = self._rounds() if rounds_ is None else rounds_
        before = rounds_.count()
        ask()
        self._see(rounds_, before + 1)
        self._see_pictures(rounds_.last)
        return rounds_.last

    def _see_pictures(self, message: Locator) -> None:
        pictures = message.locator(".component-container img")
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
        form = self._visitor.page.locator("#modal-root")
        field = form.locator("textarea, input").first
        field.wait_for()
        self._press_on(field)
        self._visitor.page.keyboard.press("ControlOrMeta+A")
        self._visitor.page.keyboard.type(words)
        if self._shots is not None:
            self._visitor.page.screenshot(path=self._shots / f"form {words}.png")
        self._press_on(form.get_by_role("button", name="Submit"))
        form.locator("textarea, input").first.wait_for(state="hidden")

    # --- The way -------------------------------------------------------------------------------

    def _paint(self) -> None:
        self._paints(lambda: self._type(f"/imagine {PROMPTS[self._language]}"))

    def _like(self) -> None:
        self._press(self._rounds().last, "👍", 1)
        self._see(self._visitor.votes(self._rounds().last, "👍", 1))

    def _next(self) -> None:
        last, label = self._rounds().last, text.NEXT.plain(self._language)
        following = self._paints(lambda: self._press(last, label))
        self._see(following.locator(".component-container img"), 5)  # The strip of likes, too.

    def _vary(self) -> None:
        self._paints(lambda: self._press(self._rounds().last, "🪄", 2))

    def _upscale(self) -> None:
        self._paints(lambda: self._press(self._rounds().last, "🔍", 3))

    def _open_a_picture(self) -> None:
        self._press(self._panel(), "🖼️")
        self._see_pictures(self._private(text.EDIT_THIS.plain(self._language)))

    def _unfold_details(self) -> None:
        panel = self._private(text.EDIT_THIS.plain(self._language))
        self._press(panel, text.SHOW_DETAILS.plain(self._language))
        self._see_words(panel, SEED[self._language])
        self._press(panel, text.FOLD_DETAILS.plain(self._language))
        self._see(panel.get_by_role("button", name=text.SHOW_DETAILS.plain(self._language)))

    def _edit(self) -> None:
        label = text.EDIT_THIS.plain(self._language)

        def edit() -> None:
            self._press(self._private(label), label)
            self._submit("make it blue")

        self._paints(edit)

    def _show_settings(self) -> None:
        panel = self._panel()
        self._press(panel, rounds.SETTINGS.plain(self._language))
        back = rounds.BACK_TO_ROUND.plain(self._language)
        self._press(self._with_button(back).last, back)
        self._private("🖼️").wait_for()

    def _change_the_prompt(self) -> None:
        def change() -> None:
            self._press(self._panel(), prompt_form.CHANGE.plain(self._language))
            self._submit("a blue ring")

        self._see_words(self._paints(change), "a blue ring")

    def _delete(self) -> None:
        before, label = self._rounds().count(), text.DELETE.plain(self._language)
        self._press(self._panel(), label)
        asked = self._with_button(rounds.KEEP.plain(self._language)).last
        self._press(asked, label)
        self._see(self._rounds(), before - 1)

    def _ask_for_help(self) -> None:
        self._type("/help")
        for section in help_text.SECTIONS.values():
            title = section.title.plain(self._language)
            self._press(self._with_button(title).last, title)
            heading = section.body.plain(self._language).split("**")[1]
            self._private(heading).wait_for()

    def _choose_a_sampler(self) -> None:
        self._type("/settings")
        page = self._with_button(member_settings.RESET.plain(self._language)).last
        lists = page.get_by_role("combobox")
        lists.first.wait_for()
        self._press_on(lists.first)
        choice = page.get_by_role("option", name="DDIM").first
        choice.wait_for()
        self._press_on(choice)
        self._see_words(page, "DDIM")

    def _change_own_settings(self) -> None:
        page = self._with_button(member_settings.RESET.plain(self._language)).last
        self._press(page, member_settings.CHANGE_PICTURES.plain(self._language))
        self._submit("3:2")
        self._see_words(page, "3:2")

    def _compare(self) -> None:
        words = f"/compare {PROMPTS[self._language]} across: steps across_values: 10, 20"
        single = text.SINGLE.plain(self._language)
        sheet = self._paints(lambda: self._type(words))
        self._press(sheet, single)
        cells = self._private("👎")
        self._see_pictures(cells)
        self._press(cells, "👍", 1)
        self._see(cells.get_by_role("button").filter(has_text="👍").filter(has_text="1"))

    def _cancel(self) -> None:
        label = text.CANCEL.plain(self._language)
        self._type("/imagine long")
        mine = self._with_button(label).filter(has_text=f"@{NAMES[self._language]}")
        self._press(mine, label)
        self._see(mine, 0)

    def _let_a_friend_join(self) -> None:
        self._visitor.become(FRIEND)
        label = text.NEXT.plain(self._language)
        theirs = self._rounds().filter(has_text=PROMPTS[self._language]).first
        self._press(theirs, "👍", 2)
        self._see(self._visitor.votes(theirs, "👍", 1), 2)
        # As the friend reads it.
        said = f"continues round 1 of @{NAMES[self._language]}'s board"
        forks = self._with_button(text.NEXT.plain("en")).filter(has_text=said)
        fork = self._paints(lambda: self._press(theirs, label), forks)
        self._see_words(fork, f"{FRIEND}'s round 1")


def walk(
    observer: Observer, address: str, language: str, width: int, shots: Path | None = None
) -> Steps:
    """Walk in a browser of this width."""
    with chromium() as browser:
        visitor = Visitor(browser, address, width=width, height=WIDTHS[width])
        visitor.page.set_default_timeout(1000 * IN_TIME)
        return Walk(observer, visitor, language, shots).go()


async def walked(language: str, width: int, shots: Path | None = None) -> Steps:
    """Walk on a new data folder."""
    with tempfile.TemporaryDirectory() as folder:
        async with filled(Path(folder), 0) as (playground, address):
            observer = Observer(playground, asyncio.get_running_loop())
            return await asyncio.to_thread(walk, observer, address, language, width, shots)


def main() -> int:
    """Print what landed in each language at each width; 1 if anything did not."""
    arguments = argparse.ArgumentParser(prog="python -m tests.demo.walk")
    arguments.add_argument("--shots", type=Path, help="a folder for pictures of the page")
    arguments.add_argument("--language", nargs="*", choices=NAMES, default=list(NAMES))
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


if __name__ == "__main__":
    sys.exit(main())
