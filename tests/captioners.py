"""Tiny caption models: every class real, only the sizes small; one has learned to name drawings.

That one lies in `tests/captioner`; `python -m tests.captioners` trains it anew, in six seconds of
a processor.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipProcessor,
    GitConfig,
    GitForCausalLM,
    GitProcessor,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

NAMES_DRAWINGS = Path(__file__).with_name("captioner")
"""A BLIP that says "a red star" of a red star, and likewise of every `drawing`."""

SIDE = 32
COLOURS = {"red": (220, 30, 30), "green": (30, 170, 60), "blue": (40, 60, 220)}
SHAPES = ("star", "square", "ring")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]")
WORDS = ("a", *COLOURS, *SHAPES, "arafed", "picture", "of", "shape")
PAD, CLS, SEP, DEC = (SPECIAL.index(name) for name in ("[PAD]", "[CLS]", "[SEP]", "[DEC]"))
SHIFTS = (-3, 3)
"""Pixels by which drawings are moved, of those that it learns from."""
STEPS = 300


def drawing(colour: str, shape: str, *, side: int = 96, shift: int = 0) -> Image.Image:
    """Draw a shape in a colour on white."""
    picture = Image.new("RGB", (side, side), "white")
    pen, low, high = ImageDraw.Draw(picture), side // 5 + shift, side * 4 // 5 + shift
    middle = (low + high) // 2
    match shape:
        case "square":
            pen.rectangle([low, low, high, high], fill=COLOURS[colour])
        case "ring":
            pen.ellipse([low, low, high, high], outline=COLOURS[colour], width=side // 10)
        case _:
            pen.polygon(
                [(middle, low), (high, high), (low, middle), (high, middle), (low, high)],
                fill=COLOURS[colour],
            )
    return picture


def build_tokenizer() -> BertTokenizer:
    vocabulary = {token: number for number, token in enumerate((*SPECIAL, *WORDS))}
    return BertTokenizer(vocab=vocabulary, additional_special_tokens=["[DEC]"])


def build_blip(folder: Path, *, steps: int = STEPS, seed: int = 0) -> Path:
    """Write a BLIP that learns in so many steps to name drawings by colour and shape."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        model = BlipForConditionalGeneration(
            BlipConfig(
                text_config={
                    "vocab_size": len(SPECIAL) + len(WORDS),
                    "hidden_size": 32,
                    "encoder_hidden_size": 32,
                    "intermediate_size": 64,
                    "num_hidden_layers": 1,
                    "num_attention_heads": 2,
                    "max_position_embeddings": 64,
                    "pad_token_id": PAD,
                    "bos_token_id": DEC,
                    "eos_token_id": SEP,
                    "sep_token_id": SEP,
                    "hidden_dropout_prob": 0.0,
                    "attention_probs_dropout_prob": 0.0,
                },
                vision_config={
                    "hidden_size": 32,
                    "intermediate_size": 64,
                    "num_hidden_layers": 2,
                    "num_attention_heads": 2,
                    "image_size": SIDE,
                    "patch_size": 8,
                },
                projection_dim=16,
                image_text_hidden_size=16,
            )
        )
        processor = BlipProcessor(
            BlipImageProcessorPil(size={"height": SIDE, "width": SIDE}), build_tokenizer()
        )
        _train(model, processor, steps)
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def build_git(folder: Path, *, seed: int = 0) -> Path:
    """Write a GIT of random weights."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        model = GitForCausalLM(
            GitConfig(
                vision_config={
                    "hidden_size": 32,
                    "intermediate_size": 64,
                    "num_hidden_layers": 1,
                    "num_attention_heads": 2,
                    "image_size": SIDE,
                    "patch_size": 8,
                },
                vocab_size=len(SPECIAL) + len(WORDS),
                hidden_size=32,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=64,
                pad_token_id=PAD,
                bos_token_id=CLS,
                eos_token_id=SEP,
            )
        )
    prepare = CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    )
    model.eval().save_pretrained(folder)
    GitProcessor(prepare, build_tokenizer()).save_pretrained(folder)
    return folder


def _train(model: Any, processor: Any, steps: int) -> None:
    pairs = [
        (drawing(colour, shape, shift=shift), f"a {colour} {shape}")
        for colour, shape, shift in itertools.product(COLOURS, SHAPES, SHIFTS)
    ]
    batch = processor(
        images=[picture for picture, _ in pairs],
        text=[words for _, words in pairs],
        padding=True,
        return_tensors="pt",
    )
    words = batch.input_ids.clone()
    words[:, 0] = DEC
    labels = words.masked_fill(words == PAD, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, steps)
    model.train()
    for _ in range(steps):
        loss = model(
            pixel_values=batch.pixel_values,
            input_ids=words,
            attention_mask=batch.attention_mask,
            labels=labels,
        ).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()


if __name__ == "__main__":
    build_blip(NAMES_DRAWINGS)
