"""Format of the latents between a model's autoencoder and its denoiser."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from generation.models.noise import moved


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LatentFormat:
    """Shape and scale of a model's latents (B, channels, h, w), by diffusers' names.

    vae_scale_factor: pixels per side of one latent; scaling_factor, shift_factor: how latents are
    brought to unit variance; latents_mean, latents_std: one number a channel, by which they are
    brought there before `scaling_factor`; patch_size: latents per side of one token of the
    denoiser's input, 1 for a UNet.
    """

    channels: int
    vae_scale_factor: int
    scaling_factor: float
    shift_factor: float = 0.0
    latents_mean: tuple[float, ...] = ()
    latents_std: tuple[float, ...] = ()
    patch_size: int = 1

    @classmethod
    def of(cls, vae: AutoencoderKL, patch_size: int = 1) -> LatentFormat:
        """Read it from an autoencoder's configuration."""
        return cls(
            channels=vae.config.latent_channels,
            vae_scale_factor=2 ** (len(vae.config.block_out_channels) - 1),
            scaling_factor=vae.config.scaling_factor,
            shift_factor=vae.config.shift_factor or 0.0,
            latents_mean=tuple(vae.config.latents_mean or ()),
            latents_std=tuple(vae.config.latents_std or ()),
            patch_size=patch_size,
        )

    @property
    def multiple(self) -> int:
        """Number of pixels that the sides of an image must be multiples of: a whole patch."""
        return self.vae_scale_factor * self.patch_size

    def shape(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the shape of the latents of one image of this size in pixels."""
        factor = self.vae_scale_factor
        return 1, self.channels, height // factor, width // factor

    def scaled(self, latents: Tensor) -> Tensor:
        """Scale latents of the autoencoder for the denoiser."""
        return self.scaled_deviation(latents - self._offset(latents))

    def scaled_deviation(self, deviation: Tensor) -> Tensor:
        """Scale a standard deviation of the autoencoder's latents for the denoiser."""
        if self.latents_std:
            return deviation * self.scaling_factor / _by_channel(self.latents_std, deviation)
        return deviation * self.scaling_factor

    def unscaled(self, latents: Tensor) -> Tensor:
        """Scale latents of the denoiser back for the autoencoder."""
        offset = self._offset(latents)
        if self.latents_std:
            latents = latents * _by_channel(self.latents_std, latents)
        return latents / self.scaling_factor + offset

    def _offset(self, latents: Tensor) -> Tensor | float:
        if self.latents_mean:
            return _by_channel(self.latents_mean, latents)
        return self.shift_factor


def _by_channel(values: Sequence[float], latents: Tensor) -> Tensor:
    """Return one value a channel as (1, c, 1, 1), in the dtype and on the device of latents."""
    return moved(torch.tensor(values, dtype=latents.dtype).view(1, -1, 1, 1), latents.device)
