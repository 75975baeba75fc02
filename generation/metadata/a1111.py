"""Generation data as A1111's web UI writes it, in a text that many programs write and read."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence

from generation.catalog.entries import public_name
from generation.metadata.chunks import MOST_CHARACTERS
from generation.protocol.requests import MAX_PICTURES, Adapter, Axis, Paint
from generation.protocol.samplers import SAMPLERS
from generation.requests.comparisons import scheduler_named, written
from generation.requests.validation import MAX_GUIDANCE, MAX_SEED, most_steps


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ForeignRecord:
    """Another program's generation data, as far as it means the same here.

    None: not given, or not supported by us.
    """

    prompt: str
    negative_prompt: str = ""
    model: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    width: int | None = None
    height: int | None = None


AXES = {
    "steps": "Steps",
    "guidance": "CFG Scale",
    "scheduler": "Sampler",
    "prompt": "Prompt S/R",
    "seed": "Seed",
    "source_strength": "Denoising",
}
"""Names that A1111's X/Y/Z plot has for parameters; others are written by ours."""


def write_a1111(
    request: Paint, seed: int, width: int, height: int, *, axes: Sequence[Axis] = ()
) -> str:
    """Return the `parameters` text of the image with this seed and size.

    axes: those of the comparison whose first image it is, for the sheet of it.
    """
    tags = (_as_tag(adapter) for adapter in request.adapters if not adapter.embedding)
    lines = [" ".join((request.prompt, *tags))]
    if request.negative_prompt:
        lines.append(f"Negative prompt: {request.negative_prompt}")
    source = request.source
    lines.append(
        f"Steps: {request.steps}, Sampler: {SAMPLERS[request.scheduler].a1111}, "
        f"CFG scale: {request.guidance:g}, Seed: {seed}, "
        f"Size: {width}x{height}, Model: {public_name(request.model)}, "
        + (f"Denoising strength: {source.strength:g}, " if source else "")
        + "".join(_as_plot(axes))
        + "Version: Konomi"
    )
    return "\n".join(lines)


def _as_plot(axes: Sequence[Axis]) -> Iterator[str]:
    """Yield the axes of a comparison as A1111's X/Y/Z plot writes them."""
    if axes:
        yield "Script: X/Y/Z plot, "
    for name, axis in zip("XY", axes, strict=False):
        values = ", ".join(
            SAMPLERS[str(value)].a1111 if axis.parameter == "scheduler" else written(value)
            for value in axis.values
        )
        kind = AXES.get(axis.parameter, axis.parameter)
        yield f"{name} Type: {kind}, {name} Values: {json.dumps(values, ensure_ascii=False)}, "


def _as_tag(adapter: Adapter) -> str:
    """Return an adapter as A1111 writes it into prompts, by the name of a file."""
    name = re.sub(r"[<>:,\s]+", "_", adapter.name)
    if adapter.strength_of_text == adapter.strength:
        return f"<lora:{name}:{adapter.strength:g}>"
    return f"<lora:{name}:{adapter.strength_of_text:g}:{adapter.strength:g}>"


def read_a1111(text: str) -> ForeignRecord | None:
    """Parse the `parameters` text of A1111's web UI and compatible programs; None if it is none.

    The prompt, "Negative prompt: …", and a line "Steps: …, Sampler: …, CFG scale: …, Seed: …, Size:
    …"; whatever follows that line comes from extensions.
    """
    lines = text[:MOST_CHARACTERS].splitlines()
    last = max((n for n, line in enumerate(lines) if line.startswith("Steps: ")), default=None)
    if last is None:
        return None
    said = _pairs(lines[last])
    prompts = "\n".join(lines[:last])
    prompt, _, negative = f"\n{prompts}".partition("\nNegative prompt:")
    scheduler = _scheduler(said.get("sampler", ""), said.get("schedule type", ""))
    steps, guidance = _whole(said.get("steps")), _number(said.get("cfg scale"))
    seed = _whole(said.get("seed"))
    width, _, height = said.get("size", "").partition("x")
    return ForeignRecord(
        prompt=_prompt(prompt),
        negative_prompt=_prompt(negative),
        model=said.get("model") or None,
        seed=seed if seed is not None and seed <= MAX_SEED - MAX_PICTURES else None,
        steps=None if steps is None else min(max(1, steps), most_steps(scheduler or "")),
        guidance=None if guidance is None else min(max(1.0, guidance), MAX_GUIDANCE),
        scheduler=scheduler,
        width=_whole(width),
        height=_whole(height),
    )


def _pairs(line: str) -> dict[str, str]:
    """Parse "Name: value" pairs separated by commas; the first of duplicates counts."""
    pairs: dict[str, str] = {}
    for row in csv.reader([line[:MOST_CHARACTERS]], skipinitialspace=True):
        for field in row:
            name, _, value = field.partition(":")
            pairs.setdefault(name.strip().lower(), value.strip(' "'))
    return pairs


def _scheduler(sampler: str, schedule: str) -> str | None:
    """Return our closest sampler to A1111's, ignoring other schedule settings."""
    sampler, schedule = sampler[:60], schedule[:60]
    bare = re.sub(r"\s(Karras|Exponential|Trailing)$", "", sampler)
    named = (scheduler_named(name) for name in (f"{sampler} {schedule}", sampler, bare))
    return next((name for name in named if name is not None), None)


def _prompt(words: str) -> str:
    """Remove tags that load add-ons, and turn braces, our choices, into parentheses."""
    words = re.sub(r"<(?:lora|lyco|hypernet):[^<>]{0,200}>", "", words)
    return words.translate(str.maketrans("{}", "()")).strip()


def _whole(written: str | None) -> int | None:
    return int(written) if written and re.fullmatch(r"[0-9]{1,20}", written) else None


def _number(written: str | None) -> float | None:
    plain = r"[0-9]{1,10}(\.[0-9]{1,10})?"
    return float(written) if written and re.fullmatch(plain, written) else None
