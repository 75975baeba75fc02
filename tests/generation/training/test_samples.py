"""Samples of a training as they are shown to members."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from generation.models.model import Model
from generation.training.samples import WITHHELD, presentable
from tests.tiny import load_tiny


def test_what_the_safety_checker_flags_is_left_grey(strict_folder: Path, model: Model) -> None:
    pictures = [Image.new("RGB", (96, 64), colour) for colour in ("red", "white")]
    strict = load_tiny(strict_folder)
    shown = presentable(strict, pictures)
    assert [each.size for each in shown] == [(96, 64), (96, 64)]
    assert {each.getpixel((5, 5)) for each in shown} == {(0x4E, 0x50, 0x58)}
    assert WITHHELD == "#4e5058"
    assert model.safety is None
    assert presentable(model, pictures) == pictures
