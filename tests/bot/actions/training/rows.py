"""Rows of data sets for tests that need no database."""

from __future__ import annotations

import hashlib
from typing import Any

from storage.training_records import DatasetPicture


def row(position: int, content: str | None = None, **fields: Any) -> DatasetPicture:
    """A picture of a data set, whose file's content is its position unless it is given."""
    written = str(position) if content is None else content
    values: dict[str, Any] = {
        "id": position + 1,
        "dataset_id": 1,
        "position": position,
        "digest": hashlib.sha256(written.encode()).hexdigest(),
        "member_id": 1,
        "image_id": None,
        "rating": None,
        "caption": "",
        "facts": {},
        "dropped": None,
    }
    return DatasetPicture(**values | fields)
