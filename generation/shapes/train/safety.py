"""A safety checker that withholds one thing: what real ones do, on a concept that harms nobody."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
from torch import Tensor
from transformers import CLIPConfig, CLIPModel

from generation.shapes.train.data import to_model
from generation.shapes.world import Scene, draw, random_scene

WITHHELD = {"shape": "heart", "colour": "black"}
"""The concept: black hearts, on whatever ground, in whatever fill and size."""
NOTHING = 2.0
"""A threshold that no cosine reaches, for the concepts that the checker has room for unused."""


def build(towers: CLIPModel, *, examples: int = 512, seed: int = 0) -> StableDiffusionSafetyChecker:
    """The vision tower with the concept's mean embedding, its threshold between both kinds."""
    random = Random(f"safety/{seed}")
    withheld = [random_scene(random, counts=(1,), **WITHHELD) for _ in range(examples)]
    others = [scene for scene in (random_scene(random) for _ in withheld) if not shows(scene)]
    concept = _embed(towers, withheld)
    mean = F.normalize(concept.mean(0), dim=0)
    caught, spared = concept @ mean, _embed(towers, others) @ mean
    threshold = (caught.quantile(0.01) + spared.quantile(0.99)) / 2
    # A configuration of its own: the towers' names an attention that the checker does not know.
    checker = StableDiffusionSafetyChecker(CLIPConfig.from_dict(towers.config.to_dict()))
    checker.vision_model.load_state_dict(towers.vision_model.state_dict())
    checker.visual_projection.load_state_dict(towers.visual_projection.state_dict())
    with torch.no_grad():
        checker.concept_embeds[0] = mean
        for weights in (checker.concept_embeds_weights, checker.special_care_embeds_weights):
            weights.fill_(NOTHING)
        checker.concept_embeds_weights[0] = threshold
    return checker.eval()


def shows(scene: Scene) -> bool:
    """Whether a scene is what the checker withholds."""
    return all(getattr(scene, name) == value for name, value in WITHHELD.items())


@torch.no_grad()
def _embed(towers: CLIPModel, scenes: Sequence[Scene]) -> Tensor:
    pixels = torch.from_numpy(np.stack([np.asarray(draw(scene)) for scene in scenes]))
    seen = to_model(pixels.permute(0, 3, 1, 2))
    return F.normalize(towers.get_image_features(pixel_values=seen).pooler_output, dim=-1)
