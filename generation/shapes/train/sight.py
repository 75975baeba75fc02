"""Train CLIP's image tower alone, against a text tower that no longer changes.

Text is learned in a few hundred steps; to tell a small star from a small heart takes finer
patches and more of them.  What UNets have learned to read stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from generation.shapes.captions import ATTRIBUTES, caption
from generation.shapes.train.clip import Readers, judge, likeness, tokenize
from generation.shapes.train.data import HELD_OUT, to_model
from generation.shapes.train.loop import Log, load_checkpoint, save_checkpoint, warm_cosine
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import Scene

PATCH = 8
"""Pixels a side."""


def finer(model: CLIPModel) -> CLIPModel:
    """The same text tower, beside an image tower with smaller patches that has learned nothing."""
    settings = model.config.to_dict()
    settings["vision_config"] = {**settings["vision_config"], "patch_size": PATCH}
    fresh = CLIPModel(CLIPConfig.from_dict(settings))
    for name in ("text_model", "text_projection"):
        getattr(fresh, name).load_state_dict(getattr(model, name).state_dict())
        getattr(fresh, name).requires_grad_(False)
    return fresh


def train(
    model: CLIPModel,
    scenes: list[Scene],
    pixels: Tensor,
    tokenizer: CLIPTokenizer,
    run: Path,
    *,
    steps: int = 3000,
    batch: int = 64,
    rate: float = 1e-3,
    seed: int = 0,
    device: str = "cpu",
) -> CLIPModel:
    """Match pictures to full captions in both languages, and say every attribute.

    model: both towers; its text tower is kept.  pixels: (N, 3, SIDE, SIDE) uint8, the last ones
    held out.  Resumes from `run`.
    """
    torch.manual_seed(seed)
    model, readers = finer(model).to(device), Readers().to(device)
    learning = [p for p in (*model.parameters(), *readers.image.parameters()) if p.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    log, checkpoint, first = Log(run / "sight.jsonl"), run / "sight.pt", 0
    if state := load_checkpoint(checkpoint):
        model.load_state_dict(state["clip"])
        readers.load_state_dict(state["readers"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps)
        chosen = torch.randint(0, len(scenes) - HELD_OUT, (batch,))
        random = Random(f"{seed}/{step}")
        shown = [scenes[k] for k in chosen]
        captions = [
            caption(scene, ATTRIBUTES, random, random.choice(("en", "ja"))) for scene in shown
        ]
        with torch.no_grad():
            text = model.text_model(tokenize(tokenizer, captions, LENGTH).to(device)).pooler_output
        image = model.vision_model(to_model(pixels[chosen]).to(device)).pooler_output
        similarity = model.logit_scale.exp() * likeness(model, image, text)
        truth = torch.arange(batch, device=device)
        contrast = (F.cross_entropy(similarity, truth) + F.cross_entropy(similarity.T, truth)) / 2
        loss = contrast + readers.seen(image, shown)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6052)  # a temperature of 1/100, as published
        if (step + 1) % 100 == 0:
            kept = scenes[-HELD_OUT:], pixels[-HELD_OUT:]
            shares = judge(model, readers, tokenizer, *kept)
            log.write(
                step=step + 1,
                loss=loss.item(),
                **{name: shares[name] for name in ("seen", "english_of_96", "japanese_of_96")},
            )
            save_checkpoint(
                checkpoint,
                clip=model.state_dict(),
                readers=readers.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    return model.requires_grad_(True).cpu().eval()
