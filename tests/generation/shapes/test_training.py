"""Samples that training draws, and the functions that its results depend on."""

from __future__ import annotations

from pathlib import Path
from pickle import PicklingError
from random import Random

import numpy as np
import pytest
import torch

from generation.shapes.train import edit, unet
from generation.shapes.train.data import save_array, scenes
from generation.shapes.train.denoising import TrainingPlan, train
from generation.shapes.train.loop import Share
from generation.shapes.train.scribbles import scribble
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import FILLS, SHAPES


def test_training_draws_neither_held_out_combinations_nor_reserved_concepts():
    drawn = scenes(500, seed=1)
    assert not any(scene.held_out for scene in drawn)
    assert {scene.shape for scene in drawn} == set(SHAPES)
    assert {scene.fill for scene in drawn} == set(FILLS)
    assert drawn[:20] == scenes(20, seed=1)


def test_scribbles_are_the_same_for_the_same_seed():
    assert scribble(Random("a")).tobytes() == scribble(Random("a")).tobytes()
    assert scribble(Random("a")).tobytes() != scribble(Random("b")).tobytes()


def test_a_cache_is_written_whole_or_not_at_all(tmp_path: Path):
    """A cut-off cache of text states once passed for whole: a fifth of it was zeros."""
    with pytest.raises((TypeError, AttributeError, PicklingError)):
        save_array(tmp_path / "texts.npy", np.array([1, lambda: None], dtype=object))
    assert not (tmp_path / "texts.npy").exists()
    save_array(tmp_path / "texts.npy", np.arange(3))
    assert np.load(tmp_path / "texts.npy").tolist() == [0, 1, 2]


def texts_of(count: int) -> np.ndarray:
    """States that say their own number, the empty prompt's the last."""
    numbers = np.arange(count + 1, dtype=np.float16)[:, None, None]
    return np.broadcast_to(numbers, (count + 1, LENGTH, 128))


def test_a_picture_is_shown_with_one_of_its_own_captions_or_none():
    latents = torch.arange(8.0).view(8, 1, 1, 1).expand(8, 4, 12, 12)
    draw = unet.painting(latents, 0.5, texts_of(8 * len(unet.CAPTIONS)))
    rows = draw(2000, torch.Generator().manual_seed(0))
    numbers, pictures = rows.words[:, 0, 0], rows.clean[:, 0, 0, 0] / 0.5
    empty = numbers == 8 * len(unet.CAPTIONS)
    assert empty.float().mean().item() == pytest.approx(unet.UNSAID, abs=0.02)
    assert torch.equal((numbers // len(unet.CAPTIONS))[~empty], pictures[~empty])


def test_instructions_and_pictures_are_left_out_apart_and_together():
    before = torch.ones(8, 4, 12, 12)
    draw = edit.editing(before, before, 1.0, texts_of(8 * len(edit.INSTRUCTIONS)))
    rows = draw(4000, torch.Generator().manual_seed(0))
    assert rows.beside is not None
    wordless = rows.words[:, 0, 0] == 8 * len(edit.INSTRUCTIONS)
    blind = rows.beside[:, 0, 0, 0] == 0
    for share in (wordless & ~blind, wordless & blind, blind & ~wordless):
        assert share.float().mean().item() == pytest.approx(edit.UNSAID, abs=0.012)


def test_the_editing_unet_begins_as_the_painting_one():
    torch.manual_seed(0)
    painter = unet.build().eval()
    editor = edit.build(painter).eval()
    sample, words = torch.randn(1, 4, 12, 12), torch.randn(1, LENGTH, 128)
    beside = torch.randn(1, 4, 12, 12)
    with torch.inference_mode():
        painted = painter(sample, 500, words).sample
        edited = editor(torch.cat([sample, beside], dim=1), 500, words).sample
    assert torch.allclose(painted, edited, atol=1e-5)
    assert edit.build(editor) is editor


def test_training_goes_on_where_it_stopped(tmp_path):
    latents = torch.randn((16, 4, 12, 12), generator=torch.Generator().manual_seed(1))
    draw = unet.painting(latents, 1.0, texts_of(16 * len(unet.CAPTIONS)) / 64)

    def trained(folder, *stops):
        folder.mkdir()
        for steps in stops:
            torch.manual_seed(0)
            plan = TrainingPlan(steps=4, batch=2, save_every=1, stop_after=steps)
            last = train(unet.build(), draw, folder, "unet", plan=plan, share=Share())
        return last.conv_in.weight

    straight, in_parts = trained(tmp_path / "straight", 4), trained(tmp_path / "parts", 2, 4)
    assert torch.allclose(straight, in_parts, atol=1e-6)
