"""CLIP's embeddings, by the embedded one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import EMBEDDED
from generation.shapes.evaluation.similarity import clip_embedder, clip_words
from generation.shapes.world import Scene, draw
from generation.training.clip import Clip, directional_similarity

RED = Scene(shape="star", colour="red", background="white", fill="solid", size="large")
BLUE = Scene(shape="star", colour="blue", background="white", fill="solid", size="large")
SAID = ["a large red star on a white background", "a large blue star on a white background"]


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip.load(EMBEDDED / "clip")


def test_both_towers_see_what_the_studies_see(clip: Clip) -> None:
    pictures = [draw(RED), draw(BLUE)]
    assert torch.allclose(
        clip.images(pictures), torch.from_numpy(clip_embedder(EMBEDDED)(pictures)), atol=1e-5
    )
    assert torch.allclose(clip.texts(SAID), torch.from_numpy(clip_words(EMBEDDED)(SAID)), atol=1e-5)


def test_nothing_is_embedded_as_no_rows(clip: Clip) -> None:
    assert clip.images([]).shape == clip.texts([]).shape == (0, 128)


def test_a_change_as_said_has_the_direction_of_the_words(clip: Clip) -> None:
    before, after = clip.images([draw(RED), draw(BLUE)]).split(1)
    was, wanted = clip.texts(SAID).split(1)
    along = directional_similarity(before, after, was, wanted).item()
    against = directional_similarity(before, after, wanted, was).item()
    assert along > 0.5
    assert against == pytest.approx(-along, abs=1e-5)


def test_no_change_has_no_direction(clip: Clip) -> None:
    picture = clip.images([draw(RED)])
    was, wanted = clip.texts(SAID).split(1)
    assert directional_similarity(picture, picture, was, wanted).item() == 0


@pytest.mark.parametrize("lost", ["preprocessor_config.json", "config.json", "model.safetensors"])
def test_a_folder_that_lacks_a_part_is_refused(tmp_path: Path, lost: str) -> None:
    shutil.copytree(EMBEDDED / "tokenizer", tmp_path / "tokenizer")
    folder = shutil.copytree(EMBEDDED / "clip", tmp_path / "clip")
    (folder / lost).unlink()
    with pytest.raises(ModelUnavailable, match="Download"):
        Clip.load(folder)


def test_weights_that_are_missing_are_never_random(tmp_path: Path) -> None:
    shutil.copytree(EMBEDDED / "tokenizer", tmp_path / "tokenizer")
    folder = shutil.copytree(EMBEDDED / "clip", tmp_path / "clip")
    weights = load_file(folder / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable, match="lacks 1"):
        Clip.load(folder)
