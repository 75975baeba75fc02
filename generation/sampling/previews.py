"""Previews from latents, without the decoder if that would cost as much as a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from generation.images.tensors import to_pixels
from generation.models.model import Model

DECODED_AREA = 128 * 128
"""Pixels up to which the decoder is cheap enough for a preview."""

SWATCHES, SWATCH_SIDE = 8, 64

COARSE = 8
"""Number of colours along the longer side of a coarse preview, which shows only light and dark."""


class Previews:
    """Converts latents to previews, by the decoder or a linear approximation of it."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._linear: Tensor | None = None

    def of(self, latents: Tensor, *, coarse: bool = False) -> Callable[[], Sequence[Image.Image]]:
        """Start previews of latents (B, c, h, w); the returned function finishes them anywhere.

        Coarse ones show nothing recognisable: a safety checker cannot judge an unfinished image,
        and what it withholds in the end must not have been seen before.
        """
        factor = self._model.latent_format.vae_scale_factor
        if coarse:
            pixels = to_pixels(_blurred(self._guess(latents)))
        elif latents.shape[-2] * latents.shape[-1] * factor**2 <= DECODED_AREA:
            pixels = to_pixels(self._model.decode(latents))
        else:
            pixels = to_pixels(self._guess(latents))
        return lambda: [Image.fromarray(picture) for picture in pixels.cpu().numpy()]

    def _guess(self, latents: Tensor) -> Tensor:
        """Return (B, 3, h, w) in 0 … 1 by the linear map: one pixel per latent."""
        if self._linear is None:
            self._linear = fit_colours(self._model)
        ones = torch.ones_like(latents[:, :1])
        colours = torch.cat([latents, ones], dim=1).float()
        return torch.einsum("bchw,cr->brhw", colours, self._linear).clamp(0, 1)


def _blurred(pictures: Tensor) -> Tensor:
    """Average (B, 3, h, w) down to at most `COARSE` colours per side."""
    height, width = pictures.shape[-2:]
    share = COARSE / max(height, width)
    size = (max(1, round(height * share)), max(1, round(width * share)))
    return F.adaptive_avg_pool2d(pictures, size)


def fit_colours(model: Model) -> Tensor:
    """Fit the least-squares map (c + 1, 3) from a latent and 1 to the mean colour of its pixels.

    Learned from the model's own encodings of smooth random swatches, once per model.
    """
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand((SWATCHES, 3, 4, 4), generator=generator)
    swatches = F.interpolate(coarse, SWATCH_SIDE, mode="bicubic").clamp(0, 1)
    latents = model.encode(swatches).float().cpu()
    colours = F.avg_pool2d(swatches, model.latent_format.vae_scale_factor)
    inputs = torch.cat([latents, torch.ones_like(latents[:, :1])], dim=1)
    points, targets = (part.permute(0, 2, 3, 1).flatten(0, 2) for part in (inputs, colours))
    solution, *_ = np.linalg.lstsq(points.numpy(), targets.numpy(), rcond=None)
    return torch.from_numpy(solution).to(model.device)
