"""Train the small CLIP: text and vision towers, contrastively (Radford et al. 2021, §2)."""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTokenizer, CLIPVisionConfig

from generation.shapes.captions import ATTRIBUTES, Language, caption, random_said
from generation.shapes.train.data import HELD_OUT, to_model
from generation.shapes.train.loop import Log, load_checkpoint, save_checkpoint, warm_cosine
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import SIDE, Scene

WIDTH, LAYERS, HEADS = 128, 3, 4


def build(tokenizer: CLIPTokenizer) -> CLIPModel:
    """About 1.5 M parameters in two towers of three layers."""
    tower = {
        "hidden_size": WIDTH,
        "intermediate_size": 4 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "projection_dim": WIDTH,
    }
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **tower,
    )
    vision = CLIPVisionConfig(image_size=SIDE, patch_size=16, **tower)
    return CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=WIDTH)
    )


def tokenize(tokenizer: CLIPTokenizer, captions: list[str], length: int) -> Tensor:
    """(N, length) token ids, padded as Stable Diffusion pads: with the end-of-text token."""
    return tokenizer(
        captions, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids


def train(
    scenes: list[Scene],
    pixels: Tensor,
    tokenizer: CLIPTokenizer,
    run: Path,
    *,
    steps: int = 1500,
    batch: int = 128,
    rate: float = 1e-3,
    seed: int = 0,
    device: str = "cpu",
) -> CLIPModel:
    """Match pictures to captions, half of them English and half Japanese.

    pixels: (N, 3, SIDE, SIDE) uint8, the last ones held out.  Resumes from `run`.
    """
    torch.manual_seed(seed)
    model = build(tokenizer).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    log, checkpoint, first = Log(run / "clip.jsonl"), run / "clip.pt", 0
    if state := load_checkpoint(checkpoint):
        model.load_state_dict(state["clip"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps)
        chosen = torch.randint(0, len(scenes) - HELD_OUT, (batch,))
        random = Random(f"{seed}/{step}")
        captions = [
            caption(scenes[k], random_said(random), random, random.choice(("en", "ja")))
            for k in chosen
        ]
        similarity = model(
            input_ids=tokenize(tokenizer, captions, LENGTH).to(device),
            pixel_values=to_model(pixels[chosen]).to(device),
        ).logits_per_image
        truth = torch.arange(batch, device=device)
        loss = (F.cross_entropy(similarity, truth) + F.cross_entropy(similarity.T, truth)) / 2
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6052)  # a temperature of 1/100, as published
        if (step + 1) % 100 == 0:
            english, japanese = (
                judge(model, tokenizer, scenes[-96:], pixels[-96:], language)
                for language in ("en", "ja")
            )
            log.write(
                step=step + 1, loss=loss.item(), english_of_96=english, japanese_of_96=japanese
            )
            save_checkpoint(
                checkpoint,
                clip=model.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    return model.cpu().eval()


@torch.no_grad()
def judge(
    model: CLIPModel,
    tokenizer: CLIPTokenizer,
    scenes: list[Scene],
    pixels: Tensor,
    language: Language,
) -> float:
    """Share of pictures whose own full caption is the most similar of all."""
    captions = [caption(scene, ATTRIBUTES, Random(0), language) for scene in scenes]
    similarity = model(
        input_ids=tokenize(tokenizer, captions, LENGTH).to(model.device),
        pixel_values=to_model(pixels).to(model.device),
    ).logits_per_image.cpu()
    return (similarity.argmax(1) == torch.arange(len(scenes))).float().mean().item()
