"""Edit training: from folders of pairs to an editing UNet that a model loads."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageOps

from generation.images.tensors import resized
from generation.models.loading import load_model
from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.events import CheckpointSaved, Event, Trained
from generation.protocol.options import WorkerOptions
from generation.protocol.problems import Code
from generation.protocol.training import Checkpoints, EditTraining, Recipe, Train
from generation.requests.refused import Refused
from generation.training.controls import Controls
from generation.training.data.dataset import Batch
from generation.training.methods.edit import dropped, encode_pairs, read_pairs, widened
from generation.training.run import run
from generation.training.twin import copy_of
from tests.tiny import load_tiny

RECIPE = Recipe(steps=2, rate=1e-3, batch=2, flip=True, variants=2, side=32)


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Model:
    return load_tiny(tiny_folder)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    folder = tmp_path / "pairs"
    folder.mkdir()
    rows = []
    for number, (old, new) in enumerate((("red", "blue"), ("green", "red"), ("blue", "white"))):
        for name, colour in ((f"{number}-a.png", old), (f"{number}-b.png", new)):
            picture = Image.new("RGB", (48, 48), "black")
            picture.paste(colour, (0, 0, 20, 30))
            picture.save(folder / name)
        rows.append(
            {
                "input_image": f"{number}-a.png",
                "edited_image": f"{number}-b.png",
                "edit_prompt": f"make it {new}",
            }
        )
    write(folder, rows)
    return folder


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    lines = [json.dumps(row) for row in rows]
    (folder / "metadata.jsonl").write_text("\n".join(lines), encoding="utf-8")


def request_for(model: Model, data: Path, out: Path, **recipe: Any) -> Train:
    out.mkdir()
    return Train(
        job="train",
        model=model.card.name,
        method=EditTraining(),
        data=data,
        out=out,
        recipe=dataclasses.replace(RECIPE, **recipe),
        checkpoints=Checkpoints(every=2, sample_steps=1, prompts=("make it blue",)),
        name="editor",
    )


def trained(model: Model, request: Train) -> list[Event]:
    return list(run(model, request, Controls()))


def test_pairs_are_read_by_either_name(pairs: Path) -> None:
    examples = read_pairs(pairs)
    assert [each.caption for each in examples] == ["make it blue", "make it red", "make it white"]
    assert [each.name for each in examples] == ["0-b.png", "1-b.png", "2-b.png"]
    write(
        pairs,
        [
            {
                "input_image_file_name": "0-a.png",
                "edited_image_file_name": "0-b.png",
                "edit_prompt": "make it blue",
            }
        ],
    )
    assert read_pairs(pairs) == examples[:1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"edit_prompt": " "}, Code.TRAIN_NO_PAIRS),
        ({"edit_prompt": None}, Code.TRAIN_NO_PAIRS),
        ({"input_image": None}, Code.TRAIN_NO_PAIRS),
        ({"input_image": "../0-a.png"}, Code.TRAIN_NAME),
        ({"edited_image": "9.png"}, Code.TRAIN_MISSING),
        ({"edited_image": "broken.png"}, Code.TRAIN_PICTURE),
    ],
)
def test_pairs_that_are_none_are_refused(pairs: Path, change: dict[str, Any], code: Code) -> None:
    (pairs / "broken.png").write_bytes(b"\x89PNG")
    usual = {"input_image": "0-a.png", "edited_image": "0-b.png", "edit_prompt": "make it blue"}
    write(pairs, [usual | change])
    with pytest.raises(Refused) as refused:
        read_pairs(pairs)
    assert refused.value.problem.code is code


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    for folder, code in ((tmp_path, Code.TRAIN_NO_PAIRS), (tmp_path / "x", Code.TRAIN_NO_FOLDER)):
        with pytest.raises(Refused) as refused:
            read_pairs(folder)
        assert refused.value.problem.code is code


def test_a_widened_unet_predicts_what_it_did_whatever_is_beside(model: Model) -> None:
    editor = widened(copy_of(model.unet), 4).eval()
    trained = dataclasses.replace(model, editor=editor)
    sample, beside = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    rows = [model.unconditional(64, 64)] * 2
    timesteps = torch.tensor([100.0, 900.0])
    with torch.inference_mode():
        plain = model.predict(sample, timesteps, rows)
        wide = trained.predict(torch.cat([sample, beside], dim=1), timesteps, rows)
    assert torch.allclose(plain, wide, atol=1e-5)
    assert editor.config.in_channels == 8
    assert model.unet.config.in_channels == model.unet.conv_in.in_channels == 4


def test_a_training_makes_an_editor_that_the_model_loads(
    model: Model, tiny_folder: Path, pairs: Path, tmp_path: Path
) -> None:
    before = {name: each.clone() for name, each in model.unet.state_dict().items()}
    request = request_for(model, pairs, tmp_path / "out")
    *events, ended = trained(model, request)
    assert isinstance(ended, Trained)
    [saved] = [event for event in events if isinstance(event, CheckpointSaved)]
    assert saved.sheet is not None
    assert saved.sheet.is_file()
    loaded = load_model(
        WorkerOptions(model=str(tiny_folder), editor=str(ended.result), device="cpu")
    )
    assert loaded.editor is not None
    assert loaded.editor.conv_in.weight[:, 4:].abs().max() > 0, "it has learned from the picture"
    assert all(torch.equal(before[name], each) for name, each in model.unet.state_dict().items())


def test_the_same_training_twice_is_the_same_to_the_bit(
    model: Model, pairs: Path, tmp_path: Path
) -> None:
    ended = [trained(model, request_for(model, pairs, tmp_path / name))[-1] for name in "ab"]
    assert isinstance(ended[0], Trained)
    assert isinstance(ended[1], Trained)
    assert ended[0].digest == ended[1].digest


def test_both_pictures_of_a_pair_are_flipped_alike(
    model: Model, pairs: Path, tmp_path: Path
) -> None:
    request = request_for(model, pairs, tmp_path / "out", variants=8)
    encoding = encode_pairs(model, request, read_pairs(pairs))
    try:
        while True:
            next(encoding)
    except StopIteration as end:
        found = end.value
    with Image.open(pairs / "0-a.png") as opened:
        picture = opened.convert("RGB")
    plain, mirrored = (
        model.image_latents(resized(each, 32, 32)) for each in (picture, ImageOps.mirror(picture))
    )
    assert not torch.allclose(plain, mirrored)
    kinds = set()
    for edited, source in zip(found.variants[0], found.sources[0], strict=True):
        flipped = torch.allclose(source, mirrored, atol=1e-5)
        assert flipped or torch.allclose(source, plain, atol=1e-5)
        kinds.add((flipped, round(float(edited.mean[0, 0, 0, 0]), 4)))
    assert len(kinds) == 2, "an edited picture for each of the two, always the same"


def test_a_twentieth_each_goes_without_text_image_and_both(model: Model) -> None:
    count = 4000
    said, empty = model.encode_prompt("make it blue", "", 2.0, 32, 32)
    assert empty is not None
    rows = Batch(
        clean=torch.zeros(count, 1, 1, 1),
        conditions=[said] * count,
        beside=torch.ones(count, 1, 1, 1),
    )
    left = dropped(rows, [empty] * count, EditTraining(), chance_of(1))
    assert left.beside is not None
    text = torch.tensor([each is empty for each in left.conditions])
    image = left.beside.flatten() == 0
    for share in (text & ~image, image & ~text, text & image):
        assert share.float().mean().item() == pytest.approx(0.05, abs=0.012)
