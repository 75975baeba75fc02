"""Make picture pairs for edit training from edit prompts, as a generator of small steps."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
from PIL import Image

from generation.images.tensors import to_pixels
from generation.models.model import Model
from generation.training.clip import Clip
from generation.training.pairs.edit_prompts import EditPrompt
from generation.training.pairs.filtering import score
from generation.training.pairs.folder import FILTERED, Images, PairFilter, PairFolder, Sampled
from generation.training.pairs.prompt_to_prompt import (
    PicturePair,
    SharedAttention,
    Sharing,
    advance_pairs,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairSettings:
    """How pairs are painted; the ranges are those of InstructPix2Pix (section 3.1.2).

    samples: pairs painted of each prompt, of which the filter keeps the best; share: range of the
    share of the steps in which attention is shared; cross: share the attention on words, too.
    """

    samples: int = 16
    share: tuple[float, float] = (0.1, 0.9)
    guidance: tuple[float, float] = (7.5, 15.0)
    steps: int = 50
    scheduler: str = "ddim"
    cross: bool = True
    width: int | None = None
    height: int | None = None
    batch: int = 4
    """Pairs that are painted together."""
    seed: int = 0
    filter: PairFilter = FILTERED

    def sharing(self, prompt: int, sample: int) -> Sharing:
        """Draw how a sample is painted; it depends on its numbers and the seed alone."""
        chance = Random(f"pairs/{self.seed}/{prompt}/{sample}")
        return Sharing(
            seed=chance.randrange(2**32),
            share=chance.uniform(*self.share),
            guidance=chance.uniform(*self.guidance),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairsProgress:
    """Prompts done, of how many, and the pairs that are kept so far."""

    prompts: int
    of: int
    kept: int


def make_pairs(
    model: Model, clip: Clip, prompts: Sequence[EditPrompt], out: Path, settings: PairSettings
) -> Iterator[PairsProgress]:
    """Paint the pairs of all prompts that `out` lacks; yield after each call of a network.

    Whoever drives it may do other work in between.  Raises `Refused` for a folder with other pairs.
    """
    folder = PairFolder(out, about(model, prompts, settings), len(prompts), settings.filter)
    attention = SharedAttention(model.unet)
    for number in range(len(folder.done), len(prompts)):
        progress = PairsProgress(prompts=number, of=len(prompts), kept=folder.kept)
        sharing = [settings.sharing(number, sample) for sample in range(settings.samples)]
        pictures: list[Images] = []
        for first in range(0, len(sharing), settings.batch):
            painting = _paint(
                model, attention, prompts[number], sharing[first : first + settings.batch], settings
            )
            pictures += yield from _each(painting, progress)
        scores = score(clip, [prompts[number]] * len(pictures), pictures)
        folder.add(
            Sampled(prompt=prompts[number], sharing=tuple(sharing), scores=tuple(scores)), pictures
        )
        yield PairsProgress(prompts=number + 1, of=len(prompts), kept=folder.kept)


def about(model: Model, prompts: Sequence[EditPrompt], settings: PairSettings) -> dict[str, Any]:
    """Return all that pairs depend on, for `PairFolder`; how many are painted at once is not."""
    said = json.dumps([dataclasses.astuple(each) for each in prompts], ensure_ascii=False)
    values = dataclasses.asdict(settings)
    del values["batch"]
    return {
        "model": model.card.name,
        "prompts": hashlib.sha256(said.encode()).hexdigest(),
        **values,
    }


def _each(
    painting: Generator[None, None, list[Images]], progress: PairsProgress
) -> Generator[PairsProgress, None, list[Images]]:
    """Yield the progress for every step of a painting, and return its pictures."""
    while True:
        try:
            next(painting)
        except StopIteration as end:
            pictures: list[Images] = end.value
            return pictures
        yield progress


def _paint(
    model: Model,
    attention: SharedAttention,
    prompt: EditPrompt,
    sharing: Sequence[Sharing],
    settings: PairSettings,
) -> Generator[None, None, list[Images]]:
    """Paint some samples of a prompt together; yield after each call of the UNet or the decoder."""
    size = settings.width or model.card.width, settings.height or model.card.height
    with torch.inference_mode():
        pairs = [
            PicturePair(
                model,
                (prompt.caption, prompt.edited),
                each,
                size=size,
                steps=settings.steps,
                scheduler=settings.scheduler,
                cross=settings.cross,
            )
            for each in sharing
        ]
    while not pairs[0].done:
        advance_pairs(model, pairs, attention)
        yield
    pictures = []
    for pair in pairs:
        source, edited = (_decoded(model, each.latents) for each in pair.trajectories)
        pictures.append((source, edited))
        yield
    return pictures


@torch.inference_mode()
def _decoded(model: Model, latents: torch.Tensor) -> Image.Image:
    return Image.fromarray(to_pixels(model.decode(latents))[0].cpu().numpy())
