"""Training folders: the files that a data set's rows stand for, the same bytes every time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.actions.training.choice import caption_of, kept, pairs_of
from bot.actions.training.plans import Plan
from storage.training_records import DatasetPicture

METADATA = "metadata.jsonl"


def write_folder(
    folder: Path,
    plan: Plan,
    pictures: Sequence[DatasetPicture],
    path_of: Callable[[str], Path],
) -> int:
    """Write the pictures of a data set into a folder for training, and return how many; blocks.

    pictures: all rows of the data set, or those that are left of it.  path_of: where the store has
    the file of a digest.  Whatever lay in the folder goes.  Files are numbered by place among what
    is kept, so that a data set which somebody took their pictures out of makes the very folder
    that it would have made without them.  Raises `OSError`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    rows = _pairs(plan, pictures) if plan.method == "edit" else _pictures(plan, pictures)
    lines = []
    for files, about in rows:
        for name, digest in files.items():
            shutil.copyfile(path_of(digest), folder / name)
        lines.append(json.dumps(about, ensure_ascii=False, sort_keys=True))
    (folder / METADATA).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines)


def _pictures(
    plan: Plan, pictures: Sequence[DatasetPicture]
) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Return the files and the line of each picture."""
    rows = []
    for number, picture in enumerate(kept(pictures), 1):
        name = f"{number:04}.png"
        about: dict[str, Any] = {"file_name": name, "text": caption_of(plan, picture)}
        if plan.method == "taste":
            about |= {
                "prompt": picture.caption,
                "rating": picture.rating,
                "seed": picture.facts.get("seed"),
                "round": picture.facts.get("round"),
            }
        rows.append(({name: picture.digest}, about))
    return rows


def _pairs(
    plan: Plan, pictures: Sequence[DatasetPicture]
) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Return the files and the line of each pair for edit training."""
    rows = []
    for number, (before, after) in enumerate(pairs_of(kept(pictures)), 1):
        names = f"{number:04}-before.png", f"{number:04}-after.png"
        about = {
            "input_image": names[0],
            "edited_image": names[1],
            "edit_prompt": caption_of(plan, after),
        }
        rows.append(({names[0]: before.digest, names[1]: after.digest}, about))
    return rows
