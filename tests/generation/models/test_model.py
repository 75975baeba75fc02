"""Which models can be loaded, and the sentence for one that cannot."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from generation.catalog.entries import ModelUnavailable
from generation.engine.session import open_engine
from generation.models.loading import load_model
from generation.protocol.options import WorkerOptions
from tests.single_file import write_single_file
from tests.tiny import build_tiny, build_unet


def load(model: object) -> None:
    load_model(WorkerOptions(model=str(model), device="cpu"))


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "pytorch_model.bin"])
def test_files_that_could_run_code_are_never_opened(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")

    with pytest.raises(ModelUnavailable, match=r"use a \.safetensors file"):
        load(tmp_path / name)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"has no model_index\.json"):
        load(tmp_path)


def test_a_model_of_another_kind_is_refused(folder: Path) -> None:
    index = folder / "model_index.json"
    kind = json.loads(index.read_text()) | {"_class_name": "FluxPipeline"}
    index.write_text(json.dumps(kind))

    with pytest.raises(ModelUnavailable, match="a model for FluxPipeline; Konomi runs Stable"):
        load(folder)


def test_a_model_that_predicts_something_else_is_refused(folder: Path) -> None:
    file = folder / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"prediction_type": "sample"}))

    with pytest.raises(ModelUnavailable, match="predicts sample, which Konomi does not know"):
        load(folder)


def test_an_inpainting_model_is_refused(folder: Path) -> None:
    build_unet(in_channels=9).save_pretrained(folder / "unet")

    with pytest.raises(ModelUnavailable, match="9 input channels"):
        load(folder)


def test_damaged_weights_are_said_in_a_sentence(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])

    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load(folder)


def test_pickled_weights_in_a_folder_are_not_fallen_back_to(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({}, folder / "unet" / "diffusion_pytorch_model.bin")
    weights.unlink()

    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load(folder)


def test_half_precision_files_are_loaded_where_there_are_no_others(folder: Path) -> None:
    for part, stem in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model")):
        weights = folder / part / f"{stem}.safetensors"
        weights.rename(folder / part / f"{stem}.fp16.safetensors")

    model = load_model(WorkerOptions(model=str(folder), device="cpu"))

    assert model.unet.dtype is torch.float32


def test_a_single_file_is_the_model_that_it_was_made_of(tiny_folder: Path, tmp_path: Path) -> None:
    # What a single file leaves out is taken from SD 1.5 in the cache: here, a tiny one.
    repo = tmp_path / "models--stable-diffusion-v1-5--stable-diffusion-v1-5"
    shutil.copytree(tiny_folder, repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    file = write_single_file(tiny_folder, tmp_path / "my favourite.safetensors")

    model = load_model(WorkerOptions(model=str(file), device="cpu", models_dir=tmp_path))

    original = load_model(WorkerOptions(model=str(tiny_folder), device="cpu"))
    assert model.card.name == "my favourite"
    latents = torch.randn(1, 4, 12, 12)
    text = original.text_encoders.read("a red circle").states
    assert torch.equal(model.text_encoders.read("a red circle").states, text)
    assert torch.equal(model.decode(latents), original.decode(latents))
    ours, theirs = (m.unet(latents, 500, text).sample for m in (model, original))
    assert torch.equal(ours, theirs)


def test_a_single_file_without_its_tokenizer_says_what_to_fetch(
    tiny_folder: Path, tmp_path: Path
) -> None:
    file = write_single_file(tiny_folder, tmp_path / "model.safetensors")

    with pytest.raises(ModelUnavailable, match=r"python -m generation fetch sd15"):
        load_model(WorkerOptions(model=str(file), device="cpu", models_dir=tmp_path))


def test_a_device_that_is_not_there_is_said_in_a_sentence(tiny_folder: Path) -> None:
    with pytest.raises(ModelUnavailable, match="There is no device cuda:7 here"):
        load_model(WorkerOptions(model=str(tiny_folder), device="cuda:7"))


def test_the_card_knows_the_native_size(tmp_path: Path) -> None:
    folder = build_tiny(tmp_path / "my model")
    card = load_model(WorkerOptions(model=str(folder), device="cpu")).card

    assert (card.name, card.width, card.height, card.device) == ("my model", 96, 96, "CPU")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_model_without_room_in_memory_is_not_called_broken(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def short(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(UNet2DConditionModel, "from_pretrained", short)
    wished = WorkerOptions(model=str(tiny_folder), device="cpu")
    with pytest.raises(ModelUnavailable, match="does not fit into the memory"), open_engine(wished):
        pass
