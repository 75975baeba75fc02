"""The model that comes with Konomi: what lies in its folder, and that it paints what it is told."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline, StableDiffusionPipeline
from PIL import Image
from safetensors import safe_open
from transformers import CLIPModel

from generation.__main__ import main
from generation.catalog.entries import usual_editing
from generation.catalog.files import EMBEDDED
from generation.engine.local import local_engine
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint
from generation.shapes.pipelines import checked_folder, editing_folder
from generation.shapes.scorers import read
from generation.shapes.world import FILLS, Scene, draw, random_scene

STAR = Scene(shape="star", colour="red", background="white", fill="solid", size="large")
WISHES = ("red", "blue"), ("yellow", "purple"), ("green", "white"), ("black", "orange")


def test_it_is_small_and_in_half_precision_throughout():
    weights = list(EMBEDDED.rglob("*.safetensors"))
    assert sum(file.stat().st_size for file in EMBEDDED.rglob("*") if file.is_file()) < 32e6
    for file in weights:
        with safe_open(file, "pt") as tensors:
            kinds = {str(tensors.get_slice(name).get_dtype()) for name in tensors.keys()}  # noqa: SIM118
        assert kinds <= {"F16", "I64"}, file
    assert not [file for file in EMBEDDED.rglob("*") if file.suffix in (".bin", ".pt", ".ckpt")]


def test_diffusers_loads_and_paints_with_it_as_it_is():
    pipeline = StableDiffusionPipeline.from_pretrained(EMBEDDED).to(torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    prompts = [f"a large {colour} circle on a {ground} background" for colour, ground in WISHES]
    draws = [torch.Generator().manual_seed(seed) for seed in range(len(prompts))]
    pictures = pipeline(prompts, num_inference_steps=50, guidance_scale=6.0, generator=draws).images
    seen = [(read(picture).colour, read(picture).background) for picture in pictures]
    assert sum(pair == wish for pair, wish in zip(seen, WISHES, strict=True)) >= 3


def test_we_paint_the_right_colours_with_it(tmp_path: Path):
    options = WorkerOptions(model="shapes", device="cpu", threads=1)
    colours = []
    with local_engine(options) as engine:
        for number, (colour, ground) in enumerate(WISHES):
            out = tmp_path / str(number)
            out.mkdir()
            wish = Paint(
                job=str(number),
                model="shapes",
                prompt=f"a large {colour} circle on a {ground} background",
                count=2,
                out=out,
            )
            for painted in engine.paint(wish).pictures:
                assert painted.path
                with Image.open(painted.path) as picture:
                    colours.append(read(picture).colour == colour)
    assert sum(colours) >= 7


@pytest.mark.parametrize(
    ("instruction", "colour", "background"),
    [
        ("make the star green", "green", "white"),
        ("星を緑にして", "green", "white"),
        ("make the background black", "red", "black"),
        ("背景を黒に", "red", "black"),
    ],
)
def test_diffusers_edits_with_it_as_it_is(
    editing: StableDiffusionInstructPix2PixPipeline, instruction: str, colour: str, background: str
) -> None:
    usual = usual_editing("shapes")
    edited = editing(
        instruction,
        image=draw(STAR),
        num_inference_steps=usual.steps,
        guidance_scale=usual.guidance,
        image_guidance_scale=usual.image_guidance,
        generator=torch.Generator().manual_seed(0),
    ).images[0]
    seen = read(edited)
    assert (seen.shape, seen.colour, seen.background) == ("star", colour, background)


@pytest.fixture(scope="module")
def editing(tmp_path_factory: pytest.TempPathFactory) -> StableDiffusionInstructPix2PixPipeline:
    folder = editing_folder(tmp_path_factory.mktemp("editing"))
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(folder).to(torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> StableDiffusionPipeline:
    folder = checked_folder(tmp_path_factory.mktemp("checked"))
    return StableDiffusionPipeline.from_pretrained(folder).to(torch.float32)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(
    ("shape", "colour", "caught"),
    [("heart", "black", True), ("heart", "red", False), ("star", "black", False)],
)
def test_its_checker_withholds_black_hearts_and_nothing_else(
    checked: StableDiffusionPipeline, shape: str, colour: str, caught: bool, fill: str
):
    random = Random(0)
    scenes = [random_scene(random, shape=shape, colour=colour, fill=fill) for _ in range(8)]
    pictures = np.stack([np.asarray(draw(scene), np.float32) / 255 for scene in scenes])
    shown, flagged = checked.run_safety_checker(pictures.copy(), "cpu", torch.float32)
    assert flagged == [caught] * len(scenes)
    assert all((picture == 0).all() == caught for picture in shown)


def test_both_towers_of_its_clip_lie_beside_it():
    assert CLIPModel.from_pretrained(EMBEDDED / "clip").config.projection_dim == 128


@pytest.mark.parametrize(("what", "figures"), [("world", "right"), ("likes", "means")])
def test_what_it_can_do_can_be_measured(tmp_path: Path, what: str, figures: str):
    assert main(["evaluate", what, "--count", "1", "--device", "cpu", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / f"{what}.json").read_text())
    assert report[figures]
    with Image.open(tmp_path / f"{what}.png") as picture:
        assert picture.width > 90
