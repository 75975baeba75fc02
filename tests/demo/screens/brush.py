"""Pictures that look like painted ones, at the sizes of small and of large models."""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation.images.sheets import Heading, Thumbnail, sheet_of, steering_strip
from generation.protocol.requests import Paint
from generation.requests.comparisons import written
from generation.shapes.world import draw, random_scene
from tests.bot.painter import CARD, Brush, paints

SIDES = (96, 1024)
GRAIN = 4
"""Of each channel, up or down: as in a painted picture, which makes the file as large as one."""


class DrawnScenes(Brush):
    """Shapes like those of the embedded model, each side of so many pixels."""

    def __init__(self, side: int) -> None:
        self.card = dataclasses.replace(CARD, width=side, height=side)

    def picture(
        self,
        colour: tuple[int, int, int],
        texts: Mapping[str, str] | None = None,
        *,
        noise: int = 0,
    ) -> bytes:
        """Draw the scene that belongs to a colour."""
        side = noise or self.card.width
        random = Random(repr(colour))
        drawn = draw(random_scene(random)).resize((side, side), Image.Resampling.BICUBIC)
        grain = np.random.default_rng(random.randrange(2**32))
        pixels = np.asarray(drawn).astype(np.int16)
        pixels += grain.integers(-GRAIN, GRAIN + 1, pixels.shape, dtype=np.int16)
        return _file(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), texts)

    def strip(self, request: Paint) -> bytes:
        """Draw the strip as the painter does."""
        half = {True: request.liked, False: request.disliked}
        shown = [
            Thumbnail(Image.open(each.path), each.weight, liked, each.name)
            for liked, references in half.items()
            for each in reversed(references)
        ]
        return _file(steering_strip(shown))

    def sheet(self, request: Paint, pictures: Sequence[Path]) -> bytes:
        """Draw the sheet as the painter does."""
        headings = [
            Heading(
                name=axis.label or axis.parameter, values=[written(value) for value in axis.values]
            )
            for axis in request.axes
        ]
        return _file(sheet_of([Image.open(each) for each in pictures], *headings))


def _file(picture: Image.Image, texts: Mapping[str, str] | None = None) -> bytes:
    said = PngInfo()
    for name, text in (texts or {}).items():
        said.add_itxt(name, text)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=said, compress_level=1)
    return buffer.getvalue()


def painter(side: int) -> Callable[..., None]:
    """Return the child that paints such pictures."""
    return functools.partial(paints, brush=DrawnScenes(side))
