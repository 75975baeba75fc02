"""Requests to train as plain JSON without paths, so that a later attempt asks for the very same."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.actions.training.plans import Plan, complete
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    Lora,
    Method,
    Objective,
    Optimizer,
    RateSchedule,
    Recipe,
    Taste,
    Train,
)
from generation.requests.recipes import NAMES, name_of

KINDS: dict[str, type[Any]] = {name: kind for kind, name in NAMES.items()}
"""Methods by the names that requests have them under."""
NOWHERE = Path()


def new_request(plan: Plan, model: str) -> dict[str, Any]:
    """Return the request of a plan for a model, as plain JSON."""
    bare = Train(job="", model=model, method=Lora(), data=NOWHERE, out=NOWHERE)
    return written(complete(plan, bare))


def written(request: Train) -> dict[str, Any]:
    """Return a request as plain JSON: all but its job and its folders."""
    return {
        "model": request.model,
        "method": {"kind": name_of(request.method), **_fields(request.method)},
        "recipe": _fields(request.recipe),
        "checkpoints": _fields(request.checkpoints),
        "name": request.name,
        "trigger": request.trigger,
    }


def read(stored: Mapping[str, Any], *, job: str, data: Path, out: Path) -> Train:
    """Return a stored request for a job, with its folders.

    Fields that an earlier version did not have yet take their defaults; raises `ValueError`,
    `KeyError` or `TypeError` for anything that none wrote.
    """
    checkpoints = dict(stored["checkpoints"])
    checkpoints["prompts"] = tuple(checkpoints.get("prompts", ()))
    return Train(
        job=job,
        model=stored["model"],
        method=_method(stored["method"]),
        data=data,
        out=out,
        recipe=_recipe(stored["recipe"]),
        checkpoints=Checkpoints(**checkpoints),
        name=stored["name"],
        trigger=stored["trigger"],
    )


def _method(stored: Mapping[str, Any]) -> Method:
    fields = {name: value for name, value in stored.items() if name != "kind"}
    kind = KINDS[stored["kind"]]
    if kind is DreamBooth and fields.get("lora") is not None:
        fields["lora"] = Lora(**fields["lora"])
    if kind is Taste:
        fields["objective"] = Objective(fields["objective"])
    method: Method = kind(**fields)
    return method


def _recipe(stored: Mapping[str, Any]) -> Recipe:
    fields = dict(stored)
    fields["optimizer"] = Optimizer(fields.get("optimizer", Optimizer.ADAMW.value))
    fields["rate_schedule"] = RateSchedule(fields.get("rate_schedule", RateSchedule.CONSTANT.value))
    return Recipe(**fields)


def _fields(part: Any) -> dict[str, Any]:
    """Return a dataclass' fields as plain JSON; a path is none of them."""
    return {
        field.name: _plain(getattr(part, field.name))
        for field in dataclasses.fields(part)
        if not isinstance(getattr(part, field.name), Path)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    return list(value) if isinstance(value, tuple) else value
