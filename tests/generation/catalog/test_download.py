"""Files of a repository that are downloaded, and files that are not."""

from pathlib import Path

import pytest

from generation.catalog.download import (
    RemoteFile,
    check_space,
    needed,
    needed_of_part,
    needed_to_check,
    needed_to_edit,
)
from generation.catalog.entries import ModelUnavailable, PartSource

SD15 = [
    "README.md",
    "model_index.json",
    "v1-5-pruned.ckpt",
    "v1-5-pruned-emaonly.safetensors",
    "feature_extractor/preprocessor_config.json",
    "safety_checker/config.json",
    "safety_checker/model.fp16.safetensors",
    "safety_checker/model.safetensors",
    "safety_checker/pytorch_model.bin",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.bin",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
]


def names(*files: str) -> list[str]:
    return sorted(file.name for file in needed(RemoteFile(name, 1) for name in files))


def test_only_what_paints_is_fetched() -> None:
    assert names(*SD15) == [
        "feature_extractor/preprocessor_config.json",
        "model_index.json",
        "safety_checker/config.json",
        "safety_checker/model.safetensors",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    ]


def test_shards_come_with_their_index() -> None:
    shards = [f"unet/diffusion_pytorch_model-0000{k}-of-00002.safetensors" for k in (1, 2)]
    index = "unet/diffusion_pytorch_model.safetensors.index.json"

    assert set(names("model_index.json", *shards, index)) == {"model_index.json", *shards, index}


def test_half_precision_is_fetched_where_there_is_nothing_else() -> None:
    half = "vae/diffusion_pytorch_model.fp16.safetensors"

    assert half in names("model_index.json", half)


def test_formats_that_could_run_code_are_refused() -> None:
    with pytest.raises(ModelUnavailable, match="unet comes only in formats that could run code"):
        names("model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.bin")


def test_a_repository_without_a_model_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match="not a model in the diffusers format"):
        names("README.md", "data.parquet")


def test_a_part_that_comes_from_elsewhere_is_left_out() -> None:
    files = [RemoteFile(name, 1) for name in SD15]

    kept = {file.name for file in needed(files, without=("unet",))}

    assert {file.name for file in needed(files)} - kept == {
        "unet/diffusion_pytorch_model.safetensors"
    }


VAE = [
    RemoteFile(name, 1)
    for name in (
        "README.md",
        "config.json",
        "diffusion_pytorch_model.bin",
        "diffusion_pytorch_model.safetensors",
        "sdxl_vae.safetensors",
    )
]


@pytest.mark.parametrize(
    ("file", "fetched"),
    [
        (None, ["config.json", "diffusion_pytorch_model.safetensors"]),
        ("sdxl_vae.safetensors", ["sdxl_vae.safetensors"]),
    ],
)
def test_a_part_is_fetched_from_its_own_repository(file: str | None, fetched: list[str]) -> None:
    part = PartSource(repo="owner/vae", file=file)

    assert [each.name for each in needed_of_part(VAE, part)] == fetched


@pytest.mark.parametrize(
    "part", [PartSource(repo="o/v", file="gone.safetensors"), PartSource(repo="o/v")]
)
def test_a_part_that_is_gone_is_said_in_a_sentence(part: PartSource) -> None:
    with pytest.raises(ModelUnavailable, match="o/v no longer has the file that Konomi needs"):
        needed_of_part([RemoteFile("README.md", 1)], part)


def test_a_model_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    check_space([RemoteFile("unet/x", 2**60, missing=False)], tmp_path / "not" / "there" / "yet")

    with pytest.raises(ModelUnavailable, match=r"It needs 1073741824\.0 GiB"):
        check_space([RemoteFile("unet/x", 2**60)], tmp_path)


CHECKER = [
    "feature_extractor/preprocessor_config.json",
    "safety_checker/config.json",
    "safety_checker/model.safetensors",
]


def test_of_a_models_checker_nothing_else_is_fetched() -> None:
    files = needed_to_check(RemoteFile(name, 1) for name in SD15)

    assert sorted(file.name for file in files) == CHECKER


def test_a_checker_may_have_a_repository_of_its_own() -> None:
    alone = ["config.json", "model.safetensors", "preprocessor_config.json"]
    files = needed_to_check(RemoteFile(name, 1) for name in (*alone, "pytorch_model.bin", "a.txt"))

    assert sorted(file.name for file in files) == alone


@pytest.mark.parametrize("lacking", CHECKER)
def test_a_checker_is_fetched_whole_or_not_at_all(lacking: str) -> None:
    with pytest.raises(ModelUnavailable, match="has no safety checker in safetensors"):
        needed_to_check(RemoteFile(name, 1) for name in CHECKER if name != lacking)


def test_of_a_model_that_edits_the_unet_is_fetched_alone() -> None:
    files = [file.name for file in needed_to_edit(RemoteFile(name, 1) for name in SD15)]
    assert files == ["unet/config.json", "unet/diffusion_pytorch_model.safetensors"]


@pytest.mark.parametrize("lacking", ["unet/config.json", "safetensors"])
def test_an_editor_is_fetched_whole_or_not_at_all(lacking: str) -> None:
    with pytest.raises(ModelUnavailable, match="has no UNet in safetensors"):
        needed_to_edit(RemoteFile(name, 1) for name in SD15 if lacking not in name)
