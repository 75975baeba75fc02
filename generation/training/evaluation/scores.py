"""Scores of generated pictures: subject fidelity, prompt following, class drift, diversity.

Fidelity, following and drift are those of DreamBooth's evaluation (Ruiz et al., arXiv 2208.12242,
§4.2): CLIP-I, DINO, CLIP-T and PRES.  All are mean cosines of embeddings.

torchmetrics is imported where it computes: every generator imports this module, few judge anything,
and it takes 30 MB.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from itertools import combinations

import torch
from PIL import Image
from torch import Tensor

from generation.training.clip import Clip
from generation.training.evaluation.dino import Dino


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """Scores of one model's pictures; None for what could not be judged."""

    fidelity: float | None = None
    """CLIP-I: similarity of the pictures to the training pictures."""
    dino: float | None = None
    """The same by DINO, which tells apart what CLIP calls by one word."""
    following: float | None = None
    """CLIP-T: similarity of the pictures to their prompts."""
    drift: float | None = None
    """PRES: similarity to the training pictures of what is painted without the trigger."""
    diversity: float | None = None
    """Mean distance of two pictures of one prompt, 1 − cosine."""


UNJUDGED = Scores()
"""No scores."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """The networks that embed pictures and prompts; without CLIP most scores are None."""

    clip: Clip | None = None
    dino: Dino | None = None

    def score(
        self,
        pictures: Sequence[Image.Image],
        prompts: Sequence[str],
        references: Sequence[Image.Image],
        plain: Sequence[Image.Image] = (),
    ) -> Scores:
        """Score a model's pictures, one for each of `prompts`, against the training pictures.

        Pictures of the same prompt make up the diversity.  The prompts are those that CLIP can
        read: without the trigger, which it does not know.

        plain: what the model paints for prompts without the trigger, for the drift.
        """
        dino = None
        if self.dino is not None:
            dino = likeness(self.dino.images(pictures), self.dino.images(references))
        if self.clip is None:
            return Scores(dino=dino)
        seen, known = self.clip.images(pictures), self.clip.images(references)
        return Scores(
            fidelity=likeness(seen, known),
            dino=dino,
            following=agreement(seen, self.clip.texts(prompts)),
            drift=likeness(self.clip.images(plain), known) if plain else None,
            diversity=diversity(_groups(seen, prompts)),
        )


def likeness(some: Tensor, others: Tensor) -> float | None:
    """Return the mean cosine of (N, D) with (M, D), each with each; None if it is no number."""
    from torchmetrics.functional import pairwise_cosine_similarity

    return _finite(pairwise_cosine_similarity(some, others).mean())


def agreement(pictures: Tensor, texts: Tensor) -> float | None:
    """Return the mean cosine of each picture with its text, both (N, D)."""
    from torchmetrics.functional import cosine_similarity

    return _finite(cosine_similarity(pictures, texts, reduction="mean"))


def diversity(groups: Iterable[Tensor]) -> float | None:
    """Return the mean of 1 − cosine over all pairs within each group (N, D).

    None if no group has two.
    """
    from torchmetrics.functional import pairwise_cosine_similarity

    distances = [
        1 - pairwise_cosine_similarity(group, group)[first, second]
        for group in groups
        for first, second in combinations(range(len(group)), 2)
    ]
    return _finite(torch.stack(distances).mean()) if distances else None


def _groups(embedded: Tensor, prompts: Sequence[str]) -> list[Tensor]:
    places: dict[str, list[int]] = {}
    for place, prompt in enumerate(prompts):
        places.setdefault(prompt, []).append(place)
    return [embedded[found] for found in places.values()]


def _finite(value: Tensor) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
