"""Pairs for edit training that the embedded model paints itself, and the choices among them.

Each choice is a folder to train on: with CLIP's filter, as many without it, or half as many.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw

from generation.catalog.files import locate
from generation.models.model import Model
from generation.shapes.captions import ATTRIBUTES, caption
from generation.shapes.evaluation.instructed import LANGUAGES
from generation.shapes.instructions import Edit, instruction, random_edit
from generation.shapes.scorers import read
from generation.shapes.world import SIDE, draw, random_scene
from generation.training.clip import Clip
from generation.training.data.folders import METADATA
from generation.training.methods.edit import AFTER, BEFORE, INSTRUCTION
from generation.training.pairs.edit_prompts import EditPrompt
from generation.training.pairs.filtering import USUAL_REJECTION, Thresholds, kept
from generation.training.pairs.folder import JOURNAL, UNFILTERED, Sampled, names_of, read_journal
from generation.training.pairs.making import PairSettings, PairsProgress, make_pairs

PAINTED = PairSettings(
    samples=4, guidance=(1.5, 3.0), steps=10, scheduler="ddim", filter=UNFILTERED
)
"""The embedded model's guidance is about 2; of its pairs all are kept, and `choices` chooses."""
KEPT = 3
"""Most pairs of a prompt that the filter keeps."""
SHOWN, COLUMNS, FRAME = 18, 6, 2
"""Pairs on the sheet that the filter keeps, and that it rejects; in a row; width of the frame."""


class PairOf(NamedTuple):
    """A painted pair by the numbers of its prompt and its sample."""

    prompt: int
    sample: int


def asked(count: int, seed: int) -> Iterator[tuple[Edit, EditPrompt]]:
    """Yield random edits with their words, by turns in English and in Japanese.

    The captions name everything: nothing but the attention that they share holds together what two
    pictures show and no caption names, and about half of such pairs come out wrong.
    """
    random = Random(f"edit training/{seed}")
    for number in range(count):
        edit = random_edit(random, random_scene(random))
        language = LANGUAGES[number % len(LANGUAGES)]
        before, after = (
            caption(scene, set(ATTRIBUTES), Random(f"{seed}/{number}"), language)
            for scene in (edit.before, edit.after)
        )
        words = instruction(edit, random, language)
        yield edit, EditPrompt(caption=before, instruction=words, edited=after)


def draw_pairs(count: int, seed: int, out: Path) -> Path:
    """Draw so many pairs of other edits into a folder to train on, unless it is there; return it.

    They are exact, and no two show the same edit: what painted pairs are measured against.
    """
    if out.exists():
        return out
    rows: list[dict[str, str]] = []
    pictures: dict[str, Image.Image] = {}
    for number, (edit, prompt) in enumerate(asked(count, seed)):
        names = names_of(number, 0)
        scenes = (edit.before, edit.after)
        pictures |= {name: draw(scene) for name, scene in zip(names, scenes, strict=True)}
        rows.append({BEFORE: names[0], AFTER: names[1], INSTRUCTION: prompt.instruction})
    return _write(out, rows, lambda name, folder: pictures[name].save(folder / name))


def paint_pool(model: Model, out: Path, *, count: int, seed: int) -> Iterator[PairsProgress]:
    """Paint four pairs of each prompt, all of which are kept; goes on where it was stopped."""
    settings = dataclasses.replace(PAINTED, seed=seed)
    clip = Clip.load(locate(model.card.name) / "clip")
    prompts = [prompt for _, prompt in asked(count, seed)]
    yield from make_pairs(model, clip, prompts, out, settings)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pool:
    """All painted pairs, with what was asked of each, and the filter's thresholds for them."""

    folder: Path
    edits: Sequence[Edit]
    samples: Sequence[Sampled]
    thresholds: Thresholds

    @classmethod
    def open(cls, folder: Path, *, count: int, seed: int) -> Pool:
        """Read what `paint_pool` made."""
        samples = read_journal(folder / JOURNAL)
        scores = [score for sampled in samples for score in sampled.scores]
        return cls(
            folder=folder,
            edits=[edit for edit, _ in asked(count, seed)],
            samples=samples,
            thresholds=USUAL_REJECTION.thresholds(scores),
        )

    @property
    def pairs(self) -> list[PairOf]:
        """Every pair that was painted."""
        return [
            PairOf(prompt, sample)
            for prompt, sampled in enumerate(self.samples)
            for sample in range(len(sampled.scores))
        ]

    def choices(self, seed: int) -> dict[str, list[PairOf]]:
        """Return the pairs to train on, by the name of each choice."""
        random = Random(f"choices/{seed}")
        passing = [
            PairOf(prompt, sample)
            for prompt, sampled in enumerate(self.samples)
            for sample in kept(sampled.scores, self.thresholds, KEPT)
        ]
        return {
            "filtered": passing,
            "unfiltered": sorted(random.sample(self.pairs, len(passing))),
            "half": sorted(random.sample(passing, len(passing) // 2)),
        }

    def write(self, pairs: Sequence[PairOf], out: Path) -> Path:
        """Write some of the pairs into a folder to train on, unless it is there; return it."""
        if out.exists():
            return out
        rows = []
        for pair in pairs:
            names = names_of(*pair)
            words = self.samples[pair.prompt].prompt.instruction
            rows.append({BEFORE: names[0], AFTER: names[1], INSTRUCTION: words})
        return _write(out, rows, lambda name, folder: shutil.copy(self.folder / name, folder))

    def right(self, pair: PairOf) -> bool:
        """Return True if a pair shows the edit that was asked for, and no other change."""
        edit = self.edits[pair.prompt]
        was, became = (read(picture) for picture in self.pictures(pair))
        wanted = getattr(became, edit.attribute) == getattr(edit.after, edit.attribute)
        return wanted and all(
            getattr(was, name) is not None and getattr(was, name) == getattr(became, name)
            for name in ATTRIBUTES
            if name != edit.attribute
        )

    def pictures(self, pair: PairOf) -> tuple[Image.Image, Image.Image]:
        """Open both pictures."""
        before, after = (Image.open(self.folder / name).convert("RGB") for name in names_of(*pair))
        return before, after

    def sheet(self) -> Image.Image:
        """Draw some pairs that the filter keeps, and below, framed in red, some that it rejects."""
        passing = set(self.choices(0)["filtered"])
        random = Random("sheet")
        chosen = [
            random.sample(some, min(SHOWN, len(some)))
            for some in (sorted(passing), sorted(set(self.pairs) - passing))
        ]
        width, height = 2 * SIDE + 3 * FRAME, SIDE + 2 * FRAME
        rows = [-(-len(some) // COLUMNS) for some in chosen]
        sheet = Image.new("RGB", (COLUMNS * width, sum(rows) * height), "white")
        pen = ImageDraw.Draw(sheet)
        for rejected, some in enumerate(chosen):
            for index, pair in enumerate(some):
                x, y = index % COLUMNS * width, (index // COLUMNS + rejected * rows[0]) * height
                if rejected:
                    pen.rectangle((x, y, x + width - 1, y + height - 1), fill="red")
                for half, picture in enumerate(self.pictures(pair)):
                    sheet.paste(picture, (x + FRAME + half * (SIDE + FRAME), y + FRAME))
        return sheet


def _write(
    out: Path, rows: Sequence[Mapping[str, str]], place: Callable[[str, Path], object]
) -> Path:
    """Write a folder of pairs, whole or not at all; `place` puts a picture into it by its name."""
    partial = out.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for row in rows:
        for key in (BEFORE, AFTER):
            place(row[key], partial)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (partial / METADATA).write_text("".join(lines), encoding="utf-8")
    return partial.replace(out)
