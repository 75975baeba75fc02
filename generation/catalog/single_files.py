"""Tell what a single file is, and refuse it in a sentence unless it is a model that Konomi runs.

Only its first bytes and its header are read.  Standard library only.
"""

from __future__ import annotations

from pathlib import Path

from generation.catalog.entries import ModelUnavailable
from generation.catalog.file_formats import PICKLED, UNFINISHED, fault_of, names_in_pickle
from generation.catalog.file_kinds import UNKNOWN, FileKind, kind_of
from generation.catalog.headers import Header, read_header

SUFFIX = ".safetensors"
SAFE = "use a .safetensors file of the same model"


def identify(file: Path) -> tuple[Header, FileKind]:
    """Return the header of a single file that Konomi runs, and what it is.

    Raises ModelUnavailable for all others, with a sentence that names what it is instead.
    """
    if file.name.lower().endswith(UNFINISHED):
        raise ModelUnavailable(f"{file.name} is an unfinished download: let it end, or begin anew.")
    header = read_header(file)
    if header is None:
        raise ModelUnavailable(f"{file.name} {_fault(file)}.")
    kind = kind_of(header.shapes)
    if kind.advice is not None:
        raise ModelUnavailable(f"{file.name} is {kind.title}: {kind.advice}.")
    if file.suffix != SUFFIX:
        # The libraries that load it go by its name, and would unpickle it.
        raise ModelUnavailable(
            f"{file.name} is in the {SUFFIX} format under another name: "
            f"rename it to {file.stem}{SUFFIX}."
        )
    return header, kind


def refuse_pickle(file: Path) -> None:
    """Raise ModelUnavailable for a file that is not there, if its name is that of a pickle."""
    if file.suffix.lower() in PICKLED:
        raise ModelUnavailable(
            f"{file.name} may hold code that would run when it is opened: {SAFE}."
        )


def _fault(file: Path) -> str:
    """Return what a file is that has no header, after its name."""
    names = names_in_pickle(file)
    kind = kind_of(dict.fromkeys(names, ())) if names else UNKNOWN
    if kind.advice is None:
        return f"is {kind.title} as a pickle, which can run code when it is opened: {SAFE}"
    if kind is not UNKNOWN:
        return f"is {kind.title}: {kind.advice}"
    if names or file.suffix.lower() in PICKLED:
        return f"may hold code that would run when it is opened: {SAFE}"
    return fault_of(file)
