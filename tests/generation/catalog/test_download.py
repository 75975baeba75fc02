"""Files of a repository that are downloaded, and files that are not."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.catalog.download import (
    RemoteFile,
    check_space,
    needed,
    needed_adapter,
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


def adapter(*files: str, wanted: str = "", size: int = 1) -> str:
    listed = [RemoteFile(name, size) for name in files]
    return needed_adapter(listed, "owner/ink", wanted).name


def test_an_adapter_is_the_only_file_or_the_one_that_diffusers_writes_or_that_is_named() -> None:
    assert adapter("README.md", "ink.safetensors", "ink.bin") == "ink.safetensors"
    several = ("old/ink.safetensors", "pytorch_lora_weights.safetensors", "ink_v2.safetensors")
    assert adapter(*several) == "pytorch_lora_weights.safetensors"
    assert adapter(*several, wanted="old/ink.safetensors") == "old/ink.safetensors"


@pytest.mark.parametrize(
    ("files", "wanted", "size", "said"),
    [
        (["ink.bin"], "", 1, "owner/ink has no .safetensors file."),
        (["a.safetensors"], "b.safetensors", 1, "owner/ink has no b.safetensors."),
        (
            ["a.safetensors", "b.safetensors"],
            "",
            1,
            "owner/ink has 2 files; name one, as in owner/ink:a.safetensors: a.safetensors, "
            "b.safetensors",
        ),
        (
            ["a.safetensors"],
            "",
            2**31,
            "a.safetensors has 2.0 GiB; adapters can have 1.0 GiB.",
        ),
    ],
)
def test_what_is_no_adapter_is_refused_before_it_is_fetched(
    files: list[str], wanted: str, size: int, said: str
) -> None:
    with pytest.raises(ModelUnavailable) as refused:
        adapter(*files, wanted=wanted, size=size)
    assert str(refused.value) == said


class Hub(http.server.BaseHTTPRequestHandler):
    """One repository, as huggingface.co shows it."""

    data = b"an adapter"
    sha = "a" * 40

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in {f"/owner/ink/resolve/{self.sha}/{each['path']}" for each in self._files()}:
            self._send(self.data, "application/octet-stream")
        elif path.startswith("/api/models/owner/ink/tree/"):
            self._send(json.dumps(self._files()).encode())
        elif path.startswith("/api/models/owner/ink"):
            siblings = [{"rfilename": each["path"]} for each in self._files()]
            said = {"_id": "1", "id": "owner/ink", "sha": self.sha, "siblings": siblings}
            self._send(json.dumps(said).encode())
        else:
            self._send(b"{}", status=404)

    do_HEAD = do_GET  # noqa: N815 - as the server asks for it

    def _files(self) -> list[dict[str, Any]]:
        size = len(self.data)
        return [
            {"type": "file", "path": name, "size": size, "oid": "b" * 40}
            for name in ("README.md", "ink.safetensors", "ink.bin")
        ]

    def _send(self, data: bytes, kind: str = "application/json", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"' + "b" * 40 + '"')
        self.send_header("X-Repo-Commit", self.sha)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["owner/ink", "owner/ink:ink.safetensors"])
def test_an_adapter_is_fetched_by_the_command(hub: str, tmp_path: Path, name: str) -> None:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_CACHE": str(tmp_path),
    }
    command = [sys.executable, "-m", "generation", "fetch", name, "--adapter"]
    ended = subprocess.run(
        [*command, "--models-dir", tmp_path], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert Path(ended.stdout.strip()).read_bytes() == Hub.data
    assert not list(tmp_path.rglob("*.bin"))
