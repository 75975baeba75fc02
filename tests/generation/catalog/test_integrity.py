"""A model's files are read as far as it takes to see that none is missing or cut short."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from generation.catalog import integrity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A diffusers folder with a UNet, a tokenizer, and no safety checker."""
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "safety_checker": [None, None],
        "requires_safety_checker": False,
    }
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "unet").mkdir()
    weights(tmp_path)
    return tmp_path


def weights(folder: Path, name: str = "diffusion_pytorch_model.safetensors") -> Path:
    file = folder / "unet" / name
    save_file({"weight": torch.ones(4, 4)}, file, metadata={"format": "pt"})
    return file


def test_a_whole_folder_has_no_faults(folder: Path) -> None:
    assert integrity.faults(folder) == []


def test_the_size_is_that_of_the_weights(folder: Path) -> None:
    assert integrity.size(folder) == weights(folder).stat().st_size


def test_a_missing_part_is_named(folder: Path) -> None:
    (folder / "tokenizer").rmdir()
    assert integrity.faults(folder) == ["The part tokenizer is missing."]


def test_a_part_that_lies_elsewhere_is_looked_for_there(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.safetensors"
    weights(folder).rename(elsewhere)
    assert integrity.faults(folder, {"unet": elsewhere}) == []
    elsewhere.write_bytes(elsewhere.read_bytes()[:-1])
    (fault,) = integrity.faults(folder, {"unet": elsewhere})
    assert "other.safetensors has" in fault


def test_pickled_weights_do_not_count(folder: Path) -> None:
    weights(folder).rename(folder / "unet" / "diffusion_pytorch_model.bin")
    assert integrity.faults(folder) == [
        "The part unet is a pickle, which could run code, and no .safetensors file."
    ]


def test_a_download_cut_short_is_noticed(folder: Path) -> None:
    file = weights(folder)
    file.write_bytes(file.read_bytes()[:-1])
    (fault,) = integrity.faults(folder)
    assert "download it again" in fault


def test_a_missing_shard_is_named(folder: Path) -> None:
    weights(folder).rename(folder / "unet" / "model-1.safetensors")
    shards = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (folder / "unet" / "model.safetensors.index.json").write_text(json.dumps(shards))
    assert integrity.faults(folder) == ["unet/model-2.safetensors is missing."]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty: "),
        (b"PK\3\4", "is not a .safetensors file: "),
        (b"\xff" * 64, "is not a .safetensors file: "),
        (b"\2\0\0\0\0\0\0\0[]", "is not a .safetensors file: "),
        (b"<html>", "is a web page and not a model"),
    ],
)
def test_something_else_by_that_name_is_noticed(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    (fault,) = integrity.faults(file)
    assert fault.startswith(f"model.safetensors {told}")


def test_an_index_that_is_no_json_is_noticed(folder: Path) -> None:
    (folder / "model_index.json").write_text("{")
    (fault,) = integrity.faults(folder)
    assert "is not JSON" in fault
