"""Measure editing by instruction: is the requested attribute changed, and all else kept?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from generation.catalog.entries import Defaults, EditingDefaults, usual_editing
from generation.images.tensors import digest_of
from generation.protocol.events import Painted
from generation.protocol.requests import Paint, Source
from generation.shapes import captions
from generation.shapes.captions import Language, caption
from generation.shapes.evaluation.easel import PLAIN, Painter, in_batches
from generation.shapes.evaluation.reading import ATTRIBUTES
from generation.shapes.instructions import EDITED, Edit, instruction, random_edit
from generation.shapes.scorers import Reading, read
from generation.shapes.world import SIDE, draw, random_scene

LANGUAGES: tuple[Language, ...] = ("en", "ja")

CHANGED, KEPT_REST = 0.85, 0.85
"""Least shares of edits that must change what was asked for, and keep everything else."""

BATCH = 8
"""Number of edits in one batch, of three rows each."""

FRAME = 2
"""Width in pixels of the frame on the contact sheet: red where the edit failed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """A drawing, an instruction, and the scene that should result."""

    edit: Edit
    language: Language
    words: str
    seed: int

    @property
    def before(self) -> Image.Image:
        """The drawing before the edit."""
        return draw(self.edit.before)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a task, as far as it can be read."""

    task: Task
    picture: Image.Image
    reading: Reading

    @classmethod
    def of(cls, task: Task, picture: Image.Image) -> Outcome:
        """Read the attributes of the edited image."""
        return cls(task=task, picture=picture, reading=read(picture))

    @property
    def changed(self) -> bool:
        """True if the requested attribute has its new value."""
        return self._right(self.task.edit.attribute)

    @property
    def kept(self) -> bool:
        """True if every other attribute, place included, is as it was."""
        return all(self._right(name) for name in ATTRIBUTES if name != self.task.edit.attribute)

    @property
    def done(self) -> bool:
        """True if the edit both made the change and kept the rest."""
        return self.changed and self.kept

    def _right(self, attribute: str) -> bool:
        return bool(getattr(self.reading, attribute) == getattr(self.task.edit.after, attribute))


Column = Callable[[Outcome], bool]


def _about(attribute: str) -> Column:
    return lambda outcome: outcome.task.edit.attribute == attribute


COLUMNS: dict[str, Column] = {
    "all": lambda _: True,
    "English": lambda outcome: outcome.task.language == "en",
    "Japanese": lambda outcome: outcome.task.language == "ja",
    **{name: _about(name) for name in EDITED},
}
"""Filter of outcomes for each column of the table."""

Shares = dict[str, dict[str, float]]
"""Shares by what is asked of an edit, then by column."""


def tasks(count: int, seed: int) -> list[Task]:
    """Draw edits of scenes from a stream of their own, alternately in English and in Japanese."""
    random = Random(f"instructed/{seed}")
    made = []
    for number in range(count):
        edit = random_edit(random, random_scene(random))
        language = LANGUAGES[number % len(LANGUAGES)]
        words = instruction(edit, random, language)
        made.append(Task(edit=edit, language=language, words=words, seed=number))
    return made


def captions_of(task: Task) -> tuple[str, str]:
    """Return captions of the image before and after, in the same words but for the change."""
    before, after = (
        caption(scene, captions.ATTRIBUTES, Random(task.seed))
        for scene in (task.edit.before, task.edit.after)
    )
    return before, after


def edit_all(
    paint: Painter,
    wanted: Sequence[Task],
    folder: Path,
    *,
    model: str,
    editing: EditingDefaults | None = None,
) -> list[Outcome]:
    """Run every task through the engine like a member's request; `editing` None: defaults."""
    editing = editing or usual_editing(model)
    return fulfil(
        paint,
        wanted,
        lambda task: dataclasses.replace(
            request(task, task.words, folder, model=model, settings=editing),
            image_guidance=editing.image_guidance,
        ),
    )


def fulfil(
    paint: Painter, wanted: Sequence[Task], request_of: Callable[[Task], Paint]
) -> list[Outcome]:
    """Run a request for each task, several in a batch, and read the results."""
    outcomes = []
    for some in in_batches(wanted, BATCH, "edits"):
        for task, pictures in zip(some, paint([request_of(task) for task in some]), strict=True):
            outcomes.append(Outcome.of(task, opened(pictures[0])))
    return outcomes


def request(
    task: Task, words: str, folder: Path, *, model: str, settings: Defaults, strength: float = 1.0
) -> Paint:
    """Return a request for one image that starts from a task's drawing, in its own folder."""
    place = folder / f"{task.seed:04}"
    place.mkdir(parents=True)
    path = place / "before.png"
    task.before.save(path)
    return Paint(
        job=place.name,
        model=model,
        prompt=words,
        count=1,
        seed=task.seed,
        feedback=PLAIN,
        source=Source(path=path, digest=digest_of(path.read_bytes()), strength=strength),
        previews=False,
        out=place,
        steps=settings.steps,
        guidance=settings.guidance,
        scheduler=settings.scheduler,
    )


def opened(painted: Painted) -> Image.Image:
    """Open a generated image's file."""
    if painted.path is None:
        raise ValueError(f"the picture of seed {painted.seed} was withheld")
    with Image.open(painted.path) as file:
        return file.convert("RGB")


def shares(outcomes: Sequence[Outcome]) -> Shares:
    """Return the shares of edits that made the change, kept the rest, and did both."""
    columns = {
        name: chosen
        for name, belongs in COLUMNS.items()
        if (chosen := [outcome for outcome in outcomes if belongs(outcome)])
    }
    asked: dict[str, Column] = {
        "changed as asked": lambda outcome: outcome.changed,
        "all else kept": lambda outcome: outcome.kept,
        "both": lambda outcome: outcome.done,
    }
    return {
        row: {name: sum(map(holds, chosen)) / len(chosen) for name, chosen in columns.items()}
        for row, holds in asked.items()
    }


def bars(found: Shares) -> dict[str, bool]:
    """Return each criterion as a phrase, and whether it is met."""
    return {
        f"changed as asked in at least {CHANGED:.0%}": found["changed as asked"]["all"] >= CHANGED,
        f"all else kept in at least {KEPT_REST:.0%}": found["all else kept"]["all"] >= KEPT_REST,
    }


def contact_sheet(outcomes: Sequence[Outcome], *, most: int = 96, columns: int = 6) -> Image.Image:
    """Draw pairs of before and after, row by row, with those that failed framed in red."""
    shown = outcomes[:most]
    columns = min(columns, len(shown))
    width, height = 2 * SIDE + 3 * FRAME, SIDE + 2 * FRAME
    sheet = Image.new("RGB", (columns * width, -(-len(shown) // columns) * height), "white")
    pen = ImageDraw.Draw(sheet)
    for index, outcome in enumerate(shown):
        x, y = index % columns * width, index // columns * height
        if not outcome.done:
            pen.rectangle((x, y, x + width - 1, y + height - 1), fill="red")
        sheet.paste(outcome.task.before, (x + FRAME, y + FRAME))
        sheet.paste(outcome.picture, (x + SIDE + 2 * FRAME, y + FRAME))
    return sheet
