"""MultiDiffusion: denoise large images in overlapping tiles of the model's native size.

Bar-Tal et al., arXiv 2302.08113, section 3: where tiles overlap, the mean of their predictions is
used.  Ours gives each prediction less weight towards its tile's edge, so that no seam shows.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

OVERLAP = 0.25
"""Least overlap of neighbouring tiles, as a share of a tile's side."""


class TiledPrediction:
    """The tiles of one image's latents, and their predictions in one step."""

    def __init__(self, like: Tensor, tile: tuple[int, int]) -> None:
        """`like` has the shape (1, c, h, w), device and dtype of the latents.

        tile: height and width in latents, at most those of the image.
        """
        rows, columns = (
            starts(side, part) for side, part in zip(like.shape[-2:], tile, strict=True)
        )
        self._tile = tile
        self._places = [(row, column) for row in rows for column in columns]
        self._weight = _feathered(tile).to(like.device, torch.float32)
        self._whole = torch.zeros(like.shape, device=like.device, dtype=torch.float32)
        self._weights = torch.zeros_like(self._whole)
        self._dtype = like.dtype
        self._done = 0

    @property
    def left(self) -> int:
        """Number of tiles not yet predicted in this step."""
        return len(self._places) - self._done

    def next(self, latents: Tensor, count: int) -> Tensor:
        """Return the next tiles of latents (1, c, h, w): (count, c, tile's h, tile's w)."""
        places = self._places[self._done : self._done + count]
        return torch.cat([latents[self._at(place)] for place in places])

    def take(self, predictions: Tensor) -> None:
        """Add the predictions for the next tiles."""
        for prediction in predictions.split(1):
            at = self._at(self._places[self._done])
            self._whole[at] += self._weight * prediction
            self._weights[at] += self._weight
            self._done += 1

    def blended(self) -> Tensor:
        """Return the blended prediction (1, c, h, w), and start over for the next step."""
        whole = (self._whole / self._weights).to(self._dtype)
        self._whole.zero_()
        self._weights.zero_()
        self._done = 0
        return whole

    def _at(self, place: tuple[int, int]) -> tuple[slice, ...]:
        (top, left), (height, width) = place, self._tile
        return (slice(None), slice(None), slice(top, top + height), slice(left, left + width))


def starts(side: int, tile: int) -> list[int]:
    """Return the starts of tiles along one side: the fewest that overlap enough, evenly spaced."""
    if tile >= side:
        return [0]
    steps = math.ceil((side - tile) / (tile * (1 - OVERLAP)))
    return [round(step * (side - tile) / steps) for step in range(steps + 1)]


def _feathered(tile: tuple[int, int]) -> Tensor:
    """Return blending weights (1, 1, h, w): 1 in the middle of a tile, less towards its edges."""
    ramps = []
    for side in tile:
        middle = torch.arange(side) + 0.5
        edge = torch.minimum(middle, side - middle) / (side * OVERLAP)
        ramps.append(edge.clamp(max=1))
    return torch.outer(*ramps)[None, None]
