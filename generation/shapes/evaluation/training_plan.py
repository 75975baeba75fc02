"""The plan of the study of training methods: which lessons are taught, by which recipes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from generation.catalog.files import locate
from generation.protocol.training import DreamBooth, Lora, RateSchedule, Recipe, TextualInversion
from generation.shapes.evaluation.concepts import RESERVED, Concept, Lesson, held_out, lesson
from generation.shapes.evaluation.study import fingerprint
from generation.shapes.evaluation.teaching import TOKEN, UNTOUCHED, Probes, Pupil
from generation.training.samples import Sampling

INVERSION, LORA = "Textual Inversion", "LoRA"
WITHOUT_PRIOR, WITH_PRIOR = "DreamBooth, no prior loss", "DreamBooth, prior loss"
LORA_WITH_PRIOR = "DreamBooth as a LoRA, prior loss"

RANK = Lora(rank=16, mlp=True, conv=True)


def _recipe(steps: int, rate: float, batch: int = 4) -> Recipe:
    return Recipe(
        steps=steps, rate=rate, rate_schedule=RateSchedule.COSINE, batch=batch, snr_gamma=None
    )


PUPILS = (
    Pupil(name=UNTOUCHED),
    Pupil(
        name=INVERSION,
        method=TextualInversion(token=TOKEN, vectors=2),
        recipe=_recipe(400, 5e-3),
    ),
    Pupil(name=LORA, method=RANK, recipe=_recipe(500, 2e-3)),
    Pupil(name=WITHOUT_PRIOR, method=DreamBooth(lora=None), recipe=_recipe(400, 6e-4)),
    Pupil(name=WITH_PRIOR, method=DreamBooth(lora=None), recipe=_recipe(400, 6e-4), prior=True),
    Pupil(
        name=LORA_WITH_PRIOR, method=DreamBooth(lora=RANK), recipe=_recipe(500, 2e-3), prior=True
    ),
)
"""The methods with their recipes, chosen by a few trials on other drawings, contexts and seeds.

Without min-SNR: it gives the noisy steps of a velocity model next to no weight, and these are where
the shape is decided.
"""

REPORTED = "reported"
CONTEXTS = 4
CLASS_PICTURES = 24
CLASS_SEED = 700_000


Trial = tuple[int, Lesson, Pupil]
"""A seed, what is taught, and by which method."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeachingPlan:
    """Which lessons are taught, by which methods."""

    seeds: Sequence[int] = (0, 1, 2)
    pupils: Sequence[Pupil] = PUPILS
    concepts: Sequence[Concept] = RESERVED
    contexts: int = CONTEXTS
    class_pictures: int = CLASS_PICTURES
    probes: Probes = dataclasses.field(
        default_factory=lambda: Probes(
            sampling=Sampling(steps=12, guidance=2.0, scheduler="euler_a")
        )
    )
    stream: str = REPORTED
    """Name of the random stream of the lessons."""

    def trials(self) -> Iterator[Trial]:
        """Yield every trial; Textual Inversion also gets a combination, which it can express."""
        for seed in self.seeds:
            for concept in self.concepts:
                for pupil in self.pupils:
                    yield seed, self.lesson(concept, seed), pupil
            combination = held_out(Random(f"{self.stream}/combination/{seed}"))
            for pupil in self.pupils:
                if pupil.name in (UNTOUCHED, INVERSION):
                    yield seed, self.lesson(combination, seed), pupil

    def lesson(self, concept: Concept, seed: int) -> Lesson:
        """Return the lesson of a concept and a seed."""
        random = Random(f"{self.stream}/{concept.name}/{seed}")
        return lesson(concept, random, contexts=self.contexts)

    def about(self, model: str) -> dict[str, Any]:
        """Return what must be equal for records to belong to the same study."""
        return {
            "model": model,
            "weights": fingerprint(locate(model)),
            "stream": self.stream,
            "contexts": self.contexts,
            "seeds of each context": len(self.probes.seeds),
            "class pictures": self.class_pictures,
            "sampling": dataclasses.asdict(self.probes.sampling),
        }


def picture_file(out: Path, pupil: str, concept: str, seed: int, number: int) -> Path:
    """Return the file of one picture of a trial."""
    name = f"{concept}-{seed}-{pupil}-{number:02}.png"
    return out / "pictures" / name.replace(" ", "-").replace(",", "")
