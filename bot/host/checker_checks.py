"""Checks of the safety checker, and what the host is told of how far it can be trusted."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from bot.host.check import CheckResult, bad, good, notice
from bot.settings import Settings
from generation.catalog import entries, integrity
from generation.catalog.bases import EMBEDDED
from generation.catalog.checkers import (
    BUNDLED,
    BUNDLED_THRESHOLD,
    CLASSIFIER_THRESHOLD,
    CheckerFiles,
    CheckerKind,
    checker_in,
    checker_name,
    locate_checker,
)
from generation.catalog.files import locate
from generation.protocol.options import ModelCard

SUBJECT = "safety checker"
TRUST = (
    "It learned from photographs and was not made for drawings: it can miss adult content, most of "
    "all there (docs/content-filter.md)."
)
"""How far the bundled checker can be trusted."""
OPTING_IN = (
    f"Set KONOMI_SAFETY_CHECKER={BUNDLED} to have its pictures checked by the safety checker that "
    f"comes with Konomi. {TRUST}"
)


def look_at_checker(settings: Settings) -> Iterator[CheckResult]:
    """Check the files of the safety checker that the model gets; say it if there is none."""
    try:
        model = locate(settings.model)
    except entries.ModelUnavailable:
        model = None  # which is said of the model
    own = checker_in(model) if model is not None and model.is_dir() else None
    name = checker_name(settings.model, settings.safety_checker, has_own=own is not None)
    if name is not None:
        yield _look_at_named(name, settings, has_own=own is not None)
    elif own is not None:
        yield good(SUBJECT, "the model's own.")
    elif model is not None and entries.find(settings.model) is None:
        yield notice(
            SUBJECT, f"{settings.model} has none: it paints {_where(settings)}. {OPTING_IN}"
        )


def remark_on_checker(
    card: ModelCard, settings: Settings, *, unchecked: bool
) -> tuple[int, str] | None:
    """Return a sentence on the loaded model's safety checker for the log, with its level.

    unchecked: the model may paint adult content, and nothing looks at its pictures.
    """
    where = f"{card.name} has no safety checker: it paints {_where(settings)}."
    if card.checker_trouble is not None:
        instead = "Until then, the model's own checks its pictures."
        if not card.has_safety_checker:
            instead = where if unchecked else "Until then, nothing checks its pictures."
        return logging.WARNING, f"{card.checker_trouble} {instead}"
    if unchecked:
        return logging.WARNING, f"{where} {OPTING_IN}"
    if card.checked_by == BUNDLED:
        return (
            logging.INFO,
            f"the safety checker that comes with Konomi checks all pictures. {TRUST}",
        )
    return None


def _look_at_named(name: str, settings: Settings, *, has_own: bool) -> CheckResult:
    """Check the files of a checker that is not a model's own."""
    try:
        files = locate_checker(name)
    except entries.ModelUnavailable as error:
        instead = f"no picture is checked, and {settings.model} paints {_where(settings)}"
        if has_own:
            instead = "the model's own checks its pictures"
        elif (known := entries.find(settings.model)) is not None and known.name == EMBEDDED:
            instead = "no picture is checked"
        return bad(SUBJECT, f"{error} Until then, {instead}.")
    faults = [f for file in files.network.glob("*.safetensors") for f in integrity.faults(file)]
    if faults:
        return bad(SUBJECT, " ".join(faults))
    instead = ", in place of the model's own" if has_own else ""
    told = f"{name}{instead}{_threshold(files, settings)}."
    return good(SUBJECT, f"{told} {TRUST}" if name == BUNDLED else told)


def _threshold(files: CheckerFiles, settings: Settings) -> str:
    """Return from which score on a checker flags, if it gives any."""
    if files.kind is CheckerKind.STABLE_DIFFUSION:
        return ""
    own = BUNDLED_THRESHOLD if files.kind is CheckerKind.BUNDLED else CLASSIFIER_THRESHOLD
    wanted = settings.safety_threshold
    return f": a score of {own if wanted is None else wanted:g} or more counts as adult content"


def _where(settings: Settings) -> str:
    """Return where a model without a checker paints."""
    if settings.mildest_filter == "off":
        return "in age-restricted channels alone"
    return "nowhere, as KONOMI_MILDEST_FILTER is stricter than off"
