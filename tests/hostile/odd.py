"""Unusual files that somebody might upload, and pictures to make such files of."""

from __future__ import annotations

import dataclasses
import io
import warnings
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from generation.protocol.problems import Code


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    """A file that somebody might upload."""

    name: str
    make: Callable[[], bytes]
    picture: bool | None = None
    """True if it contains a picture; None: either answer will do."""
    fault: Code | None = None
    """Fault that must be reported; None: any."""


def scene(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Something in every mode, with transparency where there is any."""
    picture = Image.linear_gradient("L").resize(size)
    if mode in ("I;16", "I", "F"):
        return picture.convert("I").point(lambda value: value * 257).convert(mode)
    picture = Image.merge("RGB", (picture, picture.rotate(180), picture))
    ImageDraw.Draw(picture).ellipse((size[0] // 4, 0, size[0] // 2, size[1] // 2), fill="red")
    if mode in ("LA", "RGBA", "PA"):
        picture.putalpha(Image.linear_gradient("L").resize(size))
    return picture if mode == picture.mode else _as_mode(picture, mode)


def _as_mode(picture: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        changed = ImageCms.profileToProfile(picture, srgb, lab, outputMode="LAB")
        assert changed is not None
        return changed
    if mode == "PA":
        return picture.convert("RGB").convert("P").convert("PA")
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture.save(buffer, kind, **options)
    return buffer.getvalue()


def texts(*pairs: tuple[str, str | bytes]) -> PngInfo:
    info = PngInfo()
    for name, text in pairs:
        info.add_itxt(name, text.decode() if isinstance(text, bytes) else text)
    return info


def made(name: str, data: bytes, picture: bool | None = None) -> Odd:
    return Odd(name=name, make=lambda: data, picture=picture)
