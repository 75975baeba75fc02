"""Results of a benchmark: ratios of neighbouring runs, as JSON lines and as a Markdown table."""

from __future__ import annotations

import dataclasses
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import diffusers
import torch

from benchmarks.easel import Setting


class CannotMeasure(Exception):
    """A figure cannot be measured here; the message is a sentence that says what to do instead."""


UNITS = {"s": "{:.3f} s", "ms": "{:.1f} ms", "MiB": "{:.1f} MiB", "steps": "{:g} steps"}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The median and quartiles of some values."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Compute the median and quartiles; of a single value, all three are that value."""
        low, median, high = (
            statistics.quantiles(values, n=4, method="inclusive")
            if len(values) > 1
            else [values[0]] * 3
        )
        return cls(median=median, low=low, high=high)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measurement: `value` of a kind, and its ratio to that of a named baseline.

    value, against: medians in `unit`: s, ms, MiB or steps.  ratio: over `repeats` neighbours;
    None for a figure without a baseline.  rows: UNet rows of the kind and the baseline, if counted.
    """

    benchmark: str
    case: str
    kind: str
    baseline: str | None
    unit: str
    value: float
    against: float | None
    ratio: Spread | None
    repeats: int
    rows: tuple[int, int] | None = None
    remark: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return it as a JSON record."""
        return dataclasses.asdict(self)


def compared(
    values: Sequence[float],
    against: Sequence[float],
    *,
    benchmark: str,
    case: str,
    kind: str,
    baseline: str,
    unit: str = "s",
    rows: tuple[int, int] | None = None,
    remark: str = "",
) -> Figure:
    """Return a figure from neighbouring measurements of a kind and of its baseline."""
    return Figure(
        benchmark=benchmark,
        case=case,
        kind=kind,
        baseline=baseline,
        unit=unit,
        value=statistics.median(values),
        against=statistics.median(against),
        ratio=Spread.of([one / other for one, other in zip(values, against, strict=True)]),
        repeats=len(values),
        rows=rows,
        remark=remark,
    )


def as_table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table of figures."""
    lines = [
        "| case | what | against | ratio (quartiles) | of | what took | against took | UNet rows |",
        "|---|---|---|---|---|---|---|---|",
    ]
    remarks = []
    for figure in figures:
        cells = [figure.case, figure.kind, figure.baseline or "–", *_cells(figure)]
        lines.append(f"| {' | '.join(cells)} |")
        if figure.remark:
            remarks.append(f"{figure.case}, {figure.kind}: {figure.remark}")
    return "\n".join([*lines, *([""] if remarks else []), *dict.fromkeys(remarks)])


def _cells(figure: Figure) -> list[str]:
    unit, ratio = UNITS[figure.unit], figure.ratio
    return [
        f"{ratio.median:.3f} ({ratio.low:.3f} – {ratio.high:.3f})" if ratio else "–",
        str(figure.repeats),
        unit.format(figure.value),
        "–" if figure.against is None else unit.format(figure.against),
        " / ".join(map(str, figure.rows)) if figure.rows else "–",
    ]


def surroundings(setting: Setting, device: torch.device) -> dict[str, object]:
    """Return what figures depend on besides the code: versions, hardware and settings."""
    return {
        "steps": setting.steps,
        "pictures": setting.pictures,
        "size": setting.size,
        "clock": "CPU" if setting.cpu_time else "wall",
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else processor(),
        "cores": os.cpu_count(),
        "threads": setting.options.threads or torch.get_num_threads(),
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "python": platform.python_version(),
    }


def processor() -> str:
    """Return the CPU's name, or the closest that the system reports."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
