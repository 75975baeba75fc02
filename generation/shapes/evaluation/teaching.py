"""Teach the embedded model one concept by one method, and measure what it paints afterwards."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Self, TypeVar

from PIL import Image

from generation.models.model import Model
from generation.protocol.training import Method, Recipe, TextualInversion, Train
from generation.requests.recipes import completed
from generation.shapes.evaluation.concepts import Lesson
from generation.shapes.scorers import Reading, read
from generation.shapes.world import Scene, draw
from generation.training.clip import cosines
from generation.training.data.folders import read_folder
from generation.training.evaluation.scores import Judge
from generation.training.loop import TrainState, fit
from generation.training.methods.beginning import begin
from generation.training.samples import Sampling, paint

T = TypeVar("T")

UNTOUCHED = "untouched"
CLASS_PROMPT = "a shape"
"""What the prior loss keeps as it was."""
RARE, TOKEN = "sks", "<new>"
"""The words for the concept: a rare one, which the embedded tokenizer spells out, and, for
Textual Inversion, one that no tokenizer knows."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pupil:
    """A method with its recipe; `method` is None for the untouched model."""

    name: str
    method: Method | None = None
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    prior: bool = False

    @property
    def word(self) -> str:
        """The word that stands for the concept."""
        return TOKEN if isinstance(self.method, TextualInversion) else RARE

    @property
    def settings(self) -> dict[str, Any]:
        """The method and the recipe, as plain values."""
        if self.method is None:
            return {}
        told = {"method": type(self.method).__name__, **dataclasses.asdict(self.method)}
        recipe = dataclasses.asdict(self.recipe)
        return json.loads(json.dumps({**told, "recipe": recipe, "prior": self.prior}, default=str))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Probes:
    """Seeds of the pictures that are measured, and their sampling settings."""

    sampling: Sampling
    seeds: tuple[int, ...] = (1, 2)
    """Each context is painted from each; without the new word, from the first alone."""
    class_seeds: tuple[int, ...] = (1, 2, 3, 4)
    """Those of the class prompt alone."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeachingRecord:
    """The figures of one method on one concept with one seed.

    shown: share of the pictures that show the concept; named: share of the other named attributes
    that are right; exact: share of the pictures with all of that right.  leaked: share of the
    pictures asked for without the new word that show the concept; plain_named: of what these name.
    """

    pupil: str
    concept: str
    kind: str
    seed: int
    settings: Mapping[str, Any]
    seconds: float
    """Of training, by the clock, on a machine that may be busy."""
    processor_seconds: float
    shown: float
    named: float
    exact: float
    leaked: float
    plain_named: float
    fidelity: float
    following: float
    drift: float
    diversity: float
    meant: float
    """Mean cosine, by CLIP, of each picture with a drawing of exactly what was asked for."""

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Parse a line of the file."""
        return cls(**json.loads(line))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Taught:
    """A record with the pictures that it was measured on."""

    record: TeachingRecord
    pictures: Sequence[Image.Image]
    plain: Sequence[Image.Image]


def teach_and_measure(
    model: Model,
    pupil: Pupil,
    lesson: Lesson,
    probes: Probes,
    judge: Judge,
    *,
    seed: int,
    out: Path,
) -> Taught:
    """Train on a lesson in the folder `out`, paint the contexts, and measure the pictures."""
    began, ticks = time.perf_counter(), time.process_time()
    taught = model if pupil.method is None else _taught(model, pupil, lesson, seed, out)
    seconds, processor = time.perf_counter() - began, time.process_time() - ticks
    first = 1000 * (seed + 1)
    pairs = [(scene, each) for scene in lesson.contexts for each in probes.seeds]
    scenes = [scene for scene, _ in pairs]
    pictures = finish(
        paint(
            taught,
            _prompts(lesson, scenes, pupil.word),
            [first + each for _, each in pairs],
            probes.sampling,
        )
    )
    plain = _prompts(lesson, lesson.contexts, "") + [CLASS_PROMPT] * len(probes.class_seeds)
    plain_seeds = [probes.seeds[0]] * len(lesson.contexts) + list(probes.class_seeds)
    without = finish(paint(taught, plain, [first + each for each in plain_seeds], probes.sampling))
    drawings = [draw(scene) for scene in lesson.drawings]
    figures = _figures(lesson, scenes, pictures, without)
    return Taught(
        record=TeachingRecord(
            pupil=pupil.name,
            concept=lesson.concept.name,
            kind=lesson.concept.kind,
            seed=seed,
            settings=pupil.settings,
            seconds=seconds,
            processor_seconds=processor,
            **figures,
            **_scores(judge, pictures, _prompts(lesson, scenes, ""), drawings, without),
            meant=_likeness_to_meant(judge, pictures, scenes),
        ),
        pictures=pictures,
        plain=without,
    )


def _prompts(lesson: Lesson, scenes: Sequence[Scene], word: str) -> list[str]:
    """Describe scenes; the same scene in the same words, but for `word`."""
    places = {scene: place for place, scene in enumerate(lesson.contexts)}
    return [lesson.concept.prompt(scene, word, Random(places[scene])) for scene in scenes]


def _figures(
    lesson: Lesson,
    scenes: Sequence[Scene],
    pictures: Sequence[Image.Image],
    without: Sequence[Image.Image],
) -> dict[str, float]:
    """Return what can be read from the pixels."""
    concept = lesson.concept
    seen, plain = ([read(each) for each in painted] for painted in (pictures, without))

    def share(
        holds: Callable[[Reading, Scene], float],
        readings: Sequence[Reading],
        asked: Sequence[Scene],
    ) -> float:
        return fmean(map(holds, readings, asked))

    return {
        "shown": share(lambda reading, _: concept.shown(reading), seen, scenes),
        "named": share(concept.named_right, seen, scenes),
        "exact": share(
            lambda reading, scene: (
                concept.shown(reading) and concept.named_right(reading, scene) == 1
            ),
            seen,
            scenes,
        ),
        "leaked": fmean(concept.shown(reading) for reading in plain),
        "plain_named": share(concept.named_right, plain[: len(lesson.contexts)], lesson.contexts),
    }


def _scores(
    judge: Judge,
    pictures: Sequence[Image.Image],
    prompts: Sequence[str],
    drawings: Sequence[Image.Image],
    without: Sequence[Image.Image],
) -> dict[str, float]:
    scores = judge.score(pictures, prompts, drawings, without)
    names = ("fidelity", "following", "drift", "diversity")
    return {name: getattr(scores, name) for name in names}


def _likeness_to_meant(
    judge: Judge, pictures: Sequence[Image.Image], scenes: Sequence[Scene]
) -> float:
    if judge.clip is None:
        raise ValueError("the embedded model has a CLIP")
    meant = judge.clip.images([draw(scene) for scene in scenes])
    return float(cosines(judge.clip.images(pictures), meant).mean())


def _taught(model: Model, pupil: Pupil, lesson: Lesson, seed: int, out: Path) -> Model:
    """Return the trained model."""
    request = completed(request_of(pupil, lesson, seed, out))
    examples, _ = read_folder(request.data)
    task = finish(begin(model, request, examples))
    for _ in fit(TrainState(task, request.recipe), request.recipe, request.recipe.steps or 0):
        pass
    return task.model


def request_of(pupil: Pupil, lesson: Lesson, seed: int, out: Path) -> Train:
    """Write a lesson as a training folder, and return the request to train on it."""
    method = pupil.method
    if method is None:
        raise ValueError("the untouched model is not trained")
    if isinstance(method, TextualInversion):
        method = dataclasses.replace(method, initializer=lesson.concept.initializer)
    data = out / "data"
    data.mkdir(parents=True)
    for number, scene in enumerate(lesson.drawings):
        draw(scene).save(data / f"{number}.png")
        text = lesson.concept.prompt(scene, pupil.word, Random(seed * 100 + number))
        (data / f"{number}.txt").write_text(text, encoding="utf-8")
    return Train(
        job="",
        model="shapes",
        method=method,
        data=data,
        out=out,
        recipe=dataclasses.replace(pupil.recipe, seed=seed),
    )


def finish(steps: Generator[object, None, T]) -> T:
    """Run a generator to its end and return its value."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value
