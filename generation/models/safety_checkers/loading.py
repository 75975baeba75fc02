"""Load the safety checker that a model gets: the host's, its own, or the bundled one."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from generation.catalog.checkers import (
    CheckerFiles,
    CheckerKind,
    checker_in,
    checker_name,
    locate_checker,
)
from generation.catalog.entries import ModelUnavailable, public_name
from generation.models.safety_checkers.classifier import load_classifier
from generation.models.safety_checkers.open_nsfw import load_open_nsfw
from generation.models.safety_checkers.safety_checker import SafetyChecker
from generation.models.safety_checkers.stable_diffusion import load_stable_diffusion_checker
from generation.protocol.options import WorkerOptions

log = logging.getLogger(__name__)


def load_checker(
    options: WorkerOptions, model: Path, dtype: torch.dtype
) -> tuple[SafetyChecker | None, str | None]:
    """Return the checker for the model at a path, if there is one for it, and what went wrong.

    If the one that the host named or the bundled one cannot be loaded, the model's own checks
    instead, or none: then the model's card says that it has none.  A model's own checker is a part
    of it, whose errors are the model's.
    """
    own = checker_in(model) if model.is_dir() else None
    name = checker_name(options.model, options.safety_checker, has_own=own is not None)
    trouble = None
    if name is not None:
        try:
            return load_named_checker(name, options, dtype), None
        except ModelUnavailable as error:
            if error.__cause__ is not None:
                log.warning("the safety checker could not be loaded", exc_info=error.__cause__)
            trouble = str(error)
    if own is None:
        return None, trouble
    return load_stable_diffusion_checker(own, public_name(options.model), dtype), trouble


def load_named_checker(name: str, options: WorkerOptions, dtype: torch.dtype) -> SafetyChecker:
    """Load a checker by name; raises `ModelUnavailable`, whatever is wrong with it."""
    files = locate_checker(name, options.models_dir)
    try:
        return _load(files, name, options, dtype)
    except ModelUnavailable:
        raise
    except Exception as error:  # libraries raise what they will for files that are not whole
        raise ModelUnavailable(
            f"The safety checker {name} cannot be loaded: its files are not whole. Download it "
            "again, or choose another."
        ) from error


def _load(
    files: CheckerFiles, name: str, options: WorkerOptions, dtype: torch.dtype
) -> SafetyChecker:
    threshold = options.safety_threshold
    if files.kind is CheckerKind.BUNDLED:
        return load_open_nsfw(files.network, threshold=threshold, threads=options.threads)
    if files.kind is CheckerKind.STABLE_DIFFUSION:
        return load_stable_diffusion_checker(files, public_name(name), dtype)
    return load_classifier(files, public_name(name), dtype, threshold=threshold)
