"""The kinds of models that Konomi paints with.

A further kind is a file here that makes a `Family`, and its name in the list below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from generation.catalog.entries import ModelUnavailable
from generation.models.families import stable_diffusion, stable_diffusion_xl
from generation.models.families.family import Family

FAMILIES = (stable_diffusion_xl.FAMILY, stable_diffusion.FAMILY)
"""Those that are told by fewer keys come last."""


def of_folder(name: str, index: Mapping[str, Any]) -> Family:
    """The family of a diffusers folder by its model_index.json; a sentence if it has none."""
    for family in FAMILIES:
        if index.get("_class_name") in family.pipelines:
            return family
    titles = " and ".join(family.title for family in reversed(FAMILIES))
    raise ModelUnavailable(
        f"{name} is made for {index.get('_class_name')}; Konomi paints with {titles}."
    )


def of_file(name: str, keys: Collection[str]) -> Family:
    """The family of a single file by its tensors' names; a sentence if it has none."""
    for family in FAMILIES:
        if any(key.startswith(family.marks) for key in keys):
            return family
    raise ModelUnavailable(f"{name} holds no model that Konomi knows.")
