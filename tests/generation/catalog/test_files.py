"""Where the files of models and safety checkers are found on this machine."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from generation.catalog.checkers import locate_checker
from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import locate, locate_editor
from tests.single_file import write_single_file


def test_a_model_that_was_never_fetched_says_how_to(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"run: python -m generation fetch sd15"):
        locate("sd15", tmp_path)


def test_a_fetched_model_is_found(tiny_folder: Path, tmp_path: Path) -> None:
    repo = tmp_path / "models--owner--name"
    shutil.copytree(tiny_folder, repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")

    assert locate("owner/name", tmp_path) == repo / "snapshots" / "abc"


class TestASafetyChecker:
    @pytest.mark.parametrize(
        "lost", ["config.json", "model.safetensors", "preprocessor_config.json"]
    )
    def test_says_what_it_lacks(self, checker_folder: Path, lost: str) -> None:
        (checker_folder / lost).unlink()

        with pytest.raises(ModelUnavailable, match=f"it has no {lost}"):
            locate_checker(str(checker_folder))

    def test_is_none_that_could_run_code(self, checker_folder: Path) -> None:
        weights = checker_folder / "model.safetensors"
        torch.save({}, checker_folder / "pytorch_model.bin")
        weights.unlink()

        with pytest.raises(ModelUnavailable, match=r"it has no model\.safetensors"):
            locate_checker(str(checker_folder))

    def test_is_no_other_network(self, tiny_folder: Path) -> None:
        with pytest.raises(ModelUnavailable, match="StableDiffusionSafetyChecker"):
            locate_checker(str(tiny_folder / "text_encoder"))

    @pytest.mark.parametrize("alone", [True, False])
    def test_is_found_where_it_was_fetched(
        self, strict_folder: Path, checker_folder: Path, tmp_path: Path, alone: bool
    ) -> None:
        snapshot = tmp_path / "models--owner--name" / "snapshots" / "abc"
        if alone:
            shutil.copytree(checker_folder, snapshot)
        else:
            shutil.copytree(strict_folder / "safety_checker", snapshot / "safety_checker")
            shutil.copytree(strict_folder / "feature_extractor", snapshot / "feature_extractor")
        (tmp_path / "models--owner--name" / "refs").mkdir()
        (tmp_path / "models--owner--name" / "refs" / "main").write_text("abc")

        found = locate_checker("owner/name", tmp_path)

        assert found.network == (snapshot if alone else snapshot / "safety_checker")
        assert found.preparation == (snapshot if alone else snapshot / "feature_extractor")

    def test_that_was_never_fetched_says_how_to(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnavailable, match=r"generation fetch --only-checker sd15$"):
            locate_checker("sd15", tmp_path)

    def test_does_not_come_with_konomi(self) -> None:
        with pytest.raises(ModelUnavailable, match="shapes has no safety checker"):
            locate_checker("shapes")


NOBODY = "There is no model called"


@pytest.mark.parametrize(
    "name",
    ["owner/..", "../owner", "owner/.", "./owner/x", "a--b/c", "owner/name.git", "-a/b", "ö/ä"],
)
def test_what_the_hub_would_not_take_is_no_model(name: str, tmp_path: Path) -> None:
    for look in (
        locate,
        locate_checker,
        lambda name, cache: locate_editor(name, "x", cache, cache),
    ):
        with pytest.raises(ModelUnavailable, match=NOBODY):
            look(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("~nobody-of-this-name/model", "no home folder"),
        ("x" * 300, "cannot be read"),
        ("a\0b", NOBODY),
        ("loop", NOBODY),
        ("pipe.safetensors", "neither a file nor a folder"),
        ("model.SAFETENSORS", "rename it to model.safetensors"),
        ("folder.safetensors", "has no model_index.json; it is empty"),
        ("http://example.com/x.safetensors", "is an address"),
    ],
)
def test_odd_paths_get_a_sentence(
    name: str, told: str, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    write_single_file(tiny_folder, tmp_path / "model.safetensors").rename("model.SAFETENSORS")

    with pytest.raises(ModelUnavailable, match=told):
        locate(name)
    for look in (locate_checker, lambda name: locate_editor(name, "x", tmp_path)):
        with pytest.raises(ModelUnavailable):
            look(name)


def test_what_was_fetched_is_looked_at_too(tiny_folder: Path, tmp_path: Path) -> None:
    repo = tmp_path / "models--owner--name"
    shutil.copytree(tiny_folder, repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    shutil.rmtree(repo / "snapshots" / "abc" / "unet")

    with pytest.raises(ModelUnavailable, match="has no folder unet"):
        locate("owner/name", tmp_path)
