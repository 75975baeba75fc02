"""From a request's method to the module that trains it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from generation.models.model import Model
from generation.protocol.events import TrainProgress
from generation.protocol.training import DreamBooth, Finetune, Lora, TextualInversion, Train
from generation.training.data.folders import Example
from generation.training.loop import TrainingTask
from generation.training.methods import dreambooth, finetune, lora, textual_inversion


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
        case _:
            raise TypeError(f"no method trains {request.method}")
