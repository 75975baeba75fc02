"""Model families that Konomi can run.

A new family is a module here that makes a `Family`, and an entry in the tuple below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from generation.catalog.entries import ModelUnavailable
from generation.models.families import stable_diffusion, stable_diffusion_xl
from generation.models.families.family import Family

FAMILIES = (stable_diffusion_xl.FAMILY, stable_diffusion.FAMILY)
"""All families; those that are recognised by fewer keys come last."""


def of_folder(name: str, index: Mapping[str, Any]) -> Family:
    """Return the family of a diffusers folder, by its model_index.json.

    Raises ModelUnavailable.
    """
    for family in FAMILIES:
        if index.get("_class_name") in family.pipelines:
            return family
    titles = " and ".join(family.title for family in reversed(FAMILIES))
    raise ModelUnavailable(
        f"{name} is a model for {index.get('_class_name')}; Konomi runs {titles}."
    )


def of_file(name: str, keys: Collection[str]) -> Family:
    """Return the family of a single file, by the names of its tensors.

    Raises ModelUnavailable.
    """
    for family in FAMILIES:
        if any(key.startswith(family.marks) for key in keys):
            return family
    raise ModelUnavailable(f"{name} is not a model that Konomi can run.")
