"""Benchmark of each device option: a round with it compared with the same round by default.

Every option is a second model beside the default one, so both have to fit into memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import torch

from benchmarks.easel import Easel, Setting, open_easel
from benchmarks.figures import Figure, compared
from benchmarks.timing import Work, alternate
from generation.catalog.entries import ModelUnavailable

NAME = "devices"
DEFAULT = "default"

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "float32": {"precision": "float32"},
    "float16": {"precision": "float16"},
    "bfloat16": {"precision": "bfloat16"},
    "no channels_last": {"channels_last": False},
    "fused QKV": {"fused": True},
    "compile": {"compiled": True},
    "VAE slicing": {"vae_slicing": "on"},
    "VAE tiling": {"vae_tiling": "on"},
    "offload": {"offload": "on"},
}
"""The change to the worker's options, by name."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """An option that is not measured here, and the reason."""

    option: str
    why: str

    def as_record(self) -> dict[str, object]:
        """Return it as a JSON record."""
        return {"benchmark": NAME, "skipped": self.option, "why": self.why}


def measure(easel: Easel, options: list[str]) -> Iterator[Figure | Skipped]:
    """Measure each option alone: seconds per round, and on a GPU the peak memory."""
    for option in options:
        setting = changed(easel.setting, option)
        if why := out_of_place(option, easel):
            yield Skipped(option=option, why=why)
            continue
        try:
            with open_easel(setting) as other:
                yield from _compare(easel, other, option)
        except ModelUnavailable as error:
            yield Skipped(option=option, why=str(error))


def changed(setting: Setting, option: str) -> Setting:
    """Return the setting with one option changed."""
    options = dataclasses.replace(setting.options, **OPTIONS[option])
    return dataclasses.replace(setting, options=options)


def out_of_place(option: str, easel: Easel) -> str | None:
    """Return the reason why an option cannot be measured on this device; None if it can."""
    device, dtype = easel.model.device, easel.model.dtype
    precision = OPTIONS[option].get("precision")
    if precision is not None and getattr(torch, precision) is dtype:
        return "it is the default here"
    if option == "offload" and device.type == "cpu":
        return "on a CPU all parts are in main memory already"
    if option == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported(False):
        return "this GPU has no bfloat16"
    return None


def _compare(easel: Easel, other: Easel, option: str) -> Iterator[Figure]:
    def by(painter: Easel) -> Work:
        return partial(_paint, painter)

    kinds = [{option: partial(by, other)}, {DEFAULT: partial(by, easel)}]
    runs = alternate(kinds, easel.setting.repeats, easel.watch)
    case = f"{easel.setting.pictures} pictures"
    shared: dict[str, Any] = {"benchmark": NAME, "case": case, "kind": option, "baseline": DEFAULT}
    yield compared(
        [run.seconds for run in runs[option]], [run.seconds for run in runs[DEFAULT]], **shared
    )
    if easel.model.device.type == "cuda":
        yield compared(
            [run.result for run in runs[option]],
            [run.result for run in runs[DEFAULT]],
            unit="MiB",
            remark="peak of a round, beyond the weights of both models at rest",
            **shared,
        )


def _paint(painter: Easel) -> float:
    """Generate a round; return the peak memory on a GPU in MiB, beyond that in use before."""
    device = painter.model.device
    on_gpu = device.type == "cuda"
    before = torch.cuda.memory_allocated(device) if on_gpu else 0
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)
    painter.paint([painter.request()])
    return (torch.cuda.max_memory_allocated(device) - before) / 2**20 if on_gpu else 0.0
