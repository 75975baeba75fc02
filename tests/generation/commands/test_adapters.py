"""Adapters at a terminal: files with strengths, folders that prompts call, and sweeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from generation.__main__ import main
from generation.commands.adapters import split_strength
from generation.protocol.requests import Adapter
from tests.generation.painted import read_record
from tests.lora import write_lora, write_vectors
from tests.tiny import TEXT_WIDTH


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def ink(folder: Path, tiny_folder: Path) -> Adapter:
    return write_lora(folder / "ink.safetensors", tiny_folder, seed=1)


@pytest.fixture(scope="module")
def wash(folder: Path, tiny_folder: Path) -> Adapter:
    (folder / "styles").mkdir()
    return write_lora(folder / "styles" / "Wash v2.safetensors", tiny_folder, seed=2)


@pytest.fixture(scope="module")
def rocky(folder: Path) -> Adapter:
    return write_vectors(folder / "rocky.safetensors", TEXT_WIDTH, token="<rock>")


def painted(prompt: str, *words: str, model: Path, out: Path) -> dict[str, object]:
    """Paint one picture; return its record."""
    usual = ["--count", "1", "--steps", "1", "--model", str(model), "--out", str(out)]
    assert main(["imagine", prompt, *usual, *words]) == 0
    record = read_record(out / "0.png")
    assert record is not None
    return record


def test_files_act_at_their_strengths(
    tiny_folder: Path, tmp_path: Path, ink: Adapter, wash: Adapter
) -> None:
    words = ["--adapter", f"{ink.path}:0.8", "--adapter", str(wash.path)]
    record = painted("a star", *words, model=tiny_folder, out=tmp_path)

    assert record["adapters"] == [
        {"name": "ink", "digest": ink.digest, "strength": 0.8},
        {"name": "Wash v2", "digest": wash.digest},
    ]
    again = tmp_path / "again"
    files = ["--pictures-in", str(ink.path.parent)]
    files += ["--model", str(tiny_folder)]
    assert main(["replay", str(tmp_path / "0.png"), "--out", str(again), *files]) == 0
    assert (again / "0.png").read_bytes() == (tmp_path / "0.png").read_bytes()


def test_prompts_call_those_of_a_folder(
    tiny_folder: Path,
    tmp_path: Path,
    folder: Path,
    ink: Adapter,
    wash: Adapter,
    rocky: Adapter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(ink.path, tmp_path / "star.safetensors")  # no embedding: its name is but a word
    words = ["--adapters-dir", str(folder)]
    prompt = "a star of <rock>, <lora:wash_v2:0.5> <lora:ink>"
    record = painted(prompt, *words, model=tiny_folder, out=tmp_path / "out")

    assert record["prompt"] == "a star of <rock>,"
    assert sorted(each["name"] for each in record["adapters"]) == ["Wash v2", "ink", "rocky"]
    assert capsys.readouterr().err == ""
    record = painted("a star", *words, model=tiny_folder, out=tmp_path / "plain")
    assert "adapters" not in record
    words = ["--adapters-dir", str(tmp_path)]
    record = painted("a star", *words, model=tiny_folder, out=tmp_path / "plain")
    assert "adapters" not in record


@pytest.mark.parametrize(
    ("prompt", "words", "said"),
    [
        (
            "<lora:inc:1>",
            ["--adapter", "{ink}"],
            "There is no adapter inc here. Try one of these: ink.",
        ),
        (
            "<lora:wish_v2:1>",
            ["--adapters-dir", "{folder}"],
            "There is no adapter wish_v2 here. Try one of these: Wash v2.",
        ),
        (
            "<lora:ink:1>",
            ["--adapters-dir", "{empty}"],
            "There is no adapter ink here. No adapters are installed.",
        ),
        (
            "<lora:ink:x>",
            ["--adapter", "{ink}"],
            "The strength of ink must be a number, such as 0.8.",
        ),
        (
            "a",
            ["--adapter", "{empty}/no.safetensors:1"],
            "{empty}/no.safetensors: No such file or directory.",
        ),
        ("a", ["--adapters-dir", "{empty}/no"], "{empty}/no: No such file or directory."),
        ("a", ["--adapter", "{ink}:3"], "An adapter's strength must be between -2 and 2, not 3."),
        (
            "a",
            ["--adapter", "{ink}:nan"],
            "An adapter's strength must be between -2 and 2, not nan.",
        ),
        (
            "a",
            ["--adapter", "{rocky}:0.5"],
            "rocky is an embedding, so it works like a word in the prompt. To set its weight, "
            "write (rocky:0.8).",
        ),
        (
            "a",
            ["--across", "adapter_strength=0,1"],
            "There is no adapter whose strength could be compared.",
        ),
    ],
)
def test_what_cannot_act_is_answered_by_one_sentence(
    tiny_folder: Path,
    tmp_path: Path,
    folder: Path,
    ink: Adapter,
    wash: Adapter,
    rocky: Adapter,
    prompt: str,
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"folder": folder, "ink": ink.path, "rocky": rocky.path, "empty": tmp_path}
    given = [word.format(**places) for word in words]
    usual = ["--model", str(tiny_folder), "--out", str(tmp_path / "out")]
    assert main(["imagine", prompt, *usual, *given]) == 2
    assert capsys.readouterr().err == f"{said.format(**places)}\n"


def test_a_sweep_of_strengths_is_a_sheet(
    tiny_folder: Path, tmp_path: Path, ink: Adapter, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--adapter", str(ink.path), "--across", "adapter_strength=0,0.5,1", "--steps", "1"]
    usual = ["--model", str(tiny_folder), "--out", str(tmp_path)]
    assert main(["imagine", "a star", *usual, *words]) == 0

    names = ("0.png", "1.png", "2.png", "sheet.png")
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in names]
    assert len({(tmp_path / name).read_bytes() for name in names[:3]}) == 3
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert 'X Type: adapter_strength, X Values: "0, 0.5, 1"' in sheet.info["parameters"]


@pytest.mark.parametrize(
    ("written", "file", "strength"),
    [
        ("ink.safetensors", "ink.safetensors", 1.0),
        ("ink.safetensors:0.8", "ink.safetensors", 0.8),
        ("ink.safetensors:-1", "ink.safetensors", -1.0),
        ("ink.safetensors:.5", "ink.safetensors", 0.5),
        (r"C:\loras\ink.safetensors", r"C:\loras\ink.safetensors", 1.0),
        (r"C:\loras\ink.safetensors:0.8", r"C:\loras\ink.safetensors", 0.8),
        ("C:/loras/ink:v2.safetensors", "C:/loras/ink:v2.safetensors", 1.0),
        ("ink.safetensors:", "ink.safetensors:", 1.0),
        (":0.8", ":0.8", 1.0),
    ],
)
def test_a_colon_splits_a_file_from_its_strength(written: str, file: str, strength: float) -> None:
    assert split_strength(written) == (Path(file), strength)


def test_a_file_whose_name_ends_in_a_number_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("take:2").touch()
    assert split_strength("take:2") == (Path("take:2"), 1.0)
    assert split_strength("take:2:0.5") == (Path("take:2"), 0.5)
