"""A latent diffusion model: encodes prompts and images, predicts noise, decodes latents."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers import AutoencoderKL, SchedulerMixin, UNet2DConditionModel
from torch import Tensor

from generation.models.adapters.acting import TextAdapters
from generation.models.conditioning import (
    Condition,
    embedded_guidance,
    lengthened,
    unet_kwargs,
)
from generation.models.families.family import TextEncoders
from generation.models.latents import LatentFormat
from generation.models.noise import moved
from generation.models.offloading import Offloader
from generation.models.parameterization import Parameterization
from generation.models.safety_checkers.safety_checker import SafetyChecker
from generation.models.schedulers import make_scheduler
from generation.models.text_encoders import PLAIN
from generation.protocol.options import ModelCard
from generation.requests.memory import pixels_beside

WHOLE_AREA = 4
"""Multiple of the native area up to which the autoencoder processes an image whole: the largest
that the UNet processes whole."""


@dataclasses.dataclass(kw_only=True)
class Model:
    """A model's loaded parts; between requests, only `text_encoders` remember (prompts)."""

    card: ModelCard
    text_encoders: TextEncoders
    vae: AutoencoderKL
    latent_format: LatentFormat
    unet: UNet2DConditionModel
    editor: UNet2DConditionModel | None = None
    """InstructPix2Pix's UNet (arXiv 2211.09800), which has the image to edit as an additional
    input."""
    scheduler_config: dict[str, Any]
    safety: SafetyChecker | None
    device: torch.device
    dtype: torch.dtype
    """Of the UNet and its conditioning; latents are float32, so that a seed gives the same
    image."""
    offloader: Offloader
    memory_format: torch.memory_format = torch.channels_last
    compiled: Callable[..., Any] | None = None
    """The compiled UNet, if compilation was requested."""
    vae_slicing: str = "auto"
    vae_tiling: str = "auto"

    @property
    def parameterization(self) -> Parameterization:
        """The parameterization that the scheduler's configuration names."""
        return Parameterization.of(self.scheduler_config)

    @property
    def training_levels(self) -> Tensor:
        """The noise level at each training timestep: (timesteps,)."""
        return self.parameterization.training_levels(self.scheduler_config).to(self.device)

    @property
    def reads_guidance(self) -> bool:
        """True if guidance was distilled into the UNet, which then needs no unconditional row."""
        return self.unet.config.time_cond_proj_dim is not None

    def scheduler(self, name: str, steps: int, seed: int) -> SchedulerMixin:
        """Return a new sampler, one of `SCHEDULERS`; `seed` is the image's."""
        return make_scheduler(name, self.scheduler_config, steps, seed)

    def encode_prompt(
        self,
        prompt: str,
        negative: str,
        guidance: float,
        width: int,
        height: int,
        adapters: TextAdapters = PLAIN,
    ) -> tuple[Condition, Condition | None]:
        """Return the conditions of an image's rows: for its prompt, and for the negative prompt.

        There is no second row without guidance, or if guidance was distilled into the UNet.
        """
        read, read_negative = self.text_encoders.read, self.text_encoders.read_negative
        texts = [read(prompt, adapters), read_negative(negative, adapters)]
        wordless = TextAdapters(adapters.strengths)
        empty = [read("", wordless), read_negative("", wordless)]
        longest = max(text.states.shape[1] for text in texts)
        positive, against = (
            self.text_encoders.condition(lengthened(text, filler, longest), width, height)
            for text, filler in zip(texts, empty, strict=True)
        )
        if self.reads_guidance:
            return self._with_guidance(positive, guidance), None
        return positive, against if guidance > 1 else None

    def unconditional(self, width: int, height: int, adapters: TextAdapters = PLAIN) -> Condition:
        """Return the condition of the empty prompt."""
        empty = self.text_encoders.read_negative("", adapters)
        return self._with_guidance(self.text_encoders.condition(empty, width, height), 1.0)

    @property
    def unets(self) -> list[UNet2DConditionModel]:
        """The text-to-image UNet, and the editing UNet if there is one."""
        return [self.unet] if self.editor is None else [self.unet, self.editor]

    def predict(
        self,
        sample: Tensor,
        timesteps: Tensor,
        rows: Sequence[Condition],
        *,
        compiled: bool = True,
    ) -> Tensor:
        """Predict the rows of `sample` at `timesteps` (B,) with a UNet: (B, c, h, w), float32.

        sample: (B, c, h, w), or (B, 2c, h, w) with the latents of the image to be edited.

        compiled: use the compiled UNet if there is one, which must then have been compiled for
        calls of this kind.
        """
        self.offloader.offload()
        sample = sample.to(self.dtype).contiguous(memory_format=self.memory_format)
        conditions = unet_kwargs(rows)
        network = self.compiled if compiled and self.compiled is not None else self.unet
        if self.editor is not None and sample.shape[1] > self.latent_format.channels:
            network = self.editor
        return network(sample, timesteps, **conditions, return_dict=False)[0].float().contiguous()

    def empty_latents(self, width: int, height: int) -> Tensor:
        """Return (1, c, h, w) uninitialised latents, for their shape and dtype."""
        return torch.empty(self.latent_format.shape(width, height), device=self.device)

    def decode(self, latents: Tensor) -> Tensor:
        """Decode latents (B, c, h, w) to images (B, 3, H, W) in 0 … 1."""
        latents = self.latent_format.unscaled(latents.to(self.vae.dtype))
        area = latents.shape[-2] * latents.shape[-1] * self.latent_format.vae_scale_factor**2
        self._prepare_vae(len(latents), area)
        pictures = self.vae.decode(latents, return_dict=False)[0]
        return (pictures.float() / 2 + 0.5).clamp(0, 1)

    def latents_of(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Encode an image; return mean and standard deviation of its latents, (1, c, h, w) each."""
        picture = (picture * 2 - 1).to(self.device, self.vae.dtype)
        self._prepare_vae(1, picture.shape[-2] * picture.shape[-1])
        found = self.vae.encode(picture).latent_dist
        deviation = self.latent_format.scaled_deviation(found.std)
        return self.latent_format.scaled(found.mean).float(), deviation.float()

    def encode(self, pictures: Tensor) -> Tensor:
        """Encode images (B, 3, H, W) in 0 … 1 to the mean of their latents (B, c, h, w)."""
        pictures = (pictures * 2 - 1).to(self.device, self.vae.dtype)
        self._prepare_vae(len(pictures), pictures.shape[-2] * pictures.shape[-1])
        latents = self.vae.encode(pictures).latent_dist.mode()
        return self.latent_format.scaled(latents).float()

    def image_latents(self, picture: Tensor) -> Tensor:
        """Encode an image (1, 3, H, W) in 0 … 1 as input of the editing UNet: (1, c, h, w).

        Not scaled, as in the training of every published one.
        """
        picture = (picture * 2 - 1).to(self.device, self.vae.dtype)
        self._prepare_vae(1, picture.shape[-2] * picture.shape[-1])
        return self.vae.encode(picture).latent_dist.mode().float()

    def _prepare_vae(self, count: int, area: int) -> None:
        """Move the autoencoder to the device, with tiling or slicing if memory requires it.

        area: of each of `count` images, in pixels.
        """
        self.offloader.load(self.vae)
        memory, side = self.card.memory, self.vae.config.sample_size
        most = WHOLE_AREA * self.card.width * self.card.height
        if memory is not None:
            most = min(most, pixels_beside(memory, memory.references))
        self.vae.use_slicing = _on(self.vae_slicing, auto=count * area > most)
        self.vae.use_tiling = _on(self.vae_tiling, auto=area > most)
        if self.vae_tiling == "on":
            side //= 2  # otherwise images of the usual size would never be tiled
        while memory is not None and memory.tile is not None and side // 2 >= memory.tile:
            if side**2 <= most:
                break
            side //= 2
        # Tiles overlap by a quarter, which must be whole latents for the decoded tiles to line up.
        factor = self.latent_format.vae_scale_factor
        tile = max(4, side // factor // 4 * 4)
        self.vae.tile_sample_min_size = tile * factor
        self.vae.tile_latent_min_size = tile

    def _with_guidance(self, condition: Condition, guidance: float) -> Condition:
        if not self.reads_guidance:
            return condition
        waves = embedded_guidance(guidance, self.unet.config.time_cond_proj_dim).to(self.dtype)
        return dataclasses.replace(condition, guidance=moved(waves, self.device))


def _on(switch: str, *, auto: bool) -> bool:
    return auto if switch == "auto" else switch == "on"
