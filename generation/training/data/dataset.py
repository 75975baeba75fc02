"""Training examples as the denoiser sees them: cached latents and cached text states."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from generation.images.tensors import resized
from generation.models.conditioning import Condition, lengthened
from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.training import Recipe
from generation.requests.prompts import literal
from generation.training.data.buckets import batch_at, bucket_of
from generation.training.data.folders import Example

CROPPED = 0.85
"""Least share of each side that a random crop keeps."""
COLOUR = 0.1
"""Most by which brightness, contrast and saturation are varied."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch for the denoiser: scaled latents (B, c, h, w) and the condition of each row.

    beside: latents of the pictures to be edited, as `Model.image_latents`, for an editing UNet.
    """

    clean: Tensor
    conditions: Sequence[Condition]
    beside: Tensor | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Encoded:
    """One variant of an example: mean and deviation of its latents, (1, c, h, w) each.

    left, top: where it was cropped, in pixels of the picture at its bucket's scale.
    """

    mean: Tensor
    deviation: Tensor
    size: tuple[int, int]
    left: int = 0
    top: int = 0

    def draw(self, chance: torch.Generator) -> Tensor:
        """Draw latents, as the autoencoder's encoding is a distribution."""
        noise = torch.randn(self.mean.shape, generator=chance)
        return self.mean + self.deviation * noise.to(self.mean)


class Texts(Protocol):
    """How captions become conditions: from a cache, or anew while a text encoder is trained."""

    def condition(self, caption: str, encoded: Encoded) -> Condition:
        """Return the condition of a row."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncodedDataset:
    """Examples with cached latents; `variants` holds those of each example."""

    examples: Sequence[Example]
    variants: Sequence[Sequence[Encoded]]
    batch: int
    seed: int

    def rows(self, number: int, chance: torch.Generator, texts: Texts) -> Batch:
        """Return batch `number` of an endless run; `chance` draws its variants and latents."""
        sizes = [variants[0].size for variants in self.variants]
        indices = batch_at(sizes, self.batch, self.seed, number)
        return self.of(indices, chance, texts)

    def of(self, indices: Sequence[int], chance: torch.Generator, texts: Texts) -> Batch:
        """Return these examples, which are of one size, as a batch."""
        chosen = [self._variant(index, chance) for index in indices]
        conditions = [
            texts.condition(self.examples[index].caption, encoded)
            for index, encoded in zip(indices, chosen, strict=True)
        ]
        latents = [encoded.draw(chance) for encoded in chosen]
        return Batch(clean=torch.cat(latents), conditions=conditions)

    def _variant(self, index: int, chance: torch.Generator) -> Encoded:
        variants = self.variants[index]
        if len(variants) == 1:
            return variants[0]
        return variants[int(torch.randint(len(variants), (), generator=chance))]


def encode(
    model: Model, examples: Sequence[Example], recipe: Recipe
) -> Iterator[Sequence[Encoded]]:
    """Encode the examples' pictures, one example at a time: yield the variants of each."""
    side = recipe.side or min(model.card.width, model.card.height)
    augmented = recipe.flip or recipe.crop or recipe.colour
    for index, example in enumerate(examples):
        picture = example.open()
        size = bucket_of(picture.size, side, model.latent_format.multiple)
        seeds = range(recipe.variants if augmented else 1)
        chances = [chance_of(recipe.seed, index, seed) for seed in seeds]
        yield [_encoded(model, picture, size, recipe, chance) for chance in chances]


def _encoded(
    model: Model,
    picture: Image.Image,
    size: tuple[int, int],
    recipe: Recipe,
    chance: torch.Generator,
) -> Encoded:
    picture, left, top = varied(picture, size, recipe, chance)
    with torch.no_grad():
        mean, deviation = model.latents_of(resized(picture, *size))
    return Encoded(mean=mean, deviation=deviation, size=size, left=left, top=top)


def varied(
    picture: Image.Image, size: tuple[int, int], recipe: Recipe, chance: torch.Generator
) -> tuple[Image.Image, int, int]:
    """Return a variant of a picture as the recipe asks, and where it was cropped."""
    draw = torch.rand(7, generator=chance).tolist()
    left = top = 0
    if recipe.flip and draw[0] < 0.5:
        picture = ImageOps.mirror(picture)
    if recipe.crop:
        picture, left, top = _cropped(picture, size, draw[1:4])
    if recipe.colour:
        kinds = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
        for kind, value in zip(kinds, draw[4:], strict=True):
            picture = kind(picture).enhance(1 + COLOUR * (2 * value - 1))
    return picture, left, top


def _cropped(
    picture: Image.Image, size: tuple[int, int], draw: Sequence[float]
) -> tuple[Image.Image, int, int]:
    """Crop a part of the bucket's shape at a random place."""
    width, height = picture.size
    scale = min(width / size[0], height / size[1]) * (CROPPED + (1 - CROPPED) * draw[0])
    across, down = int(size[0] * scale), int(size[1] * scale)
    left, top = int((width - across) * draw[1]), int((height - down) * draw[2])
    part = picture.crop((left, top, left + across, top + down))
    return part, int(left / scale), int(top / scale)


class CachedTexts:
    """The conditions of captions, each encoded once, all of one length."""

    def __init__(self, model: Model, captions: Sequence[str]) -> None:
        read = model.text_encoders.read
        with torch.no_grad():
            texts = {caption: read(literal(caption)) for caption in dict.fromkeys(captions)}
            empty = read("")
        longest = max(text.states.shape[1] for text in texts.values())
        self._encoders = model.text_encoders
        self._texts = {caption: lengthened(text, empty, longest) for caption, text in texts.items()}

    def condition(self, caption: str, encoded: Encoded) -> Condition:
        """Return the condition of a row."""
        condition = self._encoders.condition(self._texts[caption], *encoded.size)
        return cropped(condition, encoded)


class LiveTexts:
    """The conditions of captions, encoded anew each time by text encoders that are trained."""

    def __init__(self, model: Model) -> None:
        self._encoders = model.text_encoders

    def condition(self, caption: str, encoded: Encoded) -> Condition:
        """Return the condition of a row, through which gradients flow."""
        text = self._encoders.encode(literal(caption))
        return cropped(self._encoders.condition(text, *encoded.size), encoded)


def cropped(condition: Condition, encoded: Encoded) -> Condition:
    """Add where the picture was cropped, for the families that are conditioned on it.

    SDXL (Podell et al., arXiv 2307.01952, section 2.2).
    """
    if "time_ids" not in condition.added or not (encoded.left or encoded.top):
        return condition
    ids = condition.added["time_ids"].clone()
    ids[:, 2], ids[:, 3] = encoded.top, encoded.left
    return dataclasses.replace(condition, added={**condition.added, "time_ids": ids})
