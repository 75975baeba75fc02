"""Init images: initial latents of image to image and inpainting."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import SchedulerMixin
from PIL import Image
from torch import Tensor

from generation.images.canvas import mask_pixels
from generation.images.tensors import resized
from generation.models.model import Model
from generation.models.noise import draw
from generation.models.parameterization import scheduler_factors
from generation.models.schedulers import start_at


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncodedSource:
    """The encoded init image of all images of a request.

    mean, deviation: (1, c, h, w) of the posterior of the source's latents; strength: the share of
    the schedule that is run; mask: (1, 1, h, w), 1 where the image is painted anew and 0 where it
    is kept, or None for all of it; anchored: hold early steps to the source, so that only what is
    decided late is painted anew.
    """

    mean: Tensor
    deviation: Tensor
    strength: float
    mask: Tensor | None = None
    anchored: bool = False


def encode_source(
    model: Model,
    source: Image.Image,
    mask: Image.Image | None,
    *,
    size: tuple[int, int],
    strength: float,
    anchored: bool = False,
) -> EncodedSource:
    """Encode a source of any size; the mask is white where it is to be painted anew."""
    mean, deviation = model.latents_of(resized(source, *size))
    factor = model.latent_format.vae_scale_factor
    latent_mask = None if mask is None else _latent_mask(mask_pixels(mask, size), factor).to(mean)
    return EncodedSource(
        mean=mean, deviation=deviation, strength=strength, mask=latent_mask, anchored=anchored
    )


def _latent_mask(mask: Image.Image, factor: int) -> Tensor:
    """Return (1, 1, h, w): a latent is painted anew if the mask touches any of its pixels."""
    pixels = torch.from_numpy(np.asarray(mask) > 127).float()
    return F.max_pool2d(pixels[None, None], factor)


def kept(pixels: Tensor, source: Image.Image, mask: Image.Image) -> Tensor:
    """Paste the generated pixels into the source where the mask is white, and nowhere else.

    pixels: (H, W, 3) bytes on any device; source and mask have the same size.
    """
    anew = torch.from_numpy(np.asarray(mask) > 127)[..., None]
    return torch.where(anew, pixels.cpu(), torch.from_numpy(np.array(source)))


def blended(pixels: Tensor, source: Image.Image, share: float) -> Tensor:
    """Blend the generated pixels with the source; `share`, 0 to 1, is theirs.

    pixels: (H, W, 3) bytes on any device; the source has the same size.
    """
    before = torch.from_numpy(np.array(source)).float()
    return torch.lerp(before, pixels.cpu().float(), share).round().to(torch.uint8)


class InitLatents:
    """The first latents of one picture from an `EncodedSource`, and later ones held to it."""

    def __init__(
        self,
        source: EncodedSource,
        scheduler: SchedulerMixin,
        generator: torch.Generator,
        like: Tensor,
    ) -> None:
        """Draw noise in the order of diffusers' pipelines, so that a seed gives the same image."""
        self.first = start_at(scheduler, source.strength)
        self.timesteps = scheduler.timesteps[self.first :]
        self._mask, self._anchored = source.mask, source.anchored
        self._clean = source.mean + source.deviation * draw(like.shape, generator, like=like)
        self._noise = draw(like.shape, generator, like=like)
        if source.mask is not None:
            draw(like.shape, generator, like=like)  # diffusers encodes the masked picture, too
        if source.mask is not None and source.strength == 1:
            self.latents = self._noise * scheduler.init_noise_sigma
        else:
            self.latents = self._noised(scheduler, 0)

    def hold_to_source(self, latents: Tensor, scheduler: SchedulerMixin, call: int) -> Tensor:
        """Restore the source's own latents where the mask keeps them, before UNet call `call`.

        Without a mask but anchored: blend with the source's latents, the more so the earlier the
        step (DemoFusion, Du et al., arXiv 2311.16973, section 3.3: a cosine, cubed).
        """
        if self._mask is None and not self._anchored:
            return latents
        calls = len(self.timesteps)
        source = self._clean if call == calls else self._noised(scheduler, call)
        if self._mask is None:
            share = ((1 + math.cos(math.pi * call / calls)) / 2) ** 3
            return share * source + (1 - share) * latents
        return (1 - self._mask) * source + self._mask * latents

    def _noised(self, scheduler: SchedulerMixin, call: int) -> Tensor:
        keep, lose = scheduler_factors(scheduler, self.timesteps[call : call + 1])
        return keep * self._clean + lose * self._noise
