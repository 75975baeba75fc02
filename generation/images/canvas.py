"""Canvas and mask of inpainting and outpainting: the source's place, and what is painted anew."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from generation.images.tensors import fitted
from generation.protocol.requests import Box, Source

SOFTNESS = 1 / 16
"""Blur radius of the area outside the source, as a share of the canvas's shorter side."""

Corners = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def lay_out(
    picture: Image.Image,
    mask: Image.Image | None,
    source: Source,
    size: tuple[int, int],
    multiple: int,
) -> tuple[Image.Image, Image.Image | None]:
    """Return the canvas and its mask ("L"), white where it is painted anew; None for all of it.

    `mask` is the opened mask of `source`.  The source lies on whole latents of `multiple` pixels
    per side, so that no latent is half kept.
    """
    if mask is None and not source.anew and source.within is None:
        return fitted(picture, size), None
    corners = (0, 0, *size)
    if source.within is not None:
        corners = _pixels(source.within, size, multiple)
    inner = (corners[2] - corners[0], corners[3] - corners[1])
    changed = Image.new("L", inner, 0) if mask is None else mask_pixels(mask, inner)
    draw = ImageDraw.Draw(changed)
    for box in source.anew:
        left, top, right, bottom = _pixels(box, inner, 1)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=255)
    anew = Image.new("L", size, 255)
    anew.paste(changed, corners)
    return _continued(fitted(picture, inner), corners, size), anew


def mask_pixels(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize the mask to the size of the image and threshold it to black and white ("L")."""
    return fitted(mask, size).convert("L").point(lambda value: 255 if value > 127 else 0)


def cut(picture: Image.Image, size: tuple[int, int], multiple: int) -> Image.Image:
    """Crop the image to this size if the excess is less than a latent; otherwise fit it."""
    across, down = picture.width - size[0], picture.height - size[1]
    if 0 <= across < multiple and 0 <= down < multiple:
        left, top = across // 2, down // 2
        return picture.crop((left, top, left + size[0], top + size[1]))
    return fitted(picture, size)


def _pixels(box: Box, size: tuple[int, int], multiple: int) -> Corners:
    """Convert a box to pixels of an image of this size, on multiples and never empty."""
    across = _span(box.left, box.right, size[0], multiple)
    down = _span(box.top, box.bottom, size[1], multiple)
    return across[0], down[0], across[1], down[1]


def _span(start: float, end: float, side: int, multiple: int) -> tuple[int, int]:
    first = min(round(start * side / multiple) * multiple, side - multiple)
    return first, max(round(end * side / multiple) * multiple, first + multiple)


def _continued(placed: Image.Image, corners: Corners, size: tuple[int, int]) -> Image.Image:
    """Return a canvas on which the edge pixels of the placed source extend outwards, blurred.

    The initial latents come from this canvas.  Grey or black around the source would form a frame,
    which the autoencoder smears into the source's own outermost latents and which then stays in the
    image; extended edges form no frame.  The blur removes the streaks that they would make and
    leaves their colours to start from.
    """
    left, top, right, bottom = corners
    width, height = size
    if placed.size == size:
        return placed
    around = ((top, height - bottom), (left, width - right), (0, 0))
    streaks = Image.fromarray(np.pad(np.asarray(placed), around, mode="edge"))
    canvas = streaks.filter(ImageFilter.GaussianBlur(min(size) * SOFTNESS))
    canvas.paste(placed, corners)
    return canvas
