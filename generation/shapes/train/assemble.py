"""Copy the trained parts to where the package ships them, each once, in half precision."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from generation.shapes.pipelines import write_preprocessor


def assemble(run: Path, out: Path) -> None:
    """Write the text-to-image pipeline and, beside it, the parts of the other pipelines.

    `clip`: both towers; `checker`: the safety checker; `edit`: the editing UNet, if there is one.
    `generation.shapes.pipelines` makes whole folders of them.
    """
    model = run / "model"
    towers = CLIPModel.from_pretrained(model / "clip")
    text_encoder = CLIPTextModel(towers.config.text_config)
    text_encoder.load_state_dict(towers.text_model.state_dict())
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(model / "vae"),
        text_encoder=text_encoder,
        tokenizer=CLIPTokenizer.from_pretrained(model / "tokenizer"),
        unet=UNet2DConditionModel.from_pretrained(model / "unet"),
        scheduler=PNDMScheduler.from_pretrained(model / "scheduler"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype=torch.float16).save_pretrained(out)
    checker = StableDiffusionSafetyChecker.from_pretrained(model / "checker")
    checker.half().save_pretrained(out / "checker")
    if (model / "edit").exists():
        editor = UNet2DConditionModel.from_pretrained(model / "edit")
        editor.half().save_pretrained(out / "edit")
    towers.half().save_pretrained(out / "clip")
    write_preprocessor(out / "clip")
