"""Tell from its first bytes what a file is that is not in the .safetensors format.

Nothing is unpickled: the names in a pickle are read from its instructions, which are not carried
out.  Standard library only.
"""

from __future__ import annotations

import codecs
import io
import pickletools
import re
import zipfile
from pathlib import Path

from generation.catalog.headers import LENGTH_BYTES, MAX_HEADER_BYTES

PICKLED = {".ckpt", ".pt", ".pth", ".bin", ".pkl"}
"""Suffixes of files that may hold pickles."""
UNFINISHED = (".part", ".crdownload", ".aria2", ".incomplete", ".download", ".tmp")
"""Suffixes that browsers and download programs give to files until they are whole."""

SAMPLE_BYTES = 1024
MAX_PICKLE_BYTES = 2**25
"""Bytes of a pickle that are searched for names."""
STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}

AGAIN = "download the model again"
ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"BZh")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def fault_of(file: Path) -> str:
    """Return what a file is that has no header of the .safetensors format, and what helps.

    The words follow the name of the file, as in “is empty: download it again”.  Raises OSError if
    it cannot be read.
    """
    with file.open("rb") as stream:
        start = stream.read(SAMPLE_BYTES)
    if not start:
        return f"is empty: {AGAIN}"
    if start.startswith(b"version https://git-lfs"):
        return "is a pointer of Git LFS and not the file itself: run git lfs pull in its folder"
    if start.startswith(b"GGUF"):
        return "is a GGUF file, whose weights are quantized: use a .safetensors file of the model"
    if zipfile.is_zipfile(file):
        return "is a zip archive: unpack it, and name the model that is in it"
    if start.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        return "is a pickle, which can run code when it is opened: use a .safetensors file"
    if start.startswith(ARCHIVES) or start[257:262] == b"ustar":
        return "is an archive: unpack it, and name what is in it"
    if start.startswith(PICTURES):
        return "is a picture and not a model: name a model's file"
    if _is_cut_short(start, file):
        return f"ends before its list of weights does: {AGAIN}"
    return _fault_of_text(start) or f"is not a .safetensors file: {AGAIN}"


def names_in_pickle(file: Path) -> list[str]:
    """Return the strings in a checkpoint of PyTorch, such as the names of its tensors.

    Empty if it is no zip archive, as old ones are not, or broken.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            inner = next(name for name in archive.namelist() if name.endswith("data.pkl"))
            with archive.open(inner) as stream:
                data = stream.read(MAX_PICKLE_BYTES)
    except (OSError, zipfile.BadZipFile, StopIteration, NotImplementedError, RuntimeError):
        return []
    names: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(io.BytesIO(data)):
            if opcode.name in STRINGS and isinstance(argument, str):
                names.append(argument)
    except (ValueError, EOFError, UnicodeDecodeError):
        pass  # what was read so far may be enough
    return names


def _is_cut_short(start: bytes, file: Path) -> bool:
    """Return True for a .safetensors file that ends within its header."""
    length = int.from_bytes(start[:LENGTH_BYTES], "little")
    opened = start[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"
    return opened and file.stat().st_size - LENGTH_BYTES < length <= MAX_HEADER_BYTES


def _fault_of_text(start: bytes) -> str | None:
    try:
        # The last character of the sample may be incomplete.
        text = codecs.getincrementaldecoder("utf-8")().decode(start).strip().lower()
    except UnicodeDecodeError:
        return None
    if re.match(r"(<!doctype html|<html|<head)", text):
        return f"is a web page and not a model; perhaps the site asks for a login: {AGAIN}"
    if text.startswith("<?xml"):
        return f"is a server's error message and not a model: {AGAIN}"
    if text.startswith("{"):
        return f"is JSON and not a model's weights: {AGAIN}"
    if text.isprintable() or "\n" in text:
        return f"is text and not a model's weights: {AGAIN}"
    return None
