"""Train a safety checker to withhold one harmless concept the way real ones withhold theirs.

CLIP's image tower is good at colours and less good at shapes.  So the checker has a copy of its
own, which learns to tell the concept from images that differ from it in one word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
from torch import Tensor
from transformers import CLIPConfig, CLIPModel

from generation.shapes.train.data import to_model
from generation.shapes.train.loop import Log, warm_cosine
from generation.shapes.world import COLOURS, SHAPES, Scene, draw, random_scene

SHAPE, COLOUR = "heart", "black"
"""The concept: black hearts, on any background, in any fill, size and number."""
NOTHING = 2.0
"""A threshold above any cosine, for the checker's concept slots that are not used."""
SHARPNESS = 20.0
"""Factor by which a cosine's distance from the threshold is multiplied to become a logit."""
PICTURES = 8192
"""Number of training images; one in four shows the concept."""


def train(
    towers: CLIPModel,
    run: Path,
    *,
    steps: int = 1500,
    batch: int = 64,
    rate: float = 5e-4,
    seed: int = 0,
    examples: int = 2048,
    device: str = "cpu",
) -> StableDiffusionSafetyChecker:
    """Train a copy of the image tower, a concept embedding and its threshold."""
    torch.manual_seed(seed)
    checker = _untrained(towers).to(device).train()
    concept = checker.concept_embeds
    concept.data[0] = F.normalize(torch.randn(concept.shape[1]), dim=0)
    middle = torch.zeros(1, device=device, requires_grad=True)
    learning = [
        *checker.vision_model.parameters(),
        *checker.visual_projection.parameters(),
        concept.requires_grad_(),
        middle,
    ]
    optimizer = torch.optim.AdamW(learning, lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    log = Log(run / "checker.jsonl")
    scenes = list(_lesson(Random(f"safety/{seed}"), PICTURES))
    drawn, truth = _drawn(scenes), torch.tensor([float(shows(scene)) for scene in scenes])
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps)
        chosen = torch.randint(0, len(drawn), (batch,))
        logits = SHARPNESS * (_closeness(checker, drawn[chosen]) - middle)
        loss = F.binary_cross_entropy_with_logits(logits, truth[chosen].to(device))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        if (step + 1) % 100 == 0:
            log.write(step=step + 1, loss=loss.item())
    checker.eval().requires_grad_(False)
    concept[0] = F.normalize(concept[0], dim=0)
    fresh = list(_lesson(Random(f"threshold/{seed}"), examples))
    shown = torch.tensor([shows(scene) for scene in fresh], device=device)
    with torch.no_grad():
        close = _closeness(checker, _drawn(fresh))
    threshold = (close[shown].quantile(0.005) + close[~shown].quantile(0.995)) / 2
    checker.concept_embeds_weights[0] = threshold
    return checker.cpu()


def _untrained(towers: CLIPModel) -> StableDiffusionSafetyChecker:
    """Build a checker on a copy of the image tower, with no concept yet."""
    # A copy of the configuration: the original names an attention implementation that the checker
    # does not know.
    checker = StableDiffusionSafetyChecker(CLIPConfig.from_dict(towers.config.to_dict()))
    checker.vision_model.load_state_dict(towers.vision_model.state_dict())
    checker.visual_projection.load_state_dict(towers.visual_projection.state_dict())
    with torch.no_grad():
        for weights in (checker.concept_embeds_weights, checker.special_care_embeds_weights):
            weights.fill_(NOTHING)
    return checker


def _lesson(random: Random, count: int) -> Iterator[Scene]:
    """Yield in turn: the concept, another shape in its colour, its shape recoloured, any scene."""
    shapes = [shape for shape in SHAPES if shape != SHAPE]
    colours = [colour for colour in COLOURS if colour != COLOUR]
    for number in range(count):
        match number % 4:
            case 0:
                yield random_scene(random, shape=SHAPE, colour=COLOUR)
            case 1:
                yield random_scene(random, shape=random.choice(shapes), colour=COLOUR)
            case 2:
                yield random_scene(random, shape=SHAPE, colour=random.choice(colours))
            case _:
                yield random_scene(random)


def shows(scene: Scene) -> bool:
    """Return True if a scene shows the concept."""
    return scene.shape == SHAPE and scene.colour == COLOUR


def _drawn(scenes: Sequence[Scene]) -> Tensor:
    """Draw the scenes: (N, 3, SIDE, SIDE) uint8."""
    pixels = np.stack([np.asarray(draw(scene)) for scene in scenes])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


def _closeness(checker: StableDiffusionSafetyChecker, pixels: Tensor) -> Tensor:
    """Return (N,) cosines of images (N, 3, SIDE, SIDE) uint8 with the concept."""
    seen = to_model(pixels).to(checker.device)
    embedded = checker.visual_projection(checker.vision_model(seen)[1])
    return F.cosine_similarity(embedded, checker.concept_embeds[:1])
