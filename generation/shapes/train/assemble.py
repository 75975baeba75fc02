"""Put the trained parts into one folder that `StableDiffusionPipeline` loads unmodified."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from generation.shapes.train.denoising import noise_schedule


def assemble(run: Path, out: Path) -> None:
    """Write the pipeline and, beside it, both towers of CLIP; fp16 safetensors throughout."""
    model = run / "model"
    towers = CLIPModel.from_pretrained(model / "clip")
    text_encoder = CLIPTextModel(towers.config.text_config)
    text_encoder.load_state_dict(towers.text_model.state_dict())
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(model / "vae"),
        text_encoder=text_encoder,
        tokenizer=CLIPTokenizer.from_pretrained(model / "tokenizer"),
        unet=UNet2DConditionModel.from_pretrained(model / "unet"),
        scheduler=noise_schedule(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype=torch.float16).save_pretrained(out)
    towers.half().save_pretrained(out / "clip")
