"""From a request's method to the module that trains it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from generation.models.model import Model
from generation.protocol.events import TrainProgress
from generation.protocol.problems import Problem
from generation.protocol.training import (
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Taste,
    TextualInversion,
    Train,
)
from generation.training.data.folders import Example, read_folder
from generation.training.loop import TrainingTask
from generation.training.methods import dreambooth, edit, finetune, lora, taste, textual_inversion


def read(request: Train) -> tuple[list[Example], list[Problem]]:
    """Return the examples that the request's method trains on, and remarks on those left out.

    Raises `Refused` for a folder that cannot be trained on.
    """
    if isinstance(request.method, EditTraining):
        return edit.read_pairs(request.data), []
    return read_folder(request.data)


def begin(
    model: Model, request: Train, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare what the request's method trains."""
    match request.method:
        case Lora() as method:
            return (yield from lora.begin(model, request, method, examples))
        case TextualInversion() as method:
            return (yield from textual_inversion.begin(model, request, method, examples))
        case DreamBooth() as method:
            return (yield from dreambooth.begin(model, request, method, examples))
        case Finetune() as method:
            return (yield from finetune.begin(model, request, method, examples))
        case EditTraining() as method:
            return (yield from edit.begin(model, request, method, examples))
        case Taste() as method:
            return (yield from taste.begin(model, request, method, examples))
        case _:
            raise TypeError(f"no method trains {request.method}")
