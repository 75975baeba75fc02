"""Painted results: run an engine to its end, and read the records in its pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from generation.engine.engine import Engine
from generation.protocol.events import Event
from generation.sampling.previews import COARSE


def ended(engine: Engine) -> dict[str, Event]:
    """Advance until nothing is left; the last event of each job."""
    while engine.busy:
        engine.advance()
    return {event.job: event for event in engine.take_events()}


def read_record(path: Path) -> dict[str, Any] | None:
    """The JSON that a picture of ours carries; None if it carries none."""
    with Image.open(path, formats=("PNG",)) as picture:
        text = picture.info.get("konomi")
    return None if text is None else json.loads(text)


def jpeg(comment: bytes) -> bytes:
    """A JPEG with this user comment."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def detail(file: Path) -> float:
    """Return the mean distance of a picture's values from its own at a small size."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    blurred = picture.resize((2 * COARSE, 2 * COARSE))
    difference = ImageChops.difference(picture, blurred.resize(picture.size))
    return sum(ImageStat.Stat(difference).mean) / 3
