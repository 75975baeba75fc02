"""Records in pictures: those that we write, and those in other people's files."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation.metadata.chunks import HEAD
from generation.metadata.record import (
    Record,
    parameter_texts,
    read_file,
    read_ours,
    record_of,
)
from generation.protocol.requests import Box, Feedback, Influence, Paint, Reference, Source
from generation.requests.refused import Refused
from tests.generation.painted import jpeg

A, B = "a" * 64, "b" * 64

WHOLE = Paint(
    job="one",
    model="/home/someone/secret/model.safetensors",
    prompt="<a>, ピンク",
    negative_prompt="grey",
    count=1,
    seed=2**62,
    guidance=7,
    liked=(Reference(path=Path("liked"), digest=A, weight=0.1),),
    disliked=(Reference(path=Path("disliked"), digest=B),),
    feedback=Feedback(influence=Influence.EACH, dislike_scale=1 / 3, explore=0.0),
    source=Source(
        path=Path("source"),
        digest=B,
        strength=0.95,
        anew=(Box(left=0, top=0.1, right=0.5, bottom=1),),
        within=Box(left=0, top=0, right=2 / 3, bottom=1),
        times=2,
    ),
    tiled=True,
    out=Path(),
)


def ours(**change: Any) -> str:
    texts = parameter_texts(WHOLE, WHOLE.seed, 96, 64)
    return json.dumps(json.loads(texts["konomi"]) | change)


def png(**texts: str) -> bytes:
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_itxt(name, text, zip=True)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=chunks)
    return buffer.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_what_is_written_is_read_back_whole(file: Path) -> None:
    texts = parameter_texts(WHOLE, WHOLE.seed, 96, 64, flagged=True)
    file.write_bytes(png(**texts))

    assert read_file(file) == record_of(WHOLE, WHOLE.seed, 96, 64, flagged=True)


def test_nothing_is_written_of_where_files_lie() -> None:
    texts = parameter_texts(WHOLE, WHOLE.seed, 96, 64)

    assert "secret" not in "".join(texts.values())
    assert json.loads(texts["konomi"])["model"] == "model"


def test_what_is_as_usual_is_left_out() -> None:
    plain = dataclasses.replace(WHOLE, liked=(), disliked=(), source=None, tiled=False)
    written = json.loads(parameter_texts(plain, 1, 96, 64)["konomi"])

    assert not written.keys() & {"feedback", "source", "tiled", "flagged"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ("[]", "JSON"),
        ("[" * 60_000, "JSON"),
        (" " * 70_000, "length"),
        (ours(steps="20"), "steps"),
        (ours(steps=20.5), "steps"),
        (ours(seed=-1), "seed"),
        (ours(seed=10**30), "seed"),
        (ours(width=10**9), "width"),
        (ours(guidance=float("nan")), "guidance"),
        (ours(prompt=None), "prompt"),
        (ours(source={"digest": "../../etc/passwd", "strength": 1}), "source"),
        (ours(source={"digest": A.upper(), "strength": 1}), "source"),
        (ours(prompt="\ud800"), "JSON"),
        (ours(feedback={"liked": [[A, 1.0]] * 65}), "feedback"),
        (ours(version=2), "A newer version may"),
        (ours(controls=[{"name": "<@1>"}]), "A newer version may"),
        (ours(adapters=[{"name": "<@1>"}]), "adapters"),
        (ours(adapters=[{"name": "x", "digest": A, "kind": "<@1>"}]), "A newer version may"),
        (ours(adapters=[{"name": "x", "digest": A}] * 9), "adapters"),
    ],
)
def test_what_no_konomi_would_write_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        read_ours(text)
    assert "<@1>" not in str(refused.value)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEADER = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
BOMB = chunk(b"zTXt", b"konomi\0\0" + zlib.compress(b" " * 2**26))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"not a picture",
        HEADER,
        HEADER + BOMB + chunk(b"IDAT", b""),
        HEADER + chunk(b"tEXt", b"x\0y") * 100_000,
        HEADER + chunk(b"iTXt", b"konomi\0\1\0\0\0garbage") + chunk(b"IDAT", b""),
        HEADER[:-4] + b"\0\0\0\0",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 9, 8, 2, 0, 0, 0)),
        png(),
        png(parameters="a cat, painted by hand"),
        jpeg(b""),
        jpeg(b"UNICODE\0\xd8"),
        jpeg(b"x" * 100)[:60],
    ],
)
def test_files_that_say_nothing_of_it_are_told_apart_from_faults(file: Path, data: bytes) -> None:
    file.write_bytes(data)

    with pytest.raises(Refused, match="does not contain the picture's settings"):
        read_file(file)


def test_no_more_than_the_head_of_a_file_is_read(file: Path) -> None:
    late = HEADER + chunk(b"tEXt", b"x\0" + b"y" * HEAD) + chunk(b"tEXt", b"konomi\0" + b"{}")
    file.write_bytes(late + chunk(b"IDAT", b""))

    with pytest.raises(Refused, match="does not contain"):
        read_file(file)


def test_a_record_in_latin_letters_is_one_in_any(file: Path) -> None:
    text = ours(prompt="a star").encode("latin-1")
    file.write_bytes(HEADER + chunk(b"tEXt", b"konomi\0" + text) + chunk(b"IDAT", b""))

    found = read_file(file)
    assert isinstance(found, Record)
    assert found.prompt == "a star"
