"""Estimates for a training: memory and disk before it starts, time while it runs.

Standard library only.  Memory grows linearly with the rows of a call and their latents, as in
`requests.memory`: what training keeps of a call for its backward pass is a multiple of what the
same call needs without.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections import deque
from collections.abc import Callable, Iterator

from generation.protocol.events import Stage, TrainProgress
from generation.protocol.options import DenoiserSize, MemoryProfile, ModelCard
from generation.protocol.problems import Code, Problem
from generation.protocol.training import (
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Method,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.memory import MemoryNeed, bytes_for
from generation.requests.recipes import completed
from generation.requests.refused import Refused
from generation.requests.sizes import MIN_SIDE
from generation.requests.validation import GIGABYTE

KEPT = 7.5
"""Memory of a training call as a multiple of one that only predicts.

Measured: 7.9 for the embedded model's UNet, 12.6 for that of Stable Diffusion 1.5.  The smaller
one, because what does not fit after all fails with the same advice, but what is refused is lost.
"""
KEPT_CHECKPOINTING = 2.5
"""The same with gradient checkpointing: 2.7 for the embedded model's."""
FLOAT = 4
"""Bytes of a weight that is trained; its gradient takes as many, and each of AdamW's averages."""
SPARE_DISK = 32 * 2**20
"""Bytes for samples, the report and whatever else is small."""
KEPT_MODELS = 3
"""Whole models on the disk at once: the best, the last, and the one that is being written."""
FORWARD = 0.4
"""Operations of a call of the UNet for each of its parameters and each place of the latents.

.69 for the embedded model's, .23 for that of Stable Diffusion 1.5.
"""
AS_MANY = 3
"""Times the operations of a call that a training's call takes, which goes back as well."""
CPU_SPEED, GPU_SPEED = 2e10, 1e13
"""Operations a second: two cores training the embedded model, and an ordinary GPU.

Estimates before a training rest on them; once it runs, its own steps are measured.
"""
SAMPLE_CALLS = 4 * 2 * 2 * 20
"""Rows of a sample grid: four prompts, with and without the trigger, guidance, and 20 steps."""
RECENT = 30
"""Steps that the time of the next one is estimated from."""


def trained_parameters(method: Method, size: DenoiserSize) -> int:
    """Return about how many parameters are trained."""
    match method:
        case Lora(rank=rank) | Taste(rank=rank) | DreamBooth(lora=Lora(rank=rank)):
            return rank * size.features
        case TextualInversion():
            return 0  # thousands, at most
        case DreamBooth() | Finetune() | EditTraining():
            return size.parameters


def is_whole(method: Method) -> bool:
    """Return True if the network itself is trained, of which there is a copy then."""
    return isinstance(method, Finetune | EditTraining) or (
        isinstance(method, DreamBooth) and method.lora is None
    )


def averages(method: Method) -> bool:
    """Return True if an average of the weights is kept beside them."""
    return isinstance(method, Finetune | EditTraining) and method.ema_decay > 0


def memory_needed(request: Train, card: ModelCard, size: DenoiserSize) -> int:
    """Return the peak memory in bytes, weights included, with native pictures painted beside."""
    trained = trained_parameters(request.method, size) * FLOAT
    kept = trained * (3 + averages(request.method))  # the weights, and AdamW's two averages
    memory, gradients = card.memory, trained
    if memory is None:
        return size.parameters * FLOAT + kept + gradients
    native = MemoryNeed(width=card.width, height=card.height, rows=2)
    step = gradients + _call_bytes(request.recipe, card, memory)
    return kept + max(memory.weights + step, bytes_for(memory, native))


def disk_needed(request: Train, size: DenoiserSize) -> int:
    """Return the bytes that a training writes: its results, and its state twice.

    Of whole models the best and the last are kept, and one more is being written; of a LoRA each
    checkpoint has two files, in two layouts.
    The state, from which it goes on, has the weights, AdamW's averages and that of the weights;
    for a moment there are an old and a new one.
    """
    steps = completed(request).recipe.steps or 0
    results = 2 * (-(-steps // request.checkpoints.every) + 1)  # one of them still being written
    if is_whole(request.method):
        results = min(results // 2, KEPT_MODELS)
    trained = trained_parameters(request.method, size) * FLOAT
    return trained * (2 * (3 + averages(request.method)) + results) + SPARE_DISK


def seconds_needed(request: Train, card: ModelCard, size: DenoiserSize) -> float:
    """Return about how many seconds a training takes if nothing else runs, give or take half."""
    recipe = completed(request).recipe
    steps = recipe.steps or 0
    side = recipe.side or min(card.width, card.height)
    call = FORWARD * size.parameters * (side / 8) ** 2
    trained = steps * recipe.batch * recipe.accumulation
    if isinstance(request.method, DreamBooth) and request.method.class_prompt:
        trained *= 2
    sampled = (steps // max(1, request.checkpoints.every) + 1) * SAMPLE_CALLS
    speed = CPU_SPEED if card.device.lower().startswith("cpu") else GPU_SPEED
    return call * (AS_MANY * trained + sampled) / speed


def check_resources(
    request: Train, card: ModelCard, size: DenoiserSize, *, memory: int, disk: int
) -> None:
    """Raise `Refused` if the training does not fit into so many bytes of memory, or of free disk.

    It says what would fit.
    """
    needed = memory_needed(request, card, size)
    if needed > memory:
        raise Refused(
            Code.TRAIN_MEMORY,
            needed=needed / GIGABYTE,
            limit=memory / GIGABYTE,
            instead=_what_fits(request, card, size, memory),
        )
    written = disk_needed(request, size)
    if written > disk:
        raise Refused(
            Code.TRAIN_DISK,
            needed=written / GIGABYTE,
            free=disk / GIGABYTE,
            folder=str(request.out),
        )


def less_memory(recipe: Recipe, card: ModelCard) -> Iterator[tuple[Problem, Recipe]]:
    """Yield what takes less memory than a recipe, in words, with the recipe that it makes.

    The first ones cost least: a smaller batch only time.
    """
    batch = recipe.batch
    while batch > 1:
        batch //= 2
        calls = recipe.accumulation * recipe.batch // batch
        better = dataclasses.replace(recipe, batch=batch, accumulation=calls)
        yield Problem(Code.TRAIN_SMALLER_BATCH, {"batch": batch, "accumulation": calls}), better
    smallest = dataclasses.replace(recipe, batch=1)
    if not recipe.gradient_checkpointing:
        smallest = dataclasses.replace(smallest, gradient_checkpointing=True)
        yield Problem(Code.TRAIN_CHECKPOINTING), smallest
    side = recipe.side or min(card.width, card.height)
    while (side := side * 3 // 4 // MIN_SIDE * MIN_SIDE) >= MIN_SIDE:
        better = dataclasses.replace(smallest, side=side)
        yield Problem(Code.TRAIN_SMALLER_SIDE, {"side": side}), better


def ran_out(request: Train, card: ModelCard) -> Refused:
    """Return the refusal of a training that ran out of memory, with what takes less."""
    instead, _ = next(less_memory(request.recipe, card), (_smaller(request.method), None))
    return Refused(Code.TRAIN_OUT_OF_MEMORY, instead=instead)


def _what_fits(request: Train, card: ModelCard, size: DenoiserSize, limit: int) -> Problem:
    for instead, recipe in less_memory(request.recipe, card):
        if memory_needed(dataclasses.replace(request, recipe=recipe), card, size) <= limit:
            return instead
    return _smaller(request.method)


def _smaller(method: Method) -> Problem:
    return Problem(Code.TRAIN_LORA_INSTEAD if is_whole(method) else Code.TRAIN_SMALLER_MODEL)


def _call_bytes(recipe: Recipe, card: ModelCard, memory: MemoryProfile) -> int:
    side = recipe.side or min(card.width, card.height)
    rows = recipe.batch * (side // memory.scale) ** 2
    kept = KEPT_CHECKPOINTING if recipe.gradient_checkpointing else KEPT
    return int(memory.row * rows * kept)


class StepTimes:
    """Measured seconds of a training's steps and of its checkpoints, for the time that is left.

    Pictures that are painted between two steps are in them, because they will be in the next ones.
    """

    def __init__(self, every: int, clock: Callable[[], float]) -> None:
        """`every` is the number of steps between two checkpoints."""
        self._every = every
        self._clock = clock
        self._steps: deque[float] = deque(maxlen=RECENT)
        self._checkpoints: deque[float] = deque(maxlen=RECENT)
        self._last: float | None = None
        """Time of the last step; None if the time since is no measure."""
        self._between = False
        """True if the training has done other things since."""

    def timed(self, progress: TrainProgress) -> TrainProgress:
        """Return the same progress with the time that is left, once a step has been measured."""
        if progress.stage is not Stage.TRAINING:
            self._between = True
            return progress
        now = self._clock()
        if self._last is not None:
            (self._checkpoints if self._between else self._steps).append(now - self._last)
        self._last, self._between = now, False
        if not self._steps:
            return progress
        steps = progress.steps - progress.step
        left = steps * statistics.fmean(self._steps)
        if self._checkpoints:
            left += statistics.fmean(self._checkpoints) * (steps // self._every)
        return dataclasses.replace(progress, seconds_left=left)

    def checkpoint(self) -> None:
        """Note that a checkpoint was written."""
        self._between = True

    def forget(self) -> None:
        """Leave out the time since the last step, because the training was paused."""
        self._last = None
