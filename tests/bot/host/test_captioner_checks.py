"""What the doctor says of the caption model."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.host.captioner_checks import look_at_captioner
from bot.host.check import CheckState


@pytest.fixture
def captioner(tmp_path: Path) -> Path:
    """A caption model's folder, of which the doctor reads no more than the outside."""
    folder = tmp_path / "captioner"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["GitForCausalLM"]}')
    for name in ("preprocessor_config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    return folder


def test_without_one_nothing_is_said() -> None:
    assert list(look_at_captioner(None)) == []


def test_a_whole_one_is_named_with_its_kind(captioner: Path) -> None:
    [result] = look_at_captioner(str(captioner))
    assert result.verdict is CheckState.GOOD
    assert str(result).startswith(f"✓ caption model: {captioner}, GIT, 0.00 GB of weights")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_one_that_lacks_a_file_does_not_keep_the_bot_from_running(
    captioner: Path, missing: str
) -> None:
    (captioner / missing).unlink()
    [result] = look_at_captioner(str(captioner))
    assert result.verdict is CheckState.NOTICE
    assert result.sentence.endswith("Until then, captions are templates.")


@pytest.mark.parametrize("name", ["owner/nowhere", "/nowhere/at/all", "blip"])
def test_one_that_is_not_there_is_said(name: str) -> None:
    [result] = look_at_captioner(name)
    assert result.verdict is CheckState.NOTICE
