"""Build the text-to-image UNet, and cache the latents and text states that it is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.captions import Language, caption, random_said
from generation.shapes.train.clip import WIDTH, tokenize
from generation.shapes.train.data import save_array, to_model
from generation.shapes.train.denoising import Draw, Rows
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import SIDE, Scene

CAPTIONS: tuple[Language, ...] = ("en", "en", "ja", "ja")
"""Languages of the captions of each image."""
UNSAID = 0.1
"""Share of rows trained without a caption, for classifier-free guidance."""


def build(start: Path | None = None) -> UNet2DConditionModel:
    """Build a UNet of about 2.5 M parameters, with few groups per group norm (see `vae`).

    The text reaches it in two ways: through cross-attention, as in Stable Diffusion, and pooled,
    added to the timestep embedding.  Attributes of the whole image (shape, size) are learned much
    faster with the pooled text.

    start: the folder of a UNet to take weights from, which may lack the pooled text input.
    """
    network = UNet2DConditionModel(
        sample_size=SIDE // 8,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(48, 96),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=4,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )
    # The pooled text starts out contributing nothing, so that training can continue from a UNet
    # without it.
    torch.nn.init.zeros_(network.add_embedding.norm2.weight)
    if start is not None:
        known = UNet2DConditionModel.from_pretrained(start).state_dict()
        network.load_state_dict(known, strict=False)
    return network


@torch.no_grad()
def cache_latents(vae: AutoencoderKL, pixels: Tensor, cache: Path) -> None:
    """Encode images and write (N, 4, SIDE/8, SIDE/8) float32 latents, unscaled."""
    latents = [vae.encode(to_model(chunk)).latent_dist.mode() for chunk in pixels.split(64)]
    save_array(cache, torch.cat(latents).numpy())


@torch.no_grad()
def cache_texts(
    model: CLIPModel, tokenizer: CLIPTokenizer, texts: Sequence[str], cache: Path
) -> None:
    """Encode texts and write their (N + 1, LENGTH, WIDTH) float16 states, the empty one last."""
    everything = [*texts, ""]
    states = np.empty((len(everything), LENGTH, WIDTH), np.float16)
    for first in range(0, len(everything), 256):
        ids = tokenize(tokenizer, everything[first : first + 256], LENGTH)
        states[first : first + 256] = model.text_model(ids).last_hidden_state.numpy()
    save_array(cache, states)


def captions(scenes: Sequence[Scene], seed: int) -> list[str]:
    """Write each scene's captions in the languages of `CAPTIONS`, scene by scene."""
    random = Random(f"captions/{seed}")
    return [
        caption(scene, random_said(random), random, language)
        for scene in scenes
        for language in CAPTIONS
    ]


def painting(latents: Tensor, scale: float, texts: np.ndarray) -> Draw:
    """Return a function that draws images, each with one of its captions or with none."""

    def draw(count: int, chance: torch.Generator) -> Rows:
        chosen = torch.randint(0, len(latents), (count,), generator=chance)
        worded = chosen * len(CAPTIONS) + torch.randint(
            0, len(CAPTIONS), (count,), generator=chance
        )
        worded[torch.rand(count, generator=chance) < UNSAID] = len(texts) - 1
        words = torch.from_numpy(texts[worded.numpy()]).float()
        return Rows(clean=latents[chosen] * scale, words=words)

    return draw
