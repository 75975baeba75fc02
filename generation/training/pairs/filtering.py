"""Filter and ranking of picture pairs by CLIP, with thresholds that suit the CLIP in use."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from PIL import Image

from generation.training.clip import Clip, cosines, directional_similarity
from generation.training.pairs.edit_prompts import EditPrompt


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairScores:
    """Cosines of a pair's CLIP embeddings.

    source, edited: of each picture with its caption; image: of both pictures; directional: of the
    change between the pictures with that between the captions.
    """

    source: float
    edited: float
    image: float
    directional: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Least scores of a pair that is kept.

    The defaults are those of InstructPix2Pix (Brooks et al., arXiv 2211.09800, section 3.1.2), for
    OpenAI's CLIP ViT-L/14; `caption` is for both pictures.
    """

    caption: float = 0.2
    image: float = 0.7
    directional: float = 0.2

    def keep(self, scores: PairScores) -> bool:
        """Return True if a pair passes."""
        return (
            min(scores.source, scores.edited) >= self.caption
            and scores.image >= self.image
            and scores.directional >= self.directional
        )


PUBLISHED = Thresholds()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rejection:
    """Shares of a first sample that each threshold rejects, from which it is found.

    Another CLIP's cosines lie elsewhere, but what is rejected can stay the same.  Few by direction:
    some kinds of edits move a CLIP's embeddings less than others (shapes less than colours in the
    embedded one), and a high threshold leaves none of them.  The ranking within a prompt, which
    compares like with like, does the rest.
    """

    caption: float = 0.1
    image: float = 0.25
    directional: float = 0.1

    def thresholds(self, sample: Sequence[PairScores]) -> Thresholds:
        """Return the thresholds that reject these shares of the sample, each by itself."""
        captions = [min(each.source, each.edited) for each in sample]
        return Thresholds(
            caption=float(np.quantile(captions, self.caption)),
            image=float(np.quantile([each.image for each in sample], self.image)),
            directional=float(np.quantile([each.directional for each in sample], self.directional)),
        )


USUAL_REJECTION = Rejection()


def score(
    clip: Clip, prompts: Sequence[EditPrompt], pairs: Sequence[tuple[Image.Image, Image.Image]]
) -> list[PairScores]:
    """Score pairs of pictures, each by its prompt."""
    before, after = (clip.images([pair[half] for pair in pairs]) for half in (0, 1))
    was = clip.texts([each.caption for each in prompts])
    wanted = clip.texts([each.edited for each in prompts])
    columns = (
        cosines(before, was),
        cosines(after, wanted),
        cosines(before, after),
        directional_similarity(before, after, was, wanted),
    )
    return [
        PairScores(source=source, edited=edited, image=image, directional=directional)
        for source, edited, image, directional in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def kept(samples: Sequence[PairScores], thresholds: Thresholds | None, most: int) -> list[int]:
    """Return the indices of at most `most` samples of one prompt, best direction first.

    Without thresholds nothing is judged: the first ones are kept.
    """
    if thresholds is None:
        return list(range(min(most, len(samples))))
    passing = [index for index, each in enumerate(samples) if thresholds.keep(each)]
    return sorted(passing, key=lambda index: -samples[index].directional)[:most]
