"""What every method begins with: the folder's examples, encoded, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from generation.models.model import Model
from generation.protocol.events import Stage, TrainProgress
from generation.protocol.training import Train
from generation.training.data.dataset import Batch, Encoded, EncodedDataset, Texts, encode
from generation.training.data.folders import Example

MOST_VALIDATED = 16
"""Pictures that the fixed validation loss is measured on; more take time, and say little more."""


def prepare(
    model: Model, request: Train, examples: Sequence[Example]
) -> Generator[TrainProgress, None, EncodedDataset]:
    """Encode the pictures of all examples, and return them as a data set."""
    variants: list[Sequence[Encoded]] = []
    for each in encode(model, examples, request.recipe):
        variants.append(each)
        yield TrainProgress(
            job=request.job, stage=Stage.PREPARING, step=len(variants), steps=len(examples)
        )
    recipe = request.recipe
    return EncodedDataset(
        examples=examples, variants=variants, batch=recipe.batch, seed=recipe.seed
    )


def validated(dataset: EncodedDataset, texts: Texts) -> Callable[[], list[Batch]]:
    """Return a function that gives the rows of the fixed validation: each picture's own mean."""
    every = max(1, len(dataset.examples) // MOST_VALIDATED)
    indices = range(0, len(dataset.examples), every)

    def rows() -> list[Batch]:
        found = []
        for index in indices:
            encoded = dataset.variants[index][0]
            condition = texts.condition(dataset.examples[index].caption, encoded)
            found.append(Batch(clean=encoded.mean, conditions=[condition]))
        return found

    return rows
