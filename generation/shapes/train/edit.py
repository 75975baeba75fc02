"""Train the editing UNet: InstructPix2Pix (Brooks, Holynski and Efros 2023) on drawn pairs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from generation.shapes.captions import Language
from generation.shapes.instructions import Edit, instruction, random_edit
from generation.shapes.train.denoising import Draw, Rows
from generation.shapes.world import Scene

CHANNELS = 8
"""Input channels: four of noisy latents, four of the latents of the image to be edited."""
INSTRUCTIONS: tuple[Language, ...] = ("en", "ja")
"""Languages of the instructions of each pair."""
UNSAID = 0.05
"""Share of rows without an instruction, of rows without an image, and of rows without either, for
classifier-free guidance by both (§3.2.1)."""


def build(painter: UNet2DConditionModel) -> UNet2DConditionModel:
    """Return the text-to-image UNet with four more input channels, their weights zero (§3.2).

    A UNet that already has them is returned unchanged and continues training.
    """
    if painter.config.in_channels == CHANNELS:
        return painter
    editor = UNet2DConditionModel.from_config({**painter.config, "in_channels": CHANNELS})
    weights = painter.state_dict()
    first = torch.zeros_like(editor.conv_in.weight)
    first[:, :4] = weights["conv_in.weight"]
    editor.load_state_dict({**weights, "conv_in.weight": first})
    return editor


def edits(scenes: Sequence[Scene], seed: int) -> list[Edit]:
    """Make one random edit of each scene."""
    random = Random(f"edits/{seed}")
    return [random_edit(random, scene) for scene in scenes]


def instructions(pairs: Sequence[Edit], seed: int) -> list[str]:
    """Write each edit's instructions in the languages of `INSTRUCTIONS`, edit by edit."""
    random = Random(f"instructions/{seed}")
    return [instruction(pair, random, language) for pair in pairs for language in INSTRUCTIONS]


def editing(before: Tensor, after: Tensor, scale: float, texts: np.ndarray) -> Draw:
    """Return a function that draws pairs, each with one of its instructions.

    before, after: (N, 4, h, w) unscaled latents.  Those of the image to be edited stay unscaled, as
    in the published model.
    """

    def draw(count: int, chance: torch.Generator) -> Rows:
        chosen = torch.randint(0, len(before), (count,), generator=chance)
        worded = chosen * len(INSTRUCTIONS) + torch.randint(
            0, len(INSTRUCTIONS), (count,), generator=chance
        )
        beside = before[chosen].clone()
        drop = torch.rand(count, generator=chance)
        worded[drop < 2 * UNSAID] = len(texts) - 1
        beside[(drop >= UNSAID) & (drop < 3 * UNSAID)] = 0
        words = torch.from_numpy(texts[worded.numpy()]).float()
        return Rows(clean=after[chosen] * scale, words=words, beside=beside)

    return draw
