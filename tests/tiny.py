"""Tiny Stable Diffusions with random weights: every class real, only the sizes small.

They have the geometry of the embedded model (96 × 96 pixels, 12 × 12 latents, a UNet of two
cross-attending levels), at half its width.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
)

from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions

TEXT_WIDTH = 32


def build_tiny(
    folder: Path,
    *,
    prediction_type: str = "epsilon",
    unet_widths: tuple[int, ...] = (32, 64),
    head_width: int = 32,
    unet_layers: int = 1,
    safety_threshold: float | None = None,
    edits: bool = False,
    seed: int = 0,
) -> Path:
    """Write a random Stable Diffusion into `folder` in the diffusers format; return `folder`.

    One that `edits` has a UNet of InstructPix2Pix beside its own.

    `unet_layers` per block are 1 in the embedded model and 2 in Stable Diffusion, whose names of
    layers count them.

    `safety_threshold` None leaves the safety checker out; −2 makes it withhold every
    picture, 2 none (it compares cosines with it).
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        pipeline = StableDiffusionPipeline(
            tokenizer=build_tokenizer(folder / "vocabulary"),
            text_encoder=build_text_encoder(),
            vae=build_vae(),
            unet=build_unet(unet_widths, head_width, layers_per_block=unet_layers),
            scheduler=build_scheduler(prediction_type),
            safety_checker=None if safety_threshold is None else build_safety(safety_threshold),
            feature_extractor=CLIPImageProcessor(
                size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
            ),
            requires_safety_checker=safety_threshold is not None,
        )
        editor = build_unet(unet_widths, head_width, in_channels=8) if edits else None
    pipeline.save_pretrained(folder, safe_serialization=True)
    if editor is not None:
        editor.save_pretrained(folder / "edit", safe_serialization=True)
    return folder


def load_tiny(folder: Path) -> Model:
    """Load a model that no test changes the files of; it belongs to the caller alone.

    It is copied from one in memory, which is many times as fast as loading it.
    """
    model = copy.deepcopy(_loaded(folder))
    # The memory of prompts read is not copied with them.
    encoders = model.text_encoders.encoders
    return dataclasses.replace(model, text_encoders=model.text_encoders.with_encoders(encoders))


@functools.lru_cache(maxsize=8)
def _loaded(folder: Path) -> Model:
    return load_model(WorkerOptions(model=str(folder), device="cpu"))


def build_tiny_xl(folder: Path, *, second_width: int = TEXT_WIDTH, seed: int = 0) -> Path:
    """Write a random Stable Diffusion XL into `folder`, likewise.

    `second_width` is of its second text encoder: diffusers tells the two of a single file by it.
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        pipeline = StableDiffusionXLPipeline(
            tokenizer=build_tokenizer(folder / "vocabulary"),
            tokenizer_2=build_tokenizer(folder / "vocabulary"),
            text_encoder=build_text_encoder(),
            text_encoder_2=CLIPTextModelWithProjection(
                text_config(projection_dim=24, hidden_size=second_width)
            ).eval(),
            vae=build_vae(),
            unet=build_unet(
                # Like the real one: no attention where it would cost most.
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                transformer_layers_per_block=(1, 2),
                use_linear_projection=True,
                cross_attention_dim=TEXT_WIDTH + second_width,
                addition_embed_type="text_time",
                addition_time_embed_dim=8,
                projection_class_embeddings_input_dim=6 * 8 + 24,
            ),
            scheduler=EulerDiscreteScheduler.from_config(build_scheduler().config),
        )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def build_tokenizer(folder: Path) -> CLIPTokenizer:
    """Spells words out byte by byte: CLIP's tokenizer before it learned any merges."""
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(letter + "</w>" for letter in alphabet)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return CLIPTokenizer(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        model_max_length=77,
    )


def build_text_encoder() -> CLIPTextModel:
    return CLIPTextModel(text_config()).eval()


def text_config(**change: int) -> CLIPTextConfig:
    usual = {
        "vocab_size": 514,
        "hidden_size": TEXT_WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "bos_token_id": 512,
        "eos_token_id": 513,
        "pad_token_id": 513,
    }
    return CLIPTextConfig(**(usual | change))


def build_vae(**change: Any) -> AutoencoderKL:
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 16, 32, 32),
        norm_num_groups=4,
        mid_block_add_attention=False,
        sample_size=96,
        **change,
    ).eval()
    torch.nn.init.normal_(vae.decoder.conv_out.weight, std=0.1)  # pictures, not plain grey
    return vae


def build_unet(
    widths: tuple[int, ...] = (32, 64), head_width: int = 32, **change: Any
) -> UNet2DConditionModel:
    levels = len(widths)
    usual = {
        "sample_size": 12,
        "block_out_channels": widths,
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D",) * levels,
        "up_block_types": ("CrossAttnUpBlock2D",) * levels,
        "attention_head_dim": tuple(width // head_width for width in widths),
        "cross_attention_dim": TEXT_WIDTH,
        "norm_num_groups": 16,
    }
    return UNet2DConditionModel(**(usual | change)).eval()


def build_scheduler(prediction_type: str = "epsilon") -> PNDMScheduler:
    """As Stable Diffusion 1.5 ships it."""
    return PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type=prediction_type,
    )


def build_safety(threshold: float) -> StableDiffusionSafetyChecker:
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(
            text_config={"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
            vision_config=CLIPVisionConfig(
                hidden_size=16,
                intermediate_size=32,
                num_hidden_layers=1,
                num_attention_heads=2,
                image_size=32,
                patch_size=16,
            ).to_dict(),
            projection_dim=16,
        )
    ).eval()
    torch.nn.init.constant_(checker.concept_embeds_weights, threshold)
    torch.nn.init.constant_(checker.special_care_embeds_weights, 2.0)
    return checker
