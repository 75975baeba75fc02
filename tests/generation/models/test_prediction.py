"""Single files that predict velocity say so, and paint as diffusers does that was told."""

from __future__ import annotations

import dataclasses
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr
from torch import Tensor

from generation.catalog import entries
from generation.catalog.entries import CatalogEntry
from generation.catalog.prediction import prediction_of
from generation.models.loading import load_model
from generation.models.model import Model
from generation.models.schedulers import UNAWARE_OF_ZERO_SNR
from generation.protocol.options import Prediction, WorkerOptions
from generation.protocol.samplers import SCHEDULERS
from tests.generation.models.test_families import in_cache
from tests.generation.sampling.test_init_image import SEEDS, pipeline_of
from tests.generation.sampling.test_trajectory import THEIRS, denoise, set_out
from tests.single_file import write_single_file
from tests.tiny import build_tiny_xl

pytestmark = pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # torchsde's

MARKS = {"v_pred": torch.tensor([]), "ztsnr": torch.tensor([])}
ZERO_SNR = {
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}
CLOSE = 0.05
"""Of 255, on average: what float32 leaves between two orders of the same sums."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny XL whose scheduler_config.json says what the single file's markers say."""
    folder = build_tiny_xl(tmp_path_factory.mktemp("told"), second_width=48)
    settings = folder / "scheduler" / "scheduler_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | ZERO_SNR), "utf-8")
    return folder


@pytest.fixture(scope="module")
def marked(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The same XL as a single file with markers, for settings that say nothing of it."""
    hub = tmp_path_factory.mktemp("hub")
    place = hub / "models--stabilityai--stable-diffusion-xl-base-1.0"
    build_tiny_xl(place / "snapshots" / "abc", second_width=48)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
    file = write_single_file(told, hub / "noob.safetensors", more=MARKS)
    return load_model(WorkerOptions(model=str(file), device="cpu", models_dir=hub))


def theirs(kind: Any, folder: Path, scheduler: str, **inputs: Any) -> Tensor:
    """As diffusers paints, with zero terminal SNR also where a scheduler has no option for it."""
    pipeline, config = pipeline_of(kind, folder)
    if config.get("rescale_betas_zero_snr") and scheduler in UNAWARE_OF_ZERO_SNR:
        plain = DDPMScheduler.from_config(config, rescale_betas_zero_snr=False)
        levels = (1 - rescale_zero_terminal_snr(plain.betas)).cumprod(0)
        levels[-1] = 2**-24
        betas = 1 - levels / torch.cat([torch.ones(1), levels[:-1]])
        config = {**config, "trained_betas": betas.tolist()}
    pipeline.scheduler = THEIRS[scheduler](config)
    pipeline.set_progress_bar_config(disable=True)
    images: Tensor = pipeline(
        ["a red circle"] * 2,
        **({"num_inference_steps": 6, "guidance_scale": 6.0} | inputs),
        generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
        output_type="pt",
    ).images
    return images * 255


def ours(model: Model, scheduler: str) -> Tensor:
    trajectories = [set_out(model, scheduler=scheduler, seed=seed) for seed in SEEDS]
    return torch.cat(denoise(model, trajectories))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_marked_file_paints_as_diffusers_does_that_was_told(
    scheduler: str, marked: Model, told: Path
) -> None:
    expected = theirs(StableDiffusionXLPipeline, told, scheduler)

    assert (ours(marked, scheduler) - expected).abs().mean() <= CLOSE


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_sampling_begins_in_pure_noise(scheduler: str, marked: Model) -> None:
    trajectory = set_out(marked, scheduler=scheduler)

    assert trajectory.timesteps[0] == 999
    assert trajectory.levels[0] < 1e-6


@pytest.mark.parametrize(
    ("more", "metadata", "expected"),
    [
        ({}, {}, Prediction.EPSILON),
        ({"v_pred": MARKS["v_pred"]}, {}, Prediction.VELOCITY),
        (MARKS, {}, Prediction.VELOCITY_ZERO_SNR),
        ({"ztsnr": MARKS["ztsnr"]}, {}, Prediction.VELOCITY_ZERO_SNR),
        ({}, {"modelspec.prediction_type": "epsilon"}, Prediction.EPSILON),
        ({}, {"modelspec.prediction_type": "v"}, Prediction.VELOCITY),
        ({}, {"modelspec.predict_key": "v"}, Prediction.VELOCITY),
        ({}, {"modelspec.architecture": "stable-diffusion-v2-768-v"}, Prediction.VELOCITY),
        ({}, {"ss_v_parameterization": "True"}, Prediction.VELOCITY),
        (
            {},
            {"ss_v_parameterization": "true", "ss_zero_terminal_snr": "True"},
            Prediction.VELOCITY_ZERO_SNR,
        ),
        ({}, {"ss_v_parameterization": "False"}, Prediction.EPSILON),
    ],
)
def test_every_marker_is_read(
    more: dict[str, Tensor],
    metadata: dict[str, str],
    expected: Prediction,
    tiny_folder: Path,
    tmp_path: Path,
) -> None:
    file = write_single_file(tiny_folder, tmp_path / "x.safetensors", more=more, metadata=metadata)

    assert prediction_of(str(file), file, Prediction.AUTO) is expected
    assert prediction_of(str(file), file, Prediction.EPSILON) is Prediction.EPSILON


@pytest.mark.parametrize("host", [p for p in Prediction if p is not Prediction.AUTO])
def test_the_host_has_the_last_word(host: Prediction, tiny_folder: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", prediction=host)

    model = load_model(options)

    assert model.parameterization.value == str(host).removesuffix("_zero_snr")
    ends_in_noise = bool(model.scheduler_config["rescale_betas_zero_snr"])
    assert ends_in_noise is (host is Prediction.VELOCITY_ZERO_SNR)


def test_a_catalogue_entry_says_it_for_its_files(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_cache(tmp_path, "owner/name", tiny_folder)
    entry = CatalogEntry(
        name="wrongly-said",
        repo="owner/name",
        licence="MIT",
        side=96,
        gigabytes=0.01,
        description="for this test",
        prediction=Prediction.VELOCITY,
    )
    monkeypatch.setattr(entries, "CATALOGUE", (entry,))
    options = WorkerOptions(model="wrongly-said", device="cpu", models_dir=tmp_path)

    by_entry = load_model(options)
    by_host = load_model(dataclasses.replace(options, prediction=Prediction.EPSILON))

    assert by_entry.scheduler_config["prediction_type"] == "v_prediction"
    assert by_host.scheduler_config["prediction_type"] == "epsilon"


def test_a_folder_is_read_as_its_pipeline_of_diffusers_does(
    tiny_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_folder, tmp_path / "old"))
    settings = folder / "scheduler" / "scheduler_config.json"
    old = {"steps_offset": 0, "clip_sample": True}
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | old), "utf-8")
    model = load_model(WorkerOptions(model=str(folder), device="cpu"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it says that it changes both
        expected = theirs(StableDiffusionPipeline, folder, "ddim")

    assert (ours(model, "ddim") - expected).abs().mean() <= CLOSE
