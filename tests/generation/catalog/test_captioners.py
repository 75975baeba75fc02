"""Caption models on this machine: found, whole, and of a kind that Konomi runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generation.catalog.captioners import check_captioner, locate_captioner
from generation.catalog.download import RemoteFile, needed_to_caption
from generation.catalog.entries import ModelUnavailable
from tests.captioners import build_git


@pytest.fixture
def git_folder(tmp_path: Path) -> Path:
    return build_git(tmp_path / "git")


def test_a_whole_one_is_found(git_folder: Path) -> None:
    assert locate_captioner(str(git_folder)) == git_folder
    assert check_captioner(git_folder, "git") == "GIT"


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("config.json", "it has no config.json"),
        ("model.safetensors", "It has no .safetensors file"),
        ("processor_config.json", "It has no preprocessor_config.json"),
        ("tokenizer.json", "It has no tokenizer.json"),
    ],
)
def test_a_missing_file_is_said(git_folder: Path, lacking: str, said: str) -> None:
    (git_folder / lacking).unlink()
    with pytest.raises(ModelUnavailable, match=said):
        locate_captioner(str(git_folder))


def test_a_file_that_was_cut_short_is_said(git_folder: Path) -> None:
    file = git_folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelUnavailable, match="download it again"):
        locate_captioner(str(git_folder))


@pytest.mark.parametrize("content", ["no JSON", "[]", "{}", '{"architectures": "x"}'])
def test_a_config_that_is_none_is_said(git_folder: Path, content: str) -> None:
    (git_folder / "config.json").write_text(content)
    with pytest.raises(ModelUnavailable):
        locate_captioner(str(git_folder))


def test_another_kind_of_model_is_refused_by_its_name(git_folder: Path) -> None:
    config = {"architectures": ["Florence2ForConditionalGeneration"], "auto_map": {"x": "y.z"}}
    (git_folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable, match="Florence2ForConditionalGeneration, not BLIP"):
        locate_captioner(str(git_folder))


def test_one_that_was_not_downloaded_says_how(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="fetch --captioner microsoft/git-base-coco"):
        locate_captioner("microsoft/git-base-coco", tmp_path)
    with pytest.raises(ModelUnavailable, match="There is no caption model called blip"):
        locate_captioner("blip", tmp_path)


def test_only_what_describes_is_fetched() -> None:
    names = [
        "README.md",
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "pytorch_model.bin",
        "tf_model.h5",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
        "onnx/model.safetensors",
        "handler.py",
    ]
    found = needed_to_caption([RemoteFile(name, 1) for name in names], "owner/name")
    assert {file.name for file in found} == {
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    }


def test_weights_that_could_run_code_are_not_fetched() -> None:
    files = [RemoteFile("config.json", 1), RemoteFile("pytorch_model.bin", 1)]
    with pytest.raises(ModelUnavailable, match=r"owner/name has no \.safetensors file"):
        needed_to_caption(files, "owner/name")
