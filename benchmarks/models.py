"""Models of the published sizes with random weights, which are enough to measure speed and memory.

The sizes are those of the public configurations of Stable Diffusion 1.5 and of SDXL base 1.0.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, PNDMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from generation.catalog.files import EMBEDDED

if TYPE_CHECKING:  # importing the pipelines takes seconds, and most measurements need none
    from diffusers import DiffusionPipeline

UNETS: dict[str, dict[str, Any]] = {
    "sd15-sized": {
        "sample_size": 64,
        "block_out_channels": (320, 640, 1280, 1280),
        "down_block_types": (*("CrossAttnDownBlock2D",) * 3, "DownBlock2D"),
        "up_block_types": ("UpBlock2D", *("CrossAttnUpBlock2D",) * 3),
        "cross_attention_dim": 768,
        "attention_head_dim": 8,
    },
    "sdxl-sized": {
        "sample_size": 128,
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", *("CrossAttnDownBlock2D",) * 2),
        "up_block_types": (*("CrossAttnUpBlock2D",) * 2, "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "cross_attention_dim": 2048,
        "attention_head_dim": (5, 10, 20),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}
NOISE: dict[str, Any] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}
"""Noise schedule of both."""

FOLDER = Path(tempfile.gettempdir()) / "konomi-benchmark-models"
"""Default folder in which they are built and kept: 2 GiB and 7 GiB."""


def located(name: str, folder: Path = FOLDER) -> str:
    """Return what the engine should load for this model name, building the model if need be."""
    if name not in UNETS:
        return name
    place = folder / name
    if not (place / "model_index.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder, prefix=f"{name}-"))
        try:
            _BUILDERS[name]().save_pretrained(fresh, safe_serialization=True)
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return str(place)


def build_unet(name: str) -> UNet2DConditionModel:
    """Build the UNet of a size, with random weights, in torch's default precision and device."""
    return UNet2DConditionModel(**UNETS[name])


def _build_sd15() -> DiffusionPipeline:
    from diffusers import StableDiffusionPipeline

    with _half_precision():
        return StableDiffusionPipeline(
            tokenizer=_tokenizer(),
            text_encoder=CLIPTextModel(_clip_large()),
            vae=_vae(512, 0.18215),
            unet=build_unet("sd15-sized"),
            scheduler=PNDMScheduler(**NOISE, skip_prk_steps=True, set_alpha_to_one=False),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )


def _build_sdxl() -> DiffusionPipeline:
    from diffusers import StableDiffusionXLPipeline

    with _half_precision():
        return StableDiffusionXLPipeline(
            tokenizer=_tokenizer(),
            tokenizer_2=_tokenizer(),
            text_encoder=CLIPTextModel(_clip_large()),
            text_encoder_2=CLIPTextModelWithProjection(_clip_giant()),
            vae=_vae(1024, 0.13025),
            unet=build_unet("sdxl-sized"),
            scheduler=EulerDiscreteScheduler(**NOISE, timestep_spacing="leading"),
            add_watermarker=False,
        )


_BUILDERS: dict[str, Callable[[], DiffusionPipeline]] = {
    "sd15-sized": _build_sd15,
    "sdxl-sized": _build_sdxl,
}


def _tokenizer() -> CLIPTokenizer:
    """Return the embedded model's tokenizer, whose ids are all valid in the larger vocabularies."""
    return CLIPTokenizer.from_pretrained(EMBEDDED / "tokenizer", local_files_only=True)


def _clip_large() -> CLIPTextConfig:
    """Return the configuration of CLIP ViT-L/14's text encoder."""
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        projection_dim=768,
    )


def _clip_giant() -> CLIPTextConfig:
    """Return the configuration of OpenCLIP ViT-bigG/14's text encoder."""
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=32,
        num_attention_heads=20,
        projection_dim=1280,
        hidden_act="gelu",
    )


def _vae(side: int, scaling_factor: float) -> AutoencoderKL:
    return AutoencoderKL(
        sample_size=side,
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        scaling_factor=scaling_factor,
    )


@contextmanager
def _half_precision() -> Iterator[None]:
    """Build models in half precision, which halves memory and files."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float16)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
