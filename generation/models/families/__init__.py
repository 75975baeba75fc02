"""Model families that Konomi can run.

A new family is a module here that makes a `Family`, and an entry in the tuple below.  Its folders
and files are recognised in `catalog.folder_kinds` and `catalog.file_kinds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generation.catalog.file_kinds import FileKind
from generation.models.families import stable_diffusion, stable_diffusion_xl
from generation.models.families.family import Family

FAMILIES = (stable_diffusion.FAMILY, stable_diffusion_xl.FAMILY)


def of_folder(index: Mapping[str, Any]) -> Family:
    """Return the family of a diffusers folder that Konomi runs, by its model_index.json."""
    return next(family for family in FAMILIES if index["_class_name"] in family.pipelines)


def of_file(kind: FileKind) -> Family:
    """Return the family of a single file of a kind that Konomi runs."""
    return next(family for family in FAMILIES if kind in family.kinds)
