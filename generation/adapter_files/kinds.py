"""Checks of an adapter file by its header alone, whatever model it is for.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from generation.adapter_files.names import CROSS_ATTENTION, OTHER_BASES, OTHER_KINDS, Role, split
from generation.catalog.bases import Base
from generation.catalog.headers import MAX_ADAPTER_BYTES, Header, read_header
from generation.protocol.problems import Code
from generation.requests.refused import Refused

MAX_BYTES = MAX_ADAPTER_BYTES
"""Largest file that is read."""

MAX_HEADER_BYTES = 2**24
"""Longest header that is read; kohya's scripts put the tags of all training pictures into it."""

MAX_TENSORS = 20_000
"""Most tensors in a file: three times those that all layers of SDXL need."""

PICKLES = (
    *(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
    *(b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh"),
)
"""First bytes of pickles, and of archives, into which PyTorch puts them."""
TAR = (257, b"ustar")
"""Where a tar archive says what it is."""

MAX_RANK = 512

DTYPES = {"F16", "BF16", "F32"}
ALPHA_DTYPES = DTYPES | {"F64", "I64", "I32"}

MAX_SHOWN = 60
"""Characters of a name from a file that a sentence shows."""

MAX_VECTORS = 75
"""Words that a prompt of one chunk has room for."""

PAIR = {"clip_l": "text_encoder", "clip_g": "text_encoder_2"}
"""Names of an SDXL embedding's tensors, and the text encoders that they are for."""
ALONE = "emb_params"
"""Name of the tensor in a file of A1111, which says no token."""


def checked_header(path: Path, name: str) -> Header:
    """Read a file's header, which says that the file is whole."""
    if not path.is_file():  # a pipe would be waited for
        raise Refused(Code.ADAPTER_MISSING, name=name)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Refused(Code.ADAPTER_TOO_LARGE, name=name, most=MAX_BYTES // 2**30)
    if (header := read_header(path, MAX_HEADER_BYTES)) is None:
        with path.open("rb") as stream:
            start = stream.read(512)
        pickled = start.startswith(PICKLES) or start.startswith(TAR[1], TAR[0])
        raise Refused(Code.ADAPTER_PICKLE if pickled else Code.ADAPTER_NOT_SAFETENSORS, name=name)
    if header.expected_bytes != size:
        raise Refused(Code.ADAPTER_CUT, name=name)
    if len(header.tensors) > MAX_TENSORS:
        raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
    return header


def check_kind(header: Header, name: str) -> None:
    """Raise `Refused` for adapters that are no low-rank updates."""
    for pattern, kind in OTHER_KINDS.items():
        if any(re.search(pattern, key) for key in header.tensors):
            raise Refused(Code.ADAPTER_KIND, name=name, kind=kind)
    if any(key.endswith((".lora_B.bias", ".lora_up.bias")) for key in header.tensors):
        raise Refused(Code.ADAPTER_WHOLE, name=name)


def base_of(header: Header) -> Base | str | None:
    """Return the base that a file says, or shows, it was made for; its title if Konomi lacks it."""
    return _base_said(header.metadata) or _base_shown(header)


def shown(text: str) -> str:
    """Return a name from a file as a sentence may show it."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= MAX_SHOWN else plain[: MAX_SHOWN - 1] + "…"


def is_embedding(header: Header) -> bool:
    """Return True if the tensors have the names of an embedding's."""
    if header.tensors and header.tensors.keys() <= PAIR.keys():
        return True
    # Any other name is that of a token.
    return len(header.tensors) == 1 and not any(map(split, header.tensors))


def base_of_widths(widths: Mapping[str, int]) -> Base | None:
    """Return the base that has text encoders of these widths."""
    if len(widths) > 1:
        return Base.SDXL
    return {768: Base.SD1, 1024: Base.SD2}.get(widths.get("text_encoder", 0))


def _base_said(metadata: Mapping[str, str]) -> Base | str | None:
    """Return the base that the metadata names, in its own words if Konomi does not run it."""
    for key in ("modelspec.architecture", "ss_base_model_version"):
        text = metadata.get(key, "").partition("/")[0].strip()
        if text:
            return Base.named(text) or shown(text)
    return None


def _base_shown(header: Header) -> Base | str | None:
    """Return the base that names and shapes of the tensors tell."""
    for pattern, title in OTHER_BASES.items():
        if any(re.search(pattern, key) for key in header.tensors):
            return title
    if any(re.match(r"lora_te2_|text_encoder_2\.|clip_g$", key) for key in header.tensors):
        return Base.SDXL
    cross = CROSS_ATTENTION.replace(".", "[._]")
    for key, tensor in header.tensors.items():
        named = split(key)
        if named and named[1] is Role.DOWN and re.search(cross, named[0]):
            return Base.of_width(tensor.shape[1]) if len(tensor.shape) == 2 else None
    return None
