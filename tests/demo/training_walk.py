"""Walks the way of a training in the playground by mouse: `python -m tests.demo.training_walk`.

The embedded model learns a shape that it has never seen, from four pictures, while another member
paints; then it paints that shape, and a LoRA from elsewhere is added and used.  With `--shots
FOLDER` each step leaves a picture of the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from unittest import mock

from PIL import Image
from playwright.sync_api import Locator

from bot.actions.training import plans
from bot.composition import worker_options
from bot.playground.demo import Playground, for_playing, opened, shown
from bot.settings import Settings
from bot.text import commands as command_words
from bot.text import messages as text
from bot.text.styles import commands as style_words
from bot.text.styles import keeping as style_text
from bot.text.training import commands as words
from bot.text.training import datasets as dataset_text
from bot.text.training import progress
from generation.catalog.files import EMBEDDED
from generation.process.supervisor import Generator
from generation.shapes.scorers import read
from generation.shapes.world import Scene, draw
from tests.demo.browser import Visitor, chromium
from tests.demo.player import IN_TIME, PRIVATE, WIDTHS, Player, Steps, main
from tests.demo.presses import Observer
from tests.kohya import write_kohya

NAMES = {"en": "Dana (admin)", "ja": "Hana (日本語)"}
"""Who trains, by language: an admin, and a member with the trainers' role."""
FRIEND, ONLOOKER = "Ben", "Aiko"
SHAPE, TRIGGER, CLASS = "crescent", "rocky", "shape"
SCENES = (
    ("red", "white", "middle", "large"),
    ("blue", "yellow", "left", "small"),
    ("green", "black", "right", "large"),
    ("purple", "orange", "top", "small"),
)
"""Colour, background, place and size of the pictures that are handed over."""
PROMPT = f"a large green {TRIGGER} {CLASS} on a white background"
LEARNED = 1
"""Pictures of the four that have to show the shape, which the model alone never paints.

The seeds are drawn anew each time: of eight pictures, six were read as crescents after 100 steps.
"""
STEPS, BRIEFLY = 200, 80
"""Steps of a training that learns the shape, and of one whose outcome does not matter."""
EVERY = 20
"""Steps from one checkpoint to the next in the brief one."""
TRAINING_SECONDS, PAINTING_SECONDS = 900.0, 300.0
"""Time for what a real model does, on a machine that does much else."""
FOREIGN = "sumi"
"""Name of the style from elsewhere."""


class TrainingObserver(Observer):
    """The playground from inside, for what its page does not say."""

    def step(self) -> int | None:
        """Return the step of the training under way; None if there is none."""

        async def standing() -> int | None:
            services = self._playground.client.services
            for job, _ in await services.store.trainings.under_way():
                found = services.training_jobs.standing(job.id)
                return 0 if found is None else found.step
            return None

        return self.run(standing)

    def react(self, name: str, message_id: int) -> None:
        """Have a member put a 👍 under a message, as SimCord's page only repeats reactions."""

        async def react() -> None:
            world = self._playground.world
            (member,) = [each for each in world.members if each.name == name.lower()]
            (message,) = [each for each in world.channel.history() if each.id == message_id]
            await member.react(message, "👍")

        self.run(react)

    def chosen(self) -> int | None:
        """Return the step of the checkpoint that was chosen in the newest training."""

        async def chosen() -> int | None:
            store, server = self._playground.client.services.store, self._playground.world.server_id
            newest = max(await store.trainings.recent(server, 10), key=lambda each: each[0].id)
            return newest[1].chosen

        return self.run(chosen)

    def pictures(self) -> list[Path]:
        """Return the files of the newest round's pictures."""

        async def paths() -> list[Path]:
            store = self._playground.client.services.store
            (newest,) = await store.rounds.recent(1)
            images = await store.images.of_round(newest.id)
            return [store.files.path(each.digest) for each in images if each.digest]

        return self.run(paths)


class Friend(Player):
    """Another member, who paints while the training is under way."""

    painted_in = PAINTING_SECONDS

    def paint_and_rate(self) -> None:
        """Paint, like every picture, and paint on from that."""
        painted = self._paints(lambda: self._type("/imagine a red star"))
        for place in range(4):
            self._press(painted, "👍", place)
            self._see(self._visitor.votes(painted, "👍", 1), place + 1)
        following = self._paints(lambda: self._press(painted, text.NEXT.plain(self._language)))
        self._see_words(following, f"@{self._name}'s 4 likes")


class TrainingWalk(Player):
    """A trainer's first training, in their language."""

    painted_in = PAINTING_SECONDS

    _observer: TrainingObserver

    def go(self, folder: Path, friend: Friend, steps: int) -> Steps:
        """Take all steps, whatever becomes of each."""
        self._folder, self._friend, self._training_steps = folder, friend, steps
        self._visitor.become(self._name)
        for step in (
            self._fill_in_the_form,
            self._look_at_the_pictures,
            self._start,
            self._watch_it_train,
            self._pause,
            self._resume,
            self._choose_by_reaction,
            self._let_a_friend_paint,
            self._finish,
            self._choose_the_last_checkpoint,
            self._paint_with_it,
            self._stop_a_second_one,
            self._add_a_file,
            self._show_it,
            self._paint_with_the_file,
            self._sweep,
        ):
            self._take(step)
        return self.steps

    # --- What there is -------------------------------------------------------------------------

    def _card(self) -> Locator:
        """The newest card of a training: its title has the name and the method."""
        title = f" · {progress.BASE_METHODS['lora'].plain(self._language)}"
        messages = self._visitor.messages().filter(has_text=title)
        return messages.filter(has_not_text=PRIVATE).last

    def _within(self, seconds: float, message: str) -> Iterator[None]:
        """Yield until the time is up, which fails with a message."""
        until = time.monotonic() + seconds
        while True:
            yield
            assert time.monotonic() < until, message
            self._visitor.page.wait_for_timeout(100)

    def _step(self) -> int:
        """Return the present step; there has to be a training under way."""
        step = self._observer.step()
        assert step is not None, "the training has ended already"
        return step

    def _await_step(self, wanted: int) -> None:
        for _ in self._within(TRAINING_SECONDS, f"the training does not reach step {wanted}"):
            if self._step() >= wanted:
                return

    def _said(self, phrase: str) -> str:
        """Return a sentence without the marks by which Discord sets letters."""
        return phrase.replace("**", "").replace("`", "")

    # --- The way -------------------------------------------------------------------------------

    def _fill_in_the_form(self) -> None:
        self._prepare(TRIGGER, self._training_steps)

    def _prepare(self, name: str, steps: int) -> None:
        """Give the command, fill its form in, agree, and see the card of the data set."""
        train, option = words.TRAIN.plain(self._language), words.STEPS.plain(self._language)
        self._type(f"/{train} lora {option}: {steps}")
        form = self._form()
        upload = form.locator("input[type=file]")
        upload.wait_for(state="attached")
        upload.set_input_files(pictures(self._folder))
        for place, entered in enumerate((name, TRIGGER, CLASS)):
            self._fill(form.locator("input.modal-input").nth(place), entered)
        self._press_on(form.locator("label.modal-choice"))
        self._shoot(f"form {name}")
        self._send_form()
        start = dataset_text.START.plain(self._language)
        self._see(self._with_button(start).filter(has_text=name), seconds=2 * IN_TIME)

    def _look_at_the_pictures(self) -> None:
        label = dataset_text.SHOW.plain(self._language)
        self._press(self._with_button(label).last, label)
        heading = self._said(dataset_text.SHEET.plain(self._language, name=TRIGGER))
        self._see_pictures(self._private(heading))

    def _start(self) -> None:
        label = dataset_text.START.plain(self._language)
        self._press(self._with_button(label).last, label)
        self._see_words(self._card(), progress.PAUSE.plain(self._language))

    def _watch_it_train(self) -> None:
        self._await_step(1)
        self._see_words(self._card(), "▱")
        self._see_words(self._card(), "🔵")

    def _pause(self) -> None:
        label = progress.RESUME.plain(self._language)
        self._press(self._card(), progress.PAUSE.plain(self._language))
        self._see_words(self._card(), "⏸️")
        self._card().get_by_role("button", name=label, exact=True).wait_for()
        self._visitor.page.wait_for_timeout(2000)  # What was under way ends.
        paused = self._step()
        self._visitor.page.wait_for_timeout(3000)
        assert self._step() == paused, "it goes on"

    def _resume(self) -> None:
        paused = self._step()
        self._press(self._card(), progress.RESUME.plain(self._language))
        self._card().get_by_role(
            "button", name=progress.PAUSE.plain(self._language), exact=True
        ).wait_for()
        self._await_step(paused + 1)

    def _choose_by_reaction(self) -> None:
        react = progress.REACT.plain(self._language)
        card = self._card()
        card.get_by_text(react).wait_for(timeout=1000 * TRAINING_SECONDS)
        self._see_pictures(card)
        message_id = card.get_attribute("data-message-id")
        self._observer.react(ONLOOKER, int(message_id or 0))
        chip = card.locator(".reaction-chip")
        chip.wait_for()
        assert self._observer.chosen() is None, "an onlooker may not choose"
        self._press_on(chip)
        card.get_by_text(react).wait_for(state="hidden")
        chosen = self._observer.chosen()
        assert chosen, "the reaction chose nothing"
        self._see_words(card, progress.CHOSEN.plain(self._language, step=chosen))

    def _let_a_friend_paint(self) -> None:
        self._step()  # It trains meanwhile.
        self._friend.paint_and_rate()

    def _finish(self) -> None:
        label = progress.PAINT.plain(self._language)
        paint = self._card().get_by_role("button", name=label, exact=True)
        paint.wait_for(timeout=1000 * TRAINING_SECONDS)
        step = self._observer.chosen() or 0
        self._see_words(self._card(), progress.STYLE_IS.plain(self._language, step=step))
        self._see_pictures(self._card())

    def _choose_the_last_checkpoint(self) -> None:
        lists = self._card().get_by_role("combobox")
        self._press_on(lists)
        last = self._visitor.page.get_by_role("option").last
        last.wait_for()
        self._press_on(last)
        use = progress.USE.plain(self._language)
        grid = self._with_button(use).last
        self._see_pictures(grid)
        self._press(grid, use)
        steps = self._training_steps
        self._see_words(self._card(), progress.STYLE_IS.plain(self._language, step=steps))

    def _paint_with_it(self) -> None:
        def ask() -> None:
            self._press(self._card(), progress.PAINT.plain(self._language))
            self._submit(PROMPT)

        self._paints(ask)
        if self._training_steps == STEPS:
            shapes = shapes_in(self._observer.pictures())
            assert shapes.count(SHAPE) >= LEARNED, f"it painted {shapes}"

    def _stop_a_second_one(self) -> None:
        self._prepare("second", STEPS)
        self._start()
        self._await_step(1)
        stop = progress.STOP.plain(self._language)
        button = self._card().get_by_role("button", name=stop, exact=True)
        button.wait_for()
        self._press_on(button)
        paint = progress.PAINT.plain(self._language)
        done = self._with_button(paint).filter(has_text="second")
        self._see(done, seconds=TRAINING_SECONDS)
        for _ in self._within(PAINTING_SECONDS, "the stopped training is still under way"):
            if self._observer.step() is None:
                return

    def _add_a_file(self) -> None:
        # SimCord's list, from which a file can be given, has the commands in English alone.
        self._write("/style add")
        self._visitor.page.locator(".command-context").wait_for()
        self._press_on(self._visitor.page.locator(".command-ghost").last)
        self._press_on(self._visitor.page.get_by_role("option").filter(has_text="file").first)
        upload = self._visitor.page.locator(".command-file-input")
        upload.set_input_files(kohya_file(self._folder))
        self._press_on(self._visitor.page.locator("#send-message"))
        added = self._private(FOREIGN)
        added.wait_for()
        self._see_pictures(added)  # Its preview.

    def _show_it(self) -> None:
        style, show = (each.plain(self._language) for each in (style_words.STYLE, style_words.SHOW))
        sweep = style_text.SWEEP.plain(self._language)
        before = self._with_button(sweep).count()
        self._type(f"/{style} {show} {FOREIGN}")
        self._see(self._with_button(sweep), before + 1)
        self._see_pictures(self._with_button(sweep).last)

    def _paint_with_the_file(self) -> None:
        option = command_words.STYLE.plain(self._language)
        round_ = self._paints(lambda: self._type(f"/imagine a red star {option}: {FOREIGN}"))
        self._see_words(round_, FOREIGN)

    def _sweep(self) -> None:
        label = style_text.SWEEP.plain(self._language)
        sheets = self._with_button(text.SINGLE.plain(self._language))
        self._paints(lambda: self._press(self._with_button(label).last, label), sheets)


def pictures(folder: Path) -> list[Path]:
    """Return files of the pictures that are handed over, written at first."""
    found = []
    for number, (colour, background, place, size) in enumerate(SCENES):
        path = folder / f"picture-{number}.png"
        if not path.exists():
            scene = Scene(
                shape=SHAPE,
                colour=colour,
                background=background,
                fill="solid",
                size=size,
                place=place,
            )
            drawn = draw(scene)
            drawn.resize((4 * drawn.width, 4 * drawn.height), Image.Resampling.NEAREST).save(path)
        found.append(path)
    return found


def kohya_file(folder: Path) -> Path:
    """Return a LoRA for the embedded model as kohya's scripts write it."""
    path = folder / f"{FOREIGN}.safetensors"
    write_kohya(path, EMBEDDED, metadata={"modelspec.license": "MIT"})
    return path


def shapes_in(paths: list[Path]) -> list[str | None]:
    """Return the shapes that the scorers read in pictures."""
    return [read(Image.open(path).convert("RGB")).shape for path in paths]


@contextlib.asynccontextmanager
async def open_for_training(folder: Path) -> AsyncIterator[tuple[Playground, str]]:
    """The playground with the embedded model in a child, and its page's address."""
    settings = for_playing(Settings(data_dir=folder / "data", device="cpu", threads=1))
    async with (
        opened(settings, Generator(worker_options(settings))) as playground,
        shown(playground, 0) as page,
    ):
        yield playground, page.url


def walk(
    observer: TrainingObserver, address: str, language: str, width: int, shots: Path | None
) -> Steps:
    """Walk in a browser of this width; it learns the shape on a wide page."""
    steps = STEPS if width == max(WIDTHS) else BRIEFLY
    every = plans.LEAST_EVERY if steps == STEPS else EVERY
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(plans, "LEAST_EVERY", every),
    ):
        trainer, other = (
            Visitor(browser, address, width=width, height=WIDTHS[width]) for _ in range(2)
        )
        for visitor in (trainer, other):
            visitor.page.set_default_timeout(1000 * IN_TIME)
        other.become(FRIEND)
        friend = Friend(observer, other, FRIEND, "en")
        way = TrainingWalk(observer, trainer, NAMES[language], language, shots)
        return way.go(Path(folder), friend, steps)


async def walked(language: str, width: int, shots: Path | None = None) -> Steps:
    """Walk on a new data folder."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_for_training(Path(folder)) as (playground, address):
            observer = TrainingObserver(playground, asyncio.get_running_loop())
            return await asyncio.to_thread(walk, observer, address, language, width, shots)


if __name__ == "__main__":
    sys.exit(main("tests.demo.training_walk", walked))
