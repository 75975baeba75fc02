"""Read a training folder: pictures with captions in .txt files beside them or in metadata.jsonl."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from generation.images.faults import MAX_BYTES
from generation.images.sanitize import clean_picture
from generation.images.tensors import digest_of
from generation.protocol.problems import Code, Problem
from generation.requests.refused import Refused

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
"""Names of files that are taken for pictures end in one of these."""

CAPTION_KEYS = ("text", "caption", "prompt")
"""Names of the caption in metadata.jsonl: of Hugging Face's image folders, and two in use."""

METADATA = "metadata.jsonl"

MOST_EXAMPLES = 20_000
MOST_CAPTION_BYTES = 64 * 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class Example:
    """One picture of a training folder with its caption; empty if it has none.

    `digest` is the SHA-256 of the file's bytes in hex; `about` is what metadata.jsonl says of it.
    """

    path: Path
    digest: str
    caption: str
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the file, for people."""
        return self.path.name

    def open(self) -> Image.Image:
        """Open the picture: upright, opaque sRGB; raises `Refused` if it cannot be read."""
        return open_picture(self.path)


def read_folder(folder: Path) -> tuple[list[Example], list[Problem]]:
    """Return the examples of a folder by name, and remarks on what was left out of it.

    Every picture is opened once, so that a bad one is found before anything is trained.  Raises
    `Refused` if there is none, or if one cannot be used.
    """
    if not folder.is_dir():
        raise Refused(Code.TRAIN_NO_FOLDER, folder=str(folder))
    described = _metadata(folder)
    found = sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
    if described:
        # Who lists the pictures wants these, as with Hugging Face's image folders.
        found = [file for file in found if file.name in described]
    if not found:
        raise Refused(Code.TRAIN_NO_PICTURES, folder=folder.name)
    if len(found) > MOST_EXAMPLES:
        raise Refused(Code.TRAIN_TOO_MANY, given=len(found), most=MOST_EXAMPLES)
    examples = [_example(file, described) for file in found]
    return _once(examples)


def read_named(folder: Path, name: object) -> Path:
    """Return the file that metadata.jsonl names; raises `Refused` if it leads out of the folder."""
    if not isinstance(name, str) or not name or Path(name).name != name or "\\" in name:
        raise Refused(Code.TRAIN_NAME, name=str(name)[:80])
    file = folder / name
    if not file.is_file():
        raise Refused(Code.TRAIN_MISSING, name=name)
    return file


def open_picture(path: Path) -> Image.Image:
    """Open a picture; raises `Refused` with its name if it cannot be read."""
    return _opened(path)[0]


def _opened(path: Path) -> tuple[Image.Image, str]:
    """Return a picture, and the digest of its file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused(Code.TRAIN_PICTURE_TOO_LARGE, name=path.name, most=MAX_BYTES // 2**20)
        data = path.read_bytes()
        return clean_picture(data), digest_of(data)
    except OSError as error:
        raise Refused(Code.TRAIN_PICTURE, name=path.name) from error
    except Refused as error:
        if error.problem.code is Code.TRAIN_PICTURE_TOO_LARGE:
            raise
        raise Refused(Code.TRAIN_PICTURE, name=path.name) from error


def rows_of(file: Path) -> Iterable[dict[str, Any]]:
    """Yield the objects of a .jsonl file; raises `Refused` with the line that is none."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(Code.TRAIN_METADATA, name=file.name, line=1) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Refused(Code.TRAIN_METADATA, name=file.name, line=number) from error
        if not isinstance(row, dict):
            raise Refused(Code.TRAIN_METADATA, name=file.name, line=number)
        yield row


def _metadata(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what metadata.jsonl says, by file name; nothing if there is none."""
    file = folder / METADATA
    if not file.is_file():
        return {}
    return {read_named(folder, row.get("file_name")).name: row for row in rows_of(file)}


def _example(file: Path, described: Mapping[str, dict[str, Any]]) -> Example:
    _, digest = _opened(file)
    about = described.get(file.name, {})
    said = next((about[key] for key in CAPTION_KEYS if isinstance(about.get(key), str)), None)
    caption = _beside(file) if said is None else said
    return Example(path=file, digest=digest, caption=" ".join(caption.split()), about=about)


def _beside(file: Path) -> str:
    """Return the text of the .txt file beside a picture."""
    text = file.with_suffix(".txt")
    if not text.is_file():
        return ""
    try:
        if text.stat().st_size > MOST_CAPTION_BYTES:
            raise Refused(Code.TRAIN_CAPTION, name=text.name)
        return text.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(Code.TRAIN_CAPTION, name=text.name) from error


def _once(examples: list[Example]) -> tuple[list[Example], list[Problem]]:
    """Return examples without copies of the same file under the same caption, and remarks."""
    kept: dict[tuple[str, str], Example] = {}
    remarks = []
    for example in examples:
        key = example.digest, example.caption
        if key in kept:
            values = {"name": example.name, "other": kept[key].name}
            remarks.append(Problem(Code.TRAIN_DUPLICATE, dict(values)))
        else:
            kept[key] = example
    return list(kept.values()), remarks
