"""Image classifiers from the hub as safety checkers, such as Falconsai's and Marqo's."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from generation.catalog.checkers import (
    CLASSIFIER_THRESHOLD,
    CheckerFiles,
    CheckerKind,
    adult_label,
)
from generation.catalog.entries import ModelUnavailable
from generation.catalog.folder_kinds import read_settings
from generation.models.safety_checkers.safety_checker import ScoringChecker
from generation.models.safety_checkers.timm_vit import TimmPreparation, load_timm_vit


@dataclasses.dataclass(kw_only=True)
class ClassifierChecker(ScoringChecker):
    """An image classifier of transformers with one class for adult content."""

    classifier: Any
    prepare: Callable[[Image.Image], Tensor]
    """Converts an image to the network's input (1, 3, H, W)."""
    adult: int
    """Place of the class of adult content."""

    @property
    def network(self) -> nn.Module:
        """The classifier."""
        network: nn.Module = self.classifier
        return network

    @torch.inference_mode()
    def score(self, picture: Image.Image) -> float:
        """Return the probability of the class of adult content."""
        pixels = self.prepare(picture).to(self.classifier.device, self.classifier.dtype)
        logits = self.classifier(pixel_values=pixels).logits
        return float(logits.float().softmax(dim=-1)[0, self.adult])


def load_classifier(
    files: CheckerFiles, name: str, dtype: torch.dtype, *, threshold: float | None = None
) -> ClassifierChecker:
    """Load an image classifier; raises `ModelUnavailable` if it cannot serve as a checker."""
    config = read_settings(files.network / "config.json")
    adult = adult_label(config, name)
    prepare: Callable[[Image.Image], Tensor]
    if files.kind is CheckerKind.TIMM:
        classifier, loaded = load_timm_vit(files.network, config, name)
        prepare = TimmPreparation.of(config, name)
    else:
        classifier, loaded = _from_transformers(files)
        prepare = _preparation(files)
    # Weights that are missing would be initialised at random, and flag nothing or everything.
    if wrong := len(loaded["missing_keys"]) + len(loaded["mismatched_keys"]):
        raise ModelUnavailable(
            f"The safety checker {name} cannot be loaded: {wrong} of its weights are missing or of "
            "another size. Download it again."
        )
    return ClassifierChecker(
        name=name,
        threshold=CLASSIFIER_THRESHOLD if threshold is None else threshold,
        classifier=classifier.to(dtype).eval(),
        prepare=prepare,
        adult=adult,
    )


def _from_transformers(files: CheckerFiles) -> tuple[Any, dict[str, Any]]:
    # Imported here because it takes seconds, and most models have another checker.
    from transformers import AutoModelForImageClassification

    found: tuple[Any, dict[str, Any]] = AutoModelForImageClassification.from_pretrained(
        files.network,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    return found


def _preparation(files: CheckerFiles) -> Callable[[Image.Image], Tensor]:
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(
        files.preparation, local_files_only=True, trust_remote_code=False
    )

    def prepare(picture: Image.Image) -> Tensor:
        pixels: Tensor = processor(picture.convert("RGB"), return_tensors="pt").pixel_values
        return pixels

    return prepare
