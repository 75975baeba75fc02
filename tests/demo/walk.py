"""Walks a first-time user's way in the playground by mouse: `python -m tests.demo.walk`.

The playground runs in this process with a child that paints at once; a headless Chromium shows its
page.  Buttons are pressed where they are seen, ready or not, while somebody else's pictures are
being painted; only prompts and commands are typed.  With `--shots FOLDER` each step leaves a
picture of the page.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.text import help as help_text
from bot.text import member_settings, prompt_form, rounds
from bot.text import messages as text
from tests.demo.browser import Visitor, chromium
from tests.demo.player import IN_TIME, WIDTHS, Player, Steps, main
from tests.demo.presses import Observer, filled

NAMES = {"en": "Aiko", "ja": "Hana (日本語)"}
"""Who walks, by language."""
FRIEND = "Ben"
PROMPTS = {"en": "a red star", "ja": "赤い星"}
SEED = {"en": "Seed", "ja": "シード"}


class Walk(Player):
    """Somebody's first hour, in their language."""

    def go(self) -> Steps:
        """Take all steps, whatever becomes of each."""
        self._visitor.become(self._name)
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
        """Take a step while something is being painted, and note whether it landed."""
        if not self._observer.painting():
            self._observer.imagine("long")
        super()._take(step)

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
        mine = self._with_button(label).filter(has_text=f"@{self._name}")
        self._press(mine, label)
        self._see(mine, 0)

    def _let_a_friend_join(self) -> None:
        self._visitor.become(FRIEND)
        label = text.NEXT.plain(self._language)
        theirs = self._rounds().filter(has_text=PROMPTS[self._language]).first
        self._press(theirs, "👍", 2)
        self._see(self._visitor.votes(theirs, "👍", 1), 2)
        # As the friend reads it.
        said = f"continues round 1 of @{self._name}'s board"
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
        return Walk(observer, visitor, NAMES[language], language, shots).go()


async def walked(language: str, width: int, shots: Path | None = None) -> Steps:
    """Walk on a new data folder."""
    with tempfile.TemporaryDirectory() as folder:
        async with filled(Path(folder), 0) as (playground, address):
            observer = Observer(playground, asyncio.get_running_loop())
            return await asyncio.to_thread(walk, observer, address, language, width, shots)


if __name__ == "__main__":
    sys.exit(main("tests.demo.walk", walked))
