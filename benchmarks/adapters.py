"""Benchmark of adapters: one call of the UNet with them, against the same call without any.

Three pictures of two rows each: the LoRAs are of rank 16, on every attention.  peft's way is
measured on a copy of the UNet with the same weights.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from peft.utils import set_peft_model_state_dict
from torch import Tensor

from benchmarks.easel import Easel
from benchmarks.figures import Figure, compared
from benchmarks.timing import Work, alternate
from generation.models.adapters import peft_layout
from generation.models.adapters.acting import Strengths
from generation.models.adapters.adapted_layers import AdaptedLayers
from generation.models.adapters.weights import LayerUpdate
from generation.models.denoiser_size import ATTENTION

NAME = "adapters"
PLAIN = "no adapter"
RANK, PICTURES, ROWS = 16, 3, 2

ONE: Strengths = (("first", 0.5),)
OTHER: Strengths = (("second", 0.8),)
KINDS: Mapping[str, tuple[Strengths, ...]] = {
    "one adapter": (ONE,) * PICTURES,
    "both on all": (ONE + OTHER,) * PICTURES,
    "one each and none": (ONE, OTHER, ()),
}
"""The adapters of each picture."""


def measure(easel: Easel) -> Iterator[Figure]:
    """Measure each kind of call against the call without adapters."""
    unet = easel.model.unet
    updates = {name: _updates(unet, seed) for seed, name in enumerate(("first", "second"))}
    ours = AdaptedLayers(unet)
    for name, layers in updates.items():
        ours.add(name, layers)
    theirs = _by_peft(unet, updates)
    inputs = _inputs(easel)
    kinds: dict[str, Work] = {PLAIN: partial(_run, unet, nullcontext, inputs)}
    for kind, pictures in KINDS.items():
        rows = [each for each in pictures for _ in range(ROWS)]
        kinds[kind] = partial(_run, unet, partial(ours.acting, rows), inputs)
    apart = [slice(first, first + ROWS) for first in range(0, PICTURES * ROWS, ROWS)]
    kinds["one each and none, in calls of their own"] = partial(
        _run_apart, unet, ours, dict(zip(range(PICTURES), apart, strict=True)), inputs
    )
    kinds["peft: one adapter"] = partial(_run, theirs, partial(_switched, theirs, "first"), inputs)
    names = ["first"] * ROWS + ["second"] * ROWS + ["__base__"] * ROWS
    kinds["peft: adapter_names"] = partial(_run, theirs, partial(_named, theirs, names), inputs)
    runs = alternate(
        [{kind: partial(_ready, work)} for kind, work in kinds.items()],
        easel.setting.repeats,
        easel.watch,
    )
    for kind in kinds:
        if kind != PLAIN:
            yield compared(
                [run.seconds for run in runs[kind]],
                [run.seconds for run in runs[PLAIN]],
                benchmark=NAME,
                case=f"{PICTURES} pictures, one call",
                kind=kind,
                baseline=PLAIN,
            )


def _ready(work: Work) -> Work:
    return work


@torch.inference_mode()
def _run(
    unet: UNet2DConditionModel,
    acting: Callable[[], AbstractContextManager[None]],
    inputs: Sequence[Tensor],
) -> None:
    with acting():
        unet(*inputs, return_dict=False)


@torch.inference_mode()
def _run_apart(
    unet: UNet2DConditionModel,
    ours: AdaptedLayers,
    places: Mapping[int, slice],
    inputs: Sequence[Tensor],
) -> None:
    for place, rows in places.items():
        with ours.acting([KINDS["one each and none"][place]]):
            unet(*(each[rows] for each in inputs), return_dict=False)


def _inputs(easel: Easel) -> tuple[Tensor, Tensor, Tensor]:
    """Return sample, timesteps and text for all rows of a call."""
    model, rows = easel.model, PICTURES * ROWS
    with torch.inference_mode():
        condition = model.unconditional(easel.width, easel.height)
        like = model.empty_latents(easel.width, easel.height)
    if condition.added:
        raise ValueError("this benchmark calls UNets that are conditioned on text alone")
    sample = torch.randn((rows, *like.shape[1:])).to(model.device, model.dtype)
    sample = sample.contiguous(memory_format=model.memory_format)
    return sample, torch.full((rows,), 500.0).to(model.device), condition.states.repeat(rows, 1, 1)


def _updates(unet: UNet2DConditionModel, seed: int) -> dict[str, LayerUpdate]:
    chance = torch.Generator().manual_seed(seed)
    updates = {}
    for path, layer in unet.named_modules():
        if path.endswith(ATTENTION):
            outputs, inputs = layer.weight.shape
            updates[path] = LayerUpdate(
                down=torch.randn((RANK, inputs), generator=chance) * 0.02,
                up=torch.randn((outputs, RANK), generator=chance) * 0.02,
                alpha=float(RANK),
            )
    return updates


def _by_peft(
    unet: UNet2DConditionModel, adapters: Mapping[str, Mapping[str, LayerUpdate]]
) -> UNet2DConditionModel:
    """Return a copy of the UNet with these adapters in peft's layers."""
    copied = copy.deepcopy(unet)
    for name, layers in adapters.items():
        with warnings.catch_warnings():
            # Several adapters are what is wanted.
            warnings.filterwarnings("ignore", message="Already found a `peft_config`")
            copied.add_adapter(LoraConfig(**peft_layout.config_of(layers)), adapter_name=name)
        set_peft_model_state_dict(copied, peft_layout.tensors_of(layers), adapter_name=name)
    return copied.to(unet.dtype).requires_grad_(False)


@contextmanager
def _switched(unet: UNet2DConditionModel, name: str) -> Iterator[None]:
    """Switch one adapter on, as diffusers does."""
    unet.set_adapters([name], [0.5])
    yield


@contextmanager
def _named(unet: UNet2DConditionModel, names: Sequence[str]) -> Iterator[None]:
    """Give each row an adapter by its name, as peft's own models do."""

    def add(_: object, inputs: object, options: dict[str, object]) -> tuple[object, object]:
        return inputs, options | {"adapter_names": names}

    unet.set_adapters(["first", "second"], [0.5, 0.8])
    with ExitStack() as stack:
        for layer in unet.modules():
            if isinstance(layer, LoraLayer):
                stack.callback(layer.register_forward_pre_hook(add, with_kwargs=True).remove)
        yield
