"""Pictures that begin from a picture: as diffusers paints them, and only where they may."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    LatentConsistencyModelImg2ImgPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
)
from PIL import Image, ImageDraw
from torch import Tensor

from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.images.tensors import digest_of
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Progress, Reason
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Box, Paint, Reference, Source
from generation.protocol.samplers import SCHEDULERS
from generation.requests.refused import Refused
from generation.sampling.guidance import Guidance
from generation.sampling.init_image import encode_source
from generation.sampling.trajectory import Trajectory
from tests.generation.painted import ended, read_record
from tests.generation.sampling.test_trajectory import THEIRS, UNSTEERED, denoise
from tests.tiny import load_tiny

SIZE = (96, 96)
SEEDS = (7, 8)


@pytest.fixture
def source() -> Image.Image:
    picture = Image.new("RGB", SIZE, (36, 84, 220))
    ImageDraw.Draw(picture).ellipse((20, 30, 70, 80), fill=(214, 32, 36))
    return picture


@pytest.fixture
def mask() -> Image.Image:
    """White over a box of whole latents."""
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, (16, 24, 64, 72))
    return mask


def painted(
    model: Model,
    source: Image.Image,
    *,
    scheduler: str,
    strength: float,
    mask: Image.Image | None,
    steps: int = 6,
    guidance: float = 6.0,
) -> Tensor:
    with torch.inference_mode():
        encoded = encode_source(model, source, mask, size=SIZE, strength=strength)
        positive, negative = model.encode_prompt("a red circle", "", guidance, *SIZE)
    rows = Guidance(positive=positive, negative=negative, scale=guidance, steering=UNSTEERED)
    with torch.inference_mode():
        trajectories = [
            Trajectory(
                model,
                rows,
                model.scheduler(scheduler, steps, seed),
                seed=seed,
                like=model.empty_latents(*SIZE),
                source=encoded,
            )
            for seed in SEEDS
        ]
    return torch.cat(denoise(model, trajectories))


@functools.cache
def pipeline_of(kind: Any, folder: Path) -> tuple[Any, Any]:
    """A pipeline, and the settings of the scheduler that it came with."""
    pipeline = kind.from_pretrained(folder, use_safetensors=True)
    return pipeline, pipeline.scheduler.config


def theirs(kind: Any, folder: Path, scheduler: str, **inputs: Any) -> Tensor:
    pipeline, config = pipeline_of(kind, folder)
    pipeline.scheduler = THEIRS[scheduler](config)
    pipeline.set_progress_bar_config(disable=True)
    usual: dict[str, Any] = {"num_inference_steps": 6, "guidance_scale": 6.0}
    if scheduler == "lcm" and inputs.get("strength", 1) < 1 and "timesteps" not in inputs:
        usual = {"guidance_scale": 6.0, "timesteps": fitted(pipeline.scheduler, inputs["strength"])}
    images: Tensor = pipeline(
        ["a red circle"] * 2,
        **(usual | inputs),
        generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
        output_type="pt",
    ).images
    return images * 255


def fitted(scheduler: Any, strength: float, steps: int = 6) -> list[int]:
    """Timesteps of which diffusers' general pipelines leave all but these of LCM's own out."""
    scheduler.set_timesteps(steps, strength=strength)
    own = scheduler.timesteps.tolist()
    left_out = math.ceil(steps / strength) - steps
    return [999 - place for place in range(left_out)] + own


@pytest.mark.parametrize(
    ("steps", "strength"),
    [(4, 0.5), (4, 0.08), (1, 0.02), (1, 1.0), (8, 0.3), (3, 0.77), (4, 0.95)],
)
def test_lcm_fits_its_steps_into_the_strength_as_diffusers_does(
    steps: int, strength: float, distilled_folder: Path, source: Image.Image
) -> None:
    model = load_tiny(distilled_folder)
    ours = painted(
        model, source, scheduler="lcm", steps=steps, guidance=8.0, strength=strength, mask=None
    )
    expected = theirs(
        LatentConsistencyModelImg2ImgPipeline,
        distilled_folder,
        "lcm",
        image=[source] * 2,
        strength=strength,
        guidance_scale=8.0,
        num_inference_steps=steps,
        timesteps=None,
    )

    assert (ours - expected).abs().max() <= 0.01
    assert (ours - expected).abs().mean() <= 0.001


def test_lcm_takes_its_steps_from_the_schedule_that_a_model_names(
    distilled_folder: Path, tmp_path: Path, source: Image.Image
) -> None:
    folder = shutil.copytree(distilled_folder, tmp_path / "model")
    settings = folder / "scheduler" / "scheduler_config.json"
    config = json.loads(settings.read_text()) | {"original_inference_steps": 20}
    settings.write_text(json.dumps(config))
    model = load_tiny(folder)
    ours = painted(model, source, scheduler="lcm", strength=0.5, mask=None)
    expected = theirs(
        LatentConsistencyModelImg2ImgPipeline,
        folder,
        "lcm",
        image=[source] * 2,
        strength=0.5,
        timesteps=None,
        num_inference_steps=6,
    )

    assert (ours - expected).abs().mean() <= 0.001
    with pytest.raises(Refused, match=r"With LCM, 6 steps need a strength of at least 0\.3"):
        painted(model, source, scheduler="lcm", strength=0.2, mask=None)
    with pytest.raises(Refused, match="The number of steps must be between 1 and 20, not 21"):
        model.scheduler("lcm", 21, seed=0)


def test_progress_counts_all_steps_of_lcm(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    source.save(tmp_path / "source.png")
    origin = source_at(tmp_path / "source.png", strength=0.2)
    engine.begin(request_(source=origin, scheduler="lcm", steps=4))
    steps = set()
    while engine.busy:
        engine.advance()
        events = engine.take_events()
        steps |= {event.steps for event in events if isinstance(event, Progress)}

    assert isinstance(events[-1], Finished)
    assert steps == {4}


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # torchsde, of diffusers' own
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_image_to_image_equals_that_of_diffusers(
    scheduler: str, tiny_folder: Path, model: Model, source: Image.Image
) -> None:
    ours = painted(model, source, scheduler=scheduler, strength=0.7, mask=None)
    expected = theirs(
        StableDiffusionImg2ImgPipeline, tiny_folder, scheduler, image=[source] * 2, strength=0.7
    )

    assert (ours - expected).abs().mean() <= 1


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("strength", [0.7, 1.0])
def test_inpainting_equals_that_of_diffusers(
    scheduler: str,
    strength: float,
    tiny_folder: Path,
    model: Model,
    source: Image.Image,
    mask: Image.Image,
) -> None:
    ours = painted(model, source, scheduler=scheduler, strength=strength, mask=mask)
    expected = theirs(
        StableDiffusionInpaintPipeline,
        tiny_folder,
        scheduler,
        image=[source] * 2,
        mask_image=[mask] * 2,
        width=96,
        height=96,
        strength=strength,
    )

    assert (ours - expected).abs().mean() <= 1


def test_what_the_mask_keeps_is_kept_to_the_pixel(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    thin = Image.new("L", SIZE, 0)
    ImageDraw.Draw(thin).line((10, 10, 80, 70), fill=255, width=3)
    source.save(tmp_path / "source.png")
    thin.save(tmp_path / "mask.png")
    origin = Source(
        path=tmp_path / "source.png",
        digest=digest_of((tmp_path / "source.png").read_bytes()),
        strength=1.0,
        mask=tmp_path / "mask.png",
    )
    engine.begin(request_(source=origin, count=1))
    finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    [picture] = finished.pictures
    assert picture.path is not None
    before, after = np.asarray(source), np.asarray(Image.open(picture.path))
    anew = np.asarray(thin) > 127
    assert np.array_equal(after[~anew], before[~anew])
    assert not np.array_equal(after[anew], before[anew])
    record = read_record(picture.path)
    assert record is not None
    assert record["source"]["digest"] == origin.digest
    assert record["source"]["mask"] == digest_of((tmp_path / "mask.png").read_bytes())


def test_the_picture_has_the_aspect_of_its_source(
    engine: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    Image.new("RGB", (400, 200), "red").save(tmp_path / "wide.png")
    engine.begin(request_(source=source_at(tmp_path / "wide.png"), count=1))
    finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    assert (finished.pictures[0].width, finished.pictures[0].height) == (136, 64)


def test_a_picture_is_painted_on_beyond_its_edges(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    source.save(tmp_path / "source.png")
    box = Box(left=0, top=0, right=2 / 3, bottom=1)
    origin = source_at(tmp_path / "source.png", strength=1.0, within=box)
    engine.begin(request_(source=origin, count=1))
    finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    [picture] = finished.pictures
    assert picture.path is not None
    after = np.asarray(Image.open(picture.path))
    assert after.shape == (96, 144, 3)
    assert np.array_equal(after[:, :96], np.asarray(source))
    assert after[:, 96:].std() > 0
    record = read_record(picture.path)
    assert record is not None
    assert record["source"] == {
        "digest": origin.digest,
        "strength": 1.0,
        "within": [0, 0, 2 / 3, 1],
    }


def test_a_part_is_painted_anew_and_the_rest_kept(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    source.save(tmp_path / "source.png")
    upper = Box(left=0, top=0, right=1, bottom=0.5)
    origin = source_at(tmp_path / "source.png", strength=1.0, anew=(upper,))
    engine.begin(request_(source=origin, count=1))
    finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    path = finished.pictures[0].path
    assert path is not None
    before, after = np.asarray(source), np.asarray(Image.open(path))
    assert np.array_equal(after[48:], before[48:])
    assert not np.array_equal(after[:48], before[:48])
    record = read_record(path)
    assert record is not None
    assert record["source"]["anew"] == [[0, 0, 1, 0.5]]


def test_a_mask_that_is_black_all_over_is_refused(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    source.save(tmp_path / "source.png")
    Image.new("L", SIZE, 0).save(tmp_path / "mask.png")
    origin = source_at(tmp_path / "source.png", mask=tmp_path / "mask.png")
    engine.begin(request_(source=origin))

    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INVALID
    assert failed.detail.startswith("Nothing would be repainted")


def test_little_strength_changes_little(
    request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    model = load_model(WorkerOptions(model="shapes", device="cpu"))
    source.save(tmp_path / "source.png")
    before = np.asarray(source).astype(int)
    changes = []
    with Writer() as writer:
        engine = Engine(model, writer, name="shapes", reference_budget=2**28)
        for strength in (0.2, 0.5, 1.0):
            origin = source_at(tmp_path / "source.png", strength=strength)
            job, prompt = f"job-{strength}", "a yellow star on a green background"
            asked = request_(job, prompt=prompt, source=origin, count=1, steps=10, guidance=1.0)
            engine.begin(dataclasses.replace(asked, model="shapes"))
            finished = ended(engine)[job]
            assert isinstance(finished, Finished)
            path = finished.pictures[0].path
            assert path is not None
            changes.append(np.abs(np.asarray(Image.open(path)).astype(int) - before).mean())
    assert changes == sorted(changes), changes


def test_likes_steer_from_a_picture_too(
    engine: Engine, request_: Callable[..., Paint], source: Image.Image, tmp_path: Path
) -> None:
    source.save(tmp_path / "source.png")
    Image.new("RGB", SIZE, "yellow").save(tmp_path / "liked.png")
    data = (tmp_path / "liked.png").read_bytes()
    liked = Reference(path=tmp_path / "liked.png", digest=digest_of(data))
    origin = source_at(tmp_path / "source.png", strength=0.5)
    pictures = []
    for job, likes in (("plain", ()), ("steered", (liked,))):
        engine.begin(request_(job, source=origin, liked=likes, count=1, steps=8))
        finished = ended(engine)[job]
        assert isinstance(finished, Finished)
        assert bool(finished.steering) == bool(likes)
        pictures.append(finished.pictures[0].digest)
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"strength": 0.0}, "Strength must be more than 0 and at most 1, not 0."),
        ({"strength": 1.5}, "Strength must be more than 0 and at most 1, not 1.5."),
        ({"strength": 0.2}, "With 3 steps, a strength of 0.2 changes nothing. Use at least"),
        ({"digest": "0" * 64}, "The picture to start from is no longer the same picture."),
        ({"path": Path("nowhere.png")}, "The picture to start from cannot be read."),
        ({"mask": Path("nowhere.png")}, "The mask cannot be read."),
        ({"within": Box(left=0.5, top=0, right=0.55, bottom=1)}, "shares from 0 to 1"),
        ({"anew": (Box(left=-0.5, top=0, right=0.5, bottom=1),)}, "shares from 0 to 1"),
        ({"within": Box(left=0, top=0, right=1, bottom=float("nan"))}, "shares from 0 to 1"),
        ({"path": Path(__file__)}, "This is not a PNG, JPEG, WebP or GIF picture."),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(
    change: dict[str, Any],
    said: str,
    engine: Engine,
    request_: Callable[..., Paint],
    source: Image.Image,
    tmp_path: Path,
) -> None:
    source.save(tmp_path / "source.png")
    origin = dataclasses.replace(source_at(tmp_path / "source.png"), **change)
    engine.begin(request_(source=origin))

    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INVALID
    assert said in failed.detail


def source_at(path: Path, **change: Any) -> Source:
    return Source(path=path, digest=digest_of(path.read_bytes()), **change)
