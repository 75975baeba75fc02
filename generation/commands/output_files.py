"""Names for the files of a command, so that it never replaces what an earlier one wrote."""

from __future__ import annotations

import dataclasses
import itertools
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NUMBERED = re.compile(r"([0-9]{1,9})\.png")


class FolderUnusable(Exception):
    """Nothing can be written into the output folder; the message is for whoever named it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OutputFiles:
    """The folder that a request writes to, and where its files lie once it is over."""

    folder: Path
    moved: dict[Path, Path] = dataclasses.field(default_factory=dict)
    """From the path at which a file was written to where it lies now."""


@contextmanager
def kept_apart(out: Path, *, overwrite: bool = False) -> Iterator[OutputFiles]:
    """Yield a folder of its own inside `out`; afterwards its files are moved to free names there.

    Pictures are numbered on from the highest number that is there, and `sheet.png` becomes
    `sheet-1.png` if there is one.  With `overwrite`, files keep their names.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix=".konomi-", dir=out)
    except OSError as error:
        raise FolderUnusable(f"{out} cannot be written to: {error.strerror}.") from error
    with temporary as folder:
        outputs = OutputFiles(folder=Path(folder))
        try:
            yield outputs
        finally:
            written = sorted(outputs.folder.iterdir(), key=_order)
            for path in written:
                outputs.moved[path] = path.replace(
                    out / path.name if overwrite else _claim(out, path.name)
                )


def _order(path: Path) -> tuple[int, str]:
    numbered = NUMBERED.fullmatch(path.name)
    return (int(numbered[1]) if numbered else 10**9, path.name)


def _claim(out: Path, name: str) -> Path:
    """Create an empty file under the next free name, which nobody else can take then."""
    for free in _names(out, name):
        try:
            (out / free).touch(exist_ok=False)
        except FileExistsError:
            continue
        return out / free
    raise AssertionError("there is no end of names")


def _names(out: Path, name: str) -> Iterator[str]:
    if NUMBERED.fullmatch(name):
        taken = [
            int(found[1]) for each in out.iterdir() if (found := NUMBERED.fullmatch(each.name))
        ]
        return (f"{number}.png" for number in itertools.count(max(taken, default=-1) + 1))
    stem, _, ending = name.rpartition(".")
    return itertools.chain([name], (f"{stem}-{number}.{ending}" for number in itertools.count(1)))
