"""What the embedded model can do, and what likes do to it, measured by the scorers."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

import numpy as np
from PIL import Image

from generation.feedback import faded
from generation.messages import Feedback, Paint, Painted, Reference
from generation.shapes.captions import caption
from generation.shapes.scorers import Reading, lab, read, shape_colour
from generation.shapes.world import COLOURS, PAINTED_FILLS, SIDE, Scene, random_scene

Painter = Callable[[Paint], Sequence[Painted]]
"""Paints a request and returns its pictures, in order."""
Embedder = Callable[[Sequence[Image.Image]], np.ndarray]
"""Pictures to unit vectors (N, D): CLIP's image embeddings."""

ATTRIBUTES = ("shape", "colour", "background", "fill", "size")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setup:
    """How pictures are painted throughout one evaluation."""

    model: str = "shapes"
    steps: int = 20
    guidance: float = 6.0
    scheduler: str = "euler_a"


# --- Does the model paint what the prompt says? -------------------------------------------


def prompt_scenes(count: int, seed: int) -> list[Scene]:
    """Scenes whose every attribute a prompt will name, in a stream apart from training's."""
    random = Random(f"prompts/{seed}")
    return [random_scene(random, PAINTED_FILLS) for _ in range(count)]


def prompt_accuracy(
    paint: Painter, out: Path, *, setup: Setup, count: int = 256, seed: int = 0
) -> tuple[dict[str, float], list[Image.Image]]:
    """Share of `count` prompts whose picture shows each attribute as named, and the pictures."""
    scenes = prompt_scenes(count, seed)
    right = dict.fromkeys(ATTRIBUTES, 0)
    pictures = []
    for index, scene in enumerate(scenes):
        prompt = caption(scene, ATTRIBUTES, Random(f"{seed}/{index}"))
        picture, reading = paint_and_read(
            paint, out / f"{index:03}", setup, prompt=prompt, seed=seed + 1000 * index, count=1
        )[0]
        pictures.append(picture)
        for name in ATTRIBUTES:
            right[name] += getattr(reading, name) == getattr(scene, name)
    return {name: hits / count for name, hits in right.items()}, pictures


def contact_sheet(pictures: Sequence[Image.Image], columns: int = 16) -> Image.Image:
    """All pictures on one sheet, row by row."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * SIDE, rows * SIDE), "white")
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % columns * SIDE, index // columns * SIDE))
    return sheet


# --- Do likes steer? ----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """A hidden favourite colour, and a prompt that names shape and background but no colour."""

    number: int
    favourite: str
    scene: Scene
    prompt: str

    @property
    def seed(self) -> int:
        """Where the trial's seeds begin; no two trials share one."""
        return 100_000 * (self.number + 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """Means over pictures: of the favourite colour, of the named attributes, of diversity."""

    favourite: float
    named: float
    diversity: float
    pictures: int


def trials(count: int, seed: int = 0) -> Iterator[Trial]:
    """Trials balanced over the favourites."""
    random = Random(f"trials/{seed}")
    for number, favourite in zip(range(count), itertools.cycle(COLOURS), strict=False):
        scene = random_scene(random, colour=favourite, fill="solid")
        prompt = caption(scene, ("shape", "background"), random)
        yield Trial(number=number, favourite=favourite, scene=scene, prompt=prompt)


def steered_rounds(
    paint: Painter,
    trial: Trial,
    out: Path,
    *,
    setup: Setup,
    feedback: Feedback,
    rounds: int = 3,
    batch: int = 4,
) -> list[list[tuple[Image.Image, Reading]]]:
    """The published protocol: each round's best picture is liked, its worst disliked.

    Best and worst are the nearest to and farthest from the favourite in CIELAB; the
    references of earlier rounds stay, faded as on a board.  Returns each round's
    pictures with their readings.
    """
    liked: list[Reference] = []
    disliked: list[Reference] = []
    painted = []
    for number in range(rounds):
        folder = out / f"round{number + 1}"
        folder.mkdir(parents=True, exist_ok=True)
        results = paint(
            Paint(
                job=f"trial{trial.number}-{number}",
                prompt=trial.prompt,
                count=batch,
                seed=trial.seed + number * batch,
                liked=_faded(liked),
                disliked=_faded(disliked),
                feedback=feedback,
                previews=False,
                out=folder,
                **dataclasses.asdict(setup),
            )
        )
        pictures = [_open(result) for result in results]
        painted.append([(picture, read(picture)) for picture in pictures])
        far = [_distance(picture, trial.favourite) for picture in pictures]
        ranked = sorted(range(batch), key=far.__getitem__)
        liked.append(_reference(results[ranked[0]]))
        disliked.append(_reference(results[ranked[-1]]))
    return painted


def unsteered(
    paint: Painter, trial: Trial, out: Path, *, setup: Setup, count: int, batch: int = 4
) -> list[list[tuple[Image.Image, Reading]]]:
    """`count` pictures of the trial's prompt without feedback, in rounds of `batch`."""
    return [
        paint_and_read(
            paint,
            out / f"plain{first}",
            setup,
            prompt=trial.prompt,
            seed=trial.seed + first,
            count=batch,
        )
        for first in range(0, count, batch)
    ]


def share(
    groups: Sequence[tuple[Trial, Sequence[tuple[Image.Image, Reading]]]], embed: Embedder
) -> Share:
    """Judge rounds, each with its trial; diversity is within a round, 1 − cosine of CLIP-I."""
    favourite, named, spread = [], [], []
    for trial, pictures in groups:
        for _, reading in pictures:
            favourite.append(reading.colour == trial.favourite)
            named.append(reading.shape == trial.scene.shape)
            named.append(reading.background == trial.scene.background)
        vectors = embed([picture for picture, _ in pictures])
        spread += [1 - float(a @ b) for a, b in itertools.combinations(vectors, 2)]
    return Share(
        favourite=fmean(favourite),
        named=fmean(named),
        diversity=fmean(spread),
        pictures=len(favourite),
    )


# --- Shared by both -----------------------------------------------------------------------


def paint_and_read(
    paint: Painter, folder: Path, setup: Setup, *, prompt: str, seed: int, count: int
) -> list[tuple[Image.Image, Reading]]:
    """Paint a prompt without feedback and read every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    request = Paint(
        job=folder.name,
        prompt=prompt,
        count=count,
        seed=seed,
        previews=False,
        out=folder,
        **dataclasses.asdict(setup),
    )
    return [(picture := _open(result), read(picture)) for result in paint(request)]


def _open(painted: Painted) -> Image.Image:
    if painted.path is None:
        raise ValueError(f"the picture of seed {painted.seed} was withheld")
    with Image.open(painted.path) as picture:
        return picture.convert("RGB")


def _reference(painted: Painted) -> Reference:
    if painted.path is None or painted.digest is None:
        raise ValueError(f"the picture of seed {painted.seed} was withheld")
    return Reference(path=painted.path, digest=painted.digest)


def _faded(references: Sequence[Reference]) -> tuple[Reference, ...]:
    """One reference a round, oldest first, each weighing what it still does."""
    newest = len(references) - 1
    return tuple(
        dataclasses.replace(reference, weight=faded(reference.weight, newest - place))
        for place, reference in enumerate(references)
    )


def _distance(picture: Image.Image, favourite: str) -> float:
    """CIELAB distance of the shape's colour from the favourite; infinite where none is seen."""
    seen = shape_colour(picture)
    if seen is None:
        return float("inf")
    wanted = lab(np.array(COLOURS[favourite], dtype=np.uint8))
    return float(np.linalg.norm(seen - wanted))
