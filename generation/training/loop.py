"""The training loop: a generator that yields after each optimizer step, whatever is trained.

A method says what it trains as a `TrainingTask`.  All that is random in a step comes from a
generator that depends on the seed and the step alone, so a run that goes on from a checkpoint is
the run that was never interrupted.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel
from torch import Tensor
from torch.nn import Parameter
from torch.optim.swa_utils import get_ema_multi_avg_fn

from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.problems import Code
from generation.protocol.training import Optimizer, Recipe
from generation.requests.refused import Refused
from generation.training.checkpoints import load_state, save_state

LARGEST_GRADIENT = 1.0
"""Norm to which gradients are clipped."""
SMOOTHING = 0.95
DIVERGED = 4.0
"""Multiple of the first fixed loss at which the smoothed loss has diverged."""
SETTLED = 20
"""Steps before the smoothed loss is taken for one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What a method trains, and how.

    loss: of a micro-batch, by its number from the start of the run and its random generator;
    validation: losses on fixed pictures, timesteps and noise, one call of the denoiser at a time;
    after_step: is called after each optimizer step;
    save: writes the weights as they are as a result into a folder, and returns its path.
    """

    model: Model
    """Paints with the weights as they are."""
    parameters: Mapping[str, Parameter]
    """Everything that is trained, by names that stay."""
    rates: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Learning rates of those whose name begins so, as shares of the recipe's."""
    loss: Callable[[int, torch.Generator], Tensor]
    validation: Callable[[], Iterator[float]]
    save: Callable[[Path], Path]
    prompts: Sequence[str]
    """Of the sample grid, if the request names none."""
    sources: Sequence[Tensor] = ()
    """Pictures that the samples edit, one a prompt, as `Model.image_latents`; none to paint."""
    after_step: Callable[[], None] = lambda: None
    ema_decay: float = 0.0
    networks: Sequence[torch.nn.Module] = ()
    """Those that gradients flow through, for gradient checkpointing."""


class TrainState:
    """A run under way: the optimizer, the average of the weights, the steps done.

    `loss` is the smoothed one of the steps so far; None before the first.
    """

    def __init__(self, task: TrainingTask, recipe: Recipe) -> None:
        self.task = task
        self.step = 0
        self.loss: float | None = None
        self.first_validation: float | None = None
        self.parameters = list(task.parameters.values())
        self.optimizer = make_optimizer(task, recipe)
        self.rates = get_scheduler(
            recipe.rate_schedule.value
            if recipe.rate_schedule.value != "constant"
            else "constant_with_warmup",
            self.optimizer,
            num_warmup_steps=recipe.warmup,
            num_training_steps=recipe.steps,
        )
        self.average: EMAModel | None = None
        if task.ema_decay:
            self.average = Average(self.parameters, decay=task.ema_decay, use_ema_warmup=True)

    def save(self, file: Path, about: Mapping[str, Any]) -> None:
        """Write everything that is needed to go on from here, atomically."""
        save_state(
            file,
            {
                "about": dict(about),
                "step": self.step,
                "loss": self.loss,
                "first_validation": self.first_validation,
                "weights": {name: each.detach() for name, each in self.task.parameters.items()},
                "optimizer": self.optimizer.state_dict(),
                "rates": self.rates.state_dict(),
                "average": self.average and self.average.state_dict(),
            },
        )

    def load(self, file: Path, about: Mapping[str, Any]) -> bool:
        """Go on from a checkpoint if there is one; raises `Refused` if it is another training's."""
        saved = load_state(file)
        if saved is None:
            return False
        if saved["about"] != about:
            raise Refused(Code.TRAIN_OTHER_RUN, folder=file.parent.name)
        self.step, self.loss = saved["step"], saved["loss"]
        self.first_validation = saved["first_validation"]
        with torch.no_grad():
            for name, weights in saved["weights"].items():
                self.task.parameters[name].copy_(weights)
        self.optimizer.load_state_dict(saved["optimizer"])
        self.rates.load_state_dict(saved["rates"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.task.after_step()
        return True

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averaged weights in place of the last ones within the context."""
        if self.average is None:
            yield
            return
        self.average.store(self.parameters)
        try:
            self.average.copy_to(self.parameters)
            yield
        finally:
            self.average.restore(self.parameters)


class Average(EMAModel):
    """Exponential average of the weights, taken for all of them at once and without copies."""

    @torch.no_grad()
    def step(self, parameters: Iterable[Parameter]) -> None:
        """Move the average towards the parameters."""
        self.optimization_step += 1
        self.cur_decay_value = self.get_decay(self.optimization_step)
        moved = get_ema_multi_avg_fn(self.cur_decay_value)
        moved(self.shadow_params, list(parameters), self.optimization_step)


def fit(state: TrainState, recipe: Recipe, steps: int) -> Iterator[float]:
    """Take optimizer steps up to `steps`, and yield the loss of each after it is taken.

    Raises `Refused` if the loss is no longer a number, or has diverged.
    """
    task, device = state.task, state.task.model.device
    if recipe.gradient_checkpointing:
        for network in task.networks:
            recompute(network)
    while state.step < steps:
        total = 0.0
        for part in range(recipe.accumulation):
            number = state.step * recipe.accumulation + part
            with precision(task.model):
                loss = task.loss(number, chance_of(recipe.seed, number)) / recipe.accumulation
            loss.backward()
            total += float(loss.detach())
        norm = torch.nn.utils.clip_grad_norm_(state.parameters, LARGEST_GRADIENT)
        _check_finite(state, total, float(norm))
        state.optimizer.step()
        state.rates.step()
        state.optimizer.zero_grad(set_to_none=True)
        if state.average is not None:
            state.average.step(state.parameters)
        task.after_step()
        state.step += 1
        state.loss = (
            total if state.loss is None else SMOOTHING * state.loss + (1 - SMOOTHING) * total
        )
        _check_diverged(state)
        yield total
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def recompute(network: Any) -> None:
    """Have a network compute its activations again for the gradients, instead of keeping them."""
    enable = getattr(network, "enable_gradient_checkpointing", None)
    (enable or network.gradient_checkpointing_enable)()


@contextmanager
def precision(model: Model) -> Iterator[None]:
    """Compute in the model's precision on a GPU, with the trained weights in float32."""
    device = model.device.type
    half = device == "cuda" and model.dtype is not torch.float32
    with torch.autocast(device, model.dtype if half else torch.bfloat16, enabled=half):
        yield


def make_optimizer(task: TrainingTask, recipe: Recipe) -> torch.optim.Optimizer:
    """Return the recipe's optimizer; raises `Refused` if it is not to be had here."""
    groups: dict[float, list[Parameter]] = {}
    for name, parameter in task.parameters.items():
        shares = (share for prefix, share in task.rates.items() if name.startswith(prefix))
        groups.setdefault(next(shares, 1.0), []).append(parameter)
    rate = recipe.rate or 0.0
    parameters = [{"params": each, "lr": rate * share} for share, each in groups.items()]
    settings: dict[str, Any] = {"betas": (0.9, 0.999), "weight_decay": 1e-2}
    try:
        match recipe.optimizer:
            case Optimizer.ADAMW:
                return torch.optim.AdamW(parameters, fused=True, **settings)
            case Optimizer.ADAMW_8BIT:
                if task.model.device.type != "cuda":
                    raise Refused(Code.TRAIN_NEEDS_GPU, optimizer=recipe.optimizer.value)
                from bitsandbytes.optim import AdamW8bit

                return AdamW8bit(parameters, **settings)
            case Optimizer.PRODIGY:
                from prodigyopt import Prodigy

                return Prodigy(
                    parameters, decouple=True, use_bias_correction=True, safeguard_warmup=True
                )
    except ImportError as error:
        raise Refused(Code.TRAIN_NO_OPTIMIZER, optimizer=recipe.optimizer.value) from error


def _check_finite(state: TrainState, loss: float, norm: float) -> None:
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise Refused(Code.TRAIN_NOT_FINITE, step=state.step + 1)


def _check_diverged(state: TrainState) -> None:
    first, loss = state.first_validation, state.loss
    if first and loss and state.step > SETTLED and loss > DIVERGED * first:
        raise Refused(Code.TRAIN_DIVERGED, step=state.step)
