"""Repair a damaged picture without a model: inpaint scratches, average noise away.

Little is then left for a model, and early steps, which decide the content, can be skipped.
"""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage, stats

from generation.catalog.entries import RESTORED
from generation.images.canvas import cut
from generation.images.tensors import Pixels
from generation.protocol.problems import Code
from generation.protocol.requests import Restoration, Source
from generation.requests.refused import Refused

LEAST_NOISE = 0.01
"""Standard deviation below which estimated noise counts as the picture's own grain."""
FILLED_FROM = 3
"""Radius in pixels around a scratch that it is inpainted from."""
BLURRED = 4.0
"""Standard deviation in pixels, for noise of 1, of the blur before patches are compared."""
SMOOTHING = 1.0
"""Filter strength of non-local means, as a multiple of the noise left by the blur."""
EVEN = 0.08
"""Noise level at which the repair is as far from the truth as an autoencoder's reconstruction."""
LINE = 0.04
"""Greatest width of a scratch, as a share of the shorter side; wider lines belong to the
content."""
LONG, SLIM = 0.12, 4.0
"""Least length of a scratch, as a share of the shorter side and as a multiple of its width."""
STANDS_OUT = 0.12
"""Least contrast of a scratch with its surroundings, as a share of the range from black to
white."""

Mask = NDArray[np.bool_]


class NothingToRestore(Refused):
    """A picture cannot be restored; the message is a sentence that says what to do instead."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RepairedImage:
    """A picture repaired from itself.

    Its mask of scratches ("L"), white where it was scratched, or None; the standard deviation of
    the noise that was removed.
    """

    picture: Image.Image
    scratches: Image.Image | None
    noise: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestoredSource:
    """The repaired picture, and what is left for a model.

    anew: white where it should paint, None for all of it; share: weight of the model's output in
    the blend with the repaired picture.
    """

    picture: Image.Image
    anew: Image.Image | None
    share: float


def restore_source(
    picture: Image.Image,
    mask: Image.Image | None,
    source: Source,
    size: tuple[int, int],
    multiple: int,
) -> RestoredSource:
    """Repair a source picture, on a canvas of `size` unless it is to be enlarged.

    Where noise was removed or a picture is enlarged, none of its pixels can be kept.  Above the
    usual strength the model's output shows other things, which cannot be blended.  Raises
    `NothingToRestore`.
    """
    wanted = source.mend or Restoration()
    if mask is not None:
        check_mask(mask, picture)
    if source.times == 1:
        picture, mask = cut(picture, size, multiple), mask and cut(mask, size, multiple)
    repaired = repair(picture, mask, wanted)
    whole = repaired.noise > 0 or source.times > 1
    blended = repaired.noise > 0 and source.times == 1 and source.strength <= RESTORED
    return RestoredSource(
        picture=repaired.picture,
        anew=None if whole else repaired.scratches,
        share=trust(repaired.noise) if blended else 1.0,
    )


def trust(noise: float) -> float:
    """Return the weight of the model's output against the repaired picture, 0 to 1.

    Each of the two estimates is weighted by the inverse of its variance.  The repair's deviation
    grows with the noise, the model's is constant.
    """
    return noise**2 / (noise**2 + EVEN**2)


def repair(picture: Image.Image, mask: Image.Image | None, wanted: Restoration) -> RepairedImage:
    """Repair the picture as well as possible from itself.

    `mask`, of the same size, is white where it is scratched.  Raises `NothingToRestore`.
    """
    cv2.setNumThreads(torch.get_num_threads())
    pixels = np.asarray(picture)
    scratched = np.zeros(pixels.shape[:2], dtype=bool)
    if mask is not None:
        scratched |= _white(mask)
    if wanted.scratches:
        scratched |= find_scratches(pixels)
    noise = noise_of(pixels, scratched) if wanted.noise is None else wanted.noise
    noisy = noise > LEAST_NOISE if wanted.noise is None else noise > 0
    if not noisy and not scratched.any():
        raise NothingToRestore(Code.NOTHING_TO_RESTORE)
    pixels = filled(pixels, scratched)
    if noisy:
        pixels = unclipped(smoothed(pixels, noise), noise)
    return RepairedImage(
        picture=Image.fromarray(pixels),
        scratches=Image.fromarray(_bytes(scratched)) if scratched.any() else None,
        noise=noise if noisy else 0.0,
    )


def check_mask(mask: Image.Image, picture: Image.Image) -> None:
    """Raise `NothingToRestore` for a mask that cannot belong to this picture."""
    if mask.size != picture.size:
        raise NothingToRestore(
            Code.MASK_SIZE,
            mask="{} × {}".format(*mask.size),
            picture="{} × {}".format(*picture.size),
        )
    if _white(mask).all():
        raise NothingToRestore(Code.MASK_ALL_WHITE)


def filled(pixels: Pixels, scratched: Mask) -> Pixels:
    """Inpaint scratches from their surroundings (Telea 2004)."""
    if not scratched.any():
        return pixels
    return np.asarray(cv2.inpaint(pixels, _bytes(scratched), FILLED_FROM, cv2.INPAINT_TELEA))


def smoothed(pixels: Pixels, noise: float) -> Pixels:
    """Remove noise of this standard deviation (of 1) by averaging similar patches.

    Non-local means (Buades, Coll and Morel 2005), all three colours compared at once.  In strong
    noise two patches are alike as often by chance as by content, and everything averages to grey; a
    slight blur before, wider for more noise, costs less than that.
    """
    blur = BLURRED * noise
    kernel = cv2.getGaussianKernel(2 * math.ceil(3 * blur) + 1, blur)
    blurred = cv2.sepFilter2D(pixels, -1, kernel, kernel)
    left = noise * float((kernel**2).sum())
    return np.asarray(cv2.fastNlMeansDenoising(blurred, None, SMOOTHING * 255 * left, 7, 21))


def unclipped(pixels: Pixels, noise: float) -> Pixels:
    """Undo the bias of averaging noisy values that a file has clipped.

    Near black, negative noise is cut off and positive noise is not, so that means are too bright;
    near white they are too dark.  Inverts the mean of a clipped normal variable (Foi 2009, section
    2).
    """
    values = np.arange(256) / 255
    below, above = -values / noise, (1 - values) / noise
    inside = stats.norm.cdf(above) - stats.norm.cdf(below)
    bend = noise * (stats.norm.pdf(below) - stats.norm.pdf(above))
    means = values * inside + bend + stats.norm.sf(above)
    return np.interp(values, means, 255 * values).round().astype(np.uint8)[pixels]


def noise_of(pixels: Pixels, scratched: Mask | None = None) -> float:
    """Estimate the standard deviation of a picture's noise, of values from 0 to 1.

    A second difference along both sides (Immerkær 1996) leaves mostly noise; the edges that it
    leaves as well do not affect the median.  Colours near black or white have lost half of their
    noise, so the noisiest colour counts.
    """
    left = np.ones(pixels.shape[:2], dtype=bool)
    if scratched is not None:
        left = ~ndimage.binary_dilation(scratched, np.ones((3, 3)))
    left = left[1:-1, 1:-1]
    if not left.any():
        return 0.0
    difference = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    residue = cv2.filter2D(pixels.astype(np.float32) / 255, -1, difference)[1:-1, 1:-1]
    # The median magnitude of a normal variable; the kernel multiplies deviations by 6.
    return float(np.median(np.abs(residue[left]), axis=0).max() / 0.6745 / 6)


def find_scratches(pixels: Pixels) -> Mask:
    """Detect long, thin lines that are brighter or darker than both sides."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    side = min(grey.shape)
    width = max(3, round(LINE * side)) | 1
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    threshold = 255 * max(STANDS_OUT, 5 * noise_of(pixels))
    found = np.zeros(grey.shape, dtype=bool)
    for kind in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        standing_out = cv2.morphologyEx(grey, kind, element) > threshold
        found |= _long(standing_out, LONG * side)
    return np.asarray(ndimage.binary_dilation(found, np.ones((3, 3))) if found.any() else found)


def _long(marked: Mask, least: float) -> Mask:
    """Keep the connected parts that are at least this long, and slim."""
    labels, count = ndimage.label(marked, np.ones((3, 3)))
    kept = np.zeros(count + 1, dtype=bool)
    for label, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        length = float(np.hypot(rows.stop - rows.start, columns.stop - columns.start))
        area = int((labels[rows, columns] == label).sum())
        kept[label] = length >= least and length * length >= SLIM * area
    return np.asarray(kept[labels])


def _white(mask: Image.Image) -> Mask:
    return np.asarray(np.asarray(mask.convert("L")) > 127)


def _bytes(mask: Mask) -> NDArray[np.uint8]:
    return mask.astype(np.uint8) * 255
