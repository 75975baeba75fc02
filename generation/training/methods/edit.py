"""An editing UNet by InstructPix2Pix, from pairs of pictures with an instruction.

Brooks, Holynski and Efros (arXiv 2211.09800, section 3.2): the text-to-image UNet gets the latents
of the picture to be edited as further input channels, whose weights begin at zero.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from torch import Tensor, nn

from generation.images.tensors import digest_of, resized
from generation.models.conditioning import Condition, lengthened
from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.events import Stage, TrainProgress
from generation.protocol.problems import Code
from generation.protocol.training import EditTraining, Recipe, Train
from generation.requests.refused import Refused
from generation.training.checkpoints import disk_errors_raised
from generation.training.data.buckets import batch_at
from generation.training.data.dataset import Batch, CachedTexts, Encoded, cropped, encode, varied
from generation.training.data.folders import (
    METADATA,
    MOST_EXAMPLES,
    Example,
    open_picture,
    read_named,
    rows_of,
)
from generation.training.data.preparation import MOST_VALIDATED
from generation.training.loop import TrainingTask
from generation.training.objectives import denoising_losses, fixed_losses
from generation.training.twin import copy_of, model_with

BEFORE, AFTER, INSTRUCTION = "input_image", "edited_image", "edit_prompt"
"""Keys of metadata.jsonl, as diffusers' script for InstructPix2Pix names its columns; both names of
files may end in `_file_name`, as Hugging Face's image folders have it."""
SAMPLED = 4
"""Pairs whose pictures the sample grid edits."""


def read_pairs(folder: Path) -> list[Example]:
    """Read a folder of pairs: metadata.jsonl names two pictures and an instruction a line.

    An example is the edited picture with the instruction; `about` names the other one.  Raises
    `Refused`.
    """
    file = folder / METADATA
    if not folder.is_dir():
        raise Refused(Code.TRAIN_NO_FOLDER, folder=str(folder))
    examples = []
    for row in rows_of(file) if file.is_file() else ():
        before, after = (row.get(name, row.get(f"{name}_file_name")) for name in (BEFORE, AFTER))
        instruction = row.get(INSTRUCTION)
        if None in (before, after) or not isinstance(instruction, str) or not instruction.strip():
            raise Refused(Code.TRAIN_NO_PAIRS, folder=folder.name)
        paths = [read_named(folder, name) for name in (before, after)]
        for path in paths:
            open_picture(path)  # a bad one is found before anything is trained
        examples.append(
            Example(
                path=paths[1],
                digest=digest_of(b"".join(path.read_bytes() for path in paths)),
                caption=" ".join(instruction.split()),
                about={BEFORE: paths[0].name},
            )
        )
    if not examples:
        raise Refused(Code.TRAIN_NO_PAIRS, folder=folder.name)
    if len(examples) > MOST_EXAMPLES:
        raise Refused(Code.TRAIN_TOO_MANY, given=len(examples), most=MOST_EXAMPLES)
    return examples


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairSet:
    """Pairs with cached latents, in the same variants of both pictures.

    variants: of the edited pictures; sources: of those to be edited, as `Model.image_latents`.
    """

    model: Model
    examples: Sequence[Example]
    variants: Sequence[Sequence[Encoded]]
    sources: Sequence[Sequence[Tensor]]
    texts: CachedTexts
    recipe: Recipe

    def rows(self, number: int, chance: torch.Generator) -> tuple[Batch, list[Condition]]:
        """Return batch `number` of an endless run, and its conditions without an instruction."""
        sizes = [variants[0].size for variants in self.variants]
        indices = batch_at(sizes, self.recipe.batch, self.recipe.seed, number)
        places = [
            (index, int(torch.randint(len(self.variants[index]), (), generator=chance)))
            for index in indices
        ]
        chosen = [self.variants[index][variant] for index, variant in places]
        rows = Batch(
            clean=torch.cat([each.draw(chance) for each in chosen]),
            conditions=[
                self.texts.condition(self.examples[index].caption, each)
                for index, each in zip(indices, chosen, strict=True)
            ],
            beside=torch.cat([self.sources[index][variant] for index, variant in places]),
        )
        return rows, [self._unsaid(*pair) for pair in zip(rows.conditions, chosen, strict=True)]

    def validated(self) -> list[Batch]:
        """Return the rows of the fixed validation: some edited pictures' own means."""
        every = max(1, len(self.examples) // MOST_VALIDATED)
        return [
            Batch(
                clean=self.variants[index][0].mean,
                conditions=[
                    self.texts.condition(self.examples[index].caption, self.variants[index][0])
                ],
                beside=self.sources[index][0],
            )
            for index in range(0, len(self.examples), every)
        ]

    def _unsaid(self, said: Condition, encoded: Encoded) -> Condition:
        """Return the condition without an instruction, as guidance uses it."""
        encoders = self.model.text_encoders
        empty = encoders.read_negative("")
        empty = lengthened(empty, empty, said.states.shape[1])
        return cropped(encoders.condition(empty, *encoded.size), encoded)


def begin(
    model: Model, request: Train, method: EditTraining, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train an editing UNet, which begins as the text-to-image one."""
    pairs = yield from encode_pairs(model, request, examples)
    editor = widened(copy_of(model.unet), model.latent_format.channels)
    editor.to(memory_format=model.memory_format)
    trained = dataclasses.replace(model_with(model), editor=editor)
    levels, gamma = model.training_levels, request.recipe.snr_gamma

    def loss(number: int, chance: torch.Generator) -> Tensor:
        rows = dropped(*pairs.rows(number, chance), method, chance)
        return denoising_losses(trained, rows, levels, chance, gamma).mean()

    def save(folder: Path) -> Path:
        place = folder / request.name
        with disk_errors_raised():
            editor.save_pretrained(place)
        return place

    sampled = examples[:: max(1, len(examples) // SAMPLED)][:SAMPLED]
    return TrainingTask(
        model=trained,
        parameters={f"editor.{name}": each for name, each in editor.named_parameters()},
        loss=loss,
        validation=lambda: fixed_losses(trained, pairs.validated(), levels),
        save=save,
        prompts=[each.caption for each in sampled],
        sources=[_source(model, each) for each in sampled],
        ema_decay=method.ema_decay,
        networks=[editor],
    )


def widened(unet: UNet2DConditionModel, channels: int) -> UNet2DConditionModel:
    """Give a UNet so many further input channels, their weights zero; return it.

    With them it predicts what it predicted without, whatever picture is to be edited.
    """
    first = unet.conv_in
    inputs = first.in_channels + channels
    wide = nn.Conv2d(inputs, first.out_channels, first.kernel_size, padding=first.padding)
    weights = torch.zeros_like(wide.weight)
    weights[:, : first.in_channels] = first.weight.detach()
    wide.weight = nn.Parameter(weights.to(first.weight))
    wide.bias = copy.deepcopy(first.bias)
    unet.conv_in = wide
    unet.register_to_config(in_channels=inputs)
    return unet


def dropped(
    rows: Batch, unsaid: Sequence[Condition], method: EditTraining, chance: torch.Generator
) -> Batch:
    """Leave out the instruction, the picture to be edited, or both, by the method's chances.

    unsaid: the condition of each row without an instruction.
    """
    drawn = torch.rand(len(rows.clean), generator=chance)
    text, image = method.drop_text, method.drop_text + method.drop_image
    both = image + method.drop_both
    without_text = (drawn < text) | ((drawn >= image) & (drawn < both))
    without_image = (drawn >= text) & (drawn < both)
    conditions = [
        empty if drop else said
        for said, empty, drop in zip(rows.conditions, unsaid, without_text.tolist(), strict=True)
    ]
    beside = rows.beside
    if beside is not None:
        beside = torch.where(without_image.view(-1, 1, 1, 1).to(beside.device), 0, beside)
    return dataclasses.replace(rows, conditions=conditions, beside=beside)


def encode_pairs(
    model: Model, request: Train, examples: Sequence[Example]
) -> Generator[TrainProgress, None, PairSet]:
    """Encode both pictures of every pair, one pair at a time."""
    recipe = request.recipe
    variants: list[Sequence[Encoded]] = []
    sources: list[Sequence[Tensor]] = []
    for index, edited in enumerate(encode(model, examples, recipe)):
        picture = _before(examples[index])
        variants.append(edited)
        sources.append(
            [
                _image_latents(
                    model, picture, each.size, recipe, chance_of(recipe.seed, index, seed)
                )
                for seed, each in enumerate(edited)
            ]
        )
        yield TrainProgress(
            job=request.job, stage=Stage.PREPARING, step=index + 1, steps=len(examples)
        )
    return PairSet(
        model=model,
        examples=examples,
        variants=variants,
        sources=sources,
        texts=CachedTexts(model, [each.caption for each in examples]),
        recipe=recipe,
    )


def _image_latents(
    model: Model,
    picture: Image.Image,
    size: tuple[int, int],
    recipe: Recipe,
    chance: torch.Generator,
) -> Tensor:
    """Encode the picture to be edited, flipped and cropped by the same draw as the edited one."""
    picture, _, _ = varied(picture, size, recipe, chance)
    with torch.no_grad():
        return model.image_latents(resized(picture, *size))


def _before(example: Example) -> Image.Image:
    return open_picture(example.path.with_name(str(example.about[BEFORE])))


def _source(model: Model, example: Example) -> Tensor:
    """Encode the picture that a sample edits, at the model's own size."""
    with torch.no_grad():
        return model.image_latents(resized(_before(example), model.card.width, model.card.height))
