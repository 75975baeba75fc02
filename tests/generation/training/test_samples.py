"""Samples of a training as they are shown to members."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions
from generation.training.samples import WITHHELD, presentable


def test_what_the_safety_checker_flags_is_left_grey(strict_folder: Path, model: Model) -> None:
    pictures = [Image.new("RGB", (96, 64), colour) for colour in ("red", "white")]
    strict = load_model(WorkerOptions(model=str(strict_folder), device="cpu"))
    shown = presentable(strict, pictures)
    assert [each.size for each in shown] == [(96, 64), (96, 64)]
    assert {each.getpixel((5, 5)) for each in shown} == {(0x4E, 0x50, 0x58)}
    assert WITHHELD == "#4e5058"
    assert model.safety is None
    assert presentable(model, pictures) == pictures
