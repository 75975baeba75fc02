"""The study of edit training: how far pairs that the model itself painted bring its editing.

The text-to-image UNet is widened and trained on pairs by Prompt-to-Prompt (`training.pairs`), and
compared with where it began and with the editing UNet that was trained on drawn pairs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from random import Random

from generation.catalog.files import locate
from generation.models.model import Model
from generation.shapes.captions import ATTRIBUTES, caption, random_said
from generation.shapes.evaluation.instructed import LANGUAGES
from generation.shapes.instructions import instruction, random_edit
from generation.shapes.world import random_scene
from generation.training.clip import Clip
from generation.training.pairs.edit_prompts import EditPrompt
from generation.training.pairs.folder import UNFILTERED
from generation.training.pairs.making import PairSettings, PairsProgress, make_pairs

PAINTED = PairSettings(
    samples=4, guidance=(1.5, 3.0), steps=10, scheduler="ddim", filter=UNFILTERED
)
"""The embedded model's guidance is about 2; of its pairs all are kept, and the arms choose."""


def edit_prompts(count: int, seed: int) -> list[EditPrompt]:
    """Write edit prompts of random scenes, by turns in English and in Japanese.

    Every other caption names everything; the others leave out attributes, as people's do, and of
    what no caption names nothing holds the two pictures together but the attention they share.
    """
    random = Random(f"edit training/{seed}")
    prompts = []
    for number in range(count):
        edit = random_edit(random, random_scene(random))
        language = LANGUAGES[number % len(LANGUAGES)]
        said = set(ATTRIBUTES)
        if number // len(LANGUAGES) % 2:
            said = random_said(random) | {edit.attribute}
        before, after = (
            caption(scene, said, Random(f"{seed}/{number}"), language)
            for scene in (edit.before, edit.after)
        )
        words = instruction(edit, random, language)
        prompts.append(EditPrompt(caption=before, instruction=words, edited=after))
    return prompts


def paint_pool(model: Model, out: Path, *, count: int, seed: int) -> Iterator[PairsProgress]:
    """Paint four pairs of each prompt, all of which are kept; goes on where it was stopped."""
    settings = dataclasses.replace(PAINTED, seed=seed)
    clip = Clip.load(locate(model.card.name) / "clip")
    yield from make_pairs(model, clip, edit_prompts(count, seed), out, settings)
