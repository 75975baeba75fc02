"""Edits by words: as diffusers makes them, in any company, steered by likes, kept where masked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    DPMSolverSDEScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from PIL import Image, ImageDraw
from torch import Tensor

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.fabric.reference_cache import ReferenceCache
from generation.fabric.unet import ReferenceAttention
from generation.images.tensors import digest_of, resized
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Axis, Box, Paint, Reference, Source
from generation.protocol.samplers import SCHEDULERS
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory, advance
from tests.generation.painted import ended, read_record
from tests.generation.sampling.test_trajectory import THEIRS, UNSTEERED
from tests.tiny import build_tiny, build_unet, load_tiny

SIZE = (96, 96)
INSTRUCTION = "make it blue"


@pytest.fixture(scope="session")
def editing_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("editing"), edits=True)


@pytest.fixture
def model(editing_folder: Path) -> Model:
    return load_tiny(editing_folder)


@pytest.fixture(scope="session")
def pipeline(editing_folder: Path) -> StableDiffusionInstructPix2PixPipeline:
    editor = UNet2DConditionModel.from_pretrained(editing_folder / "edit", use_safetensors=True)
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        editing_folder, unet=editor, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    drawn = Image.new("RGB", SIZE, (36, 84, 220))
    ImageDraw.Draw(drawn).ellipse((20, 30, 70, 80), fill=(214, 32, 36))
    drawn.save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def source(picture: Path) -> Source:
    return Source(path=picture, digest=digest_of(picture.read_bytes()))


def set_out(model: Model, picture: Path | None, **change: Any) -> Trajectory:
    """One that edits `picture`, or paints where there is none."""
    asked: dict[str, Any] = {
        "scheduler": "euler_a",
        "guidance": 7.5,
        "image_guidance": 1.5,
        "seed": 7,
    }
    asked |= change
    with torch.inference_mode():
        positive, negative = model.encode_prompt(INSTRUCTION, "", asked["guidance"], *SIZE)
        edited = model.image_latents(resized(Image.open(picture), *SIZE)) if picture else None
        return Trajectory(
            model,
            Guidance(
                positive=positive,
                negative=negative,
                scale=asked["guidance"],
                steering=UNSTEERED,
                image_scale=asked["image_guidance"] if picture else None,
            ),
            model.scheduler(asked["scheduler"], 6, asked["seed"]),
            seed=asked["seed"],
            like=model.empty_latents(*SIZE),
            image_latents=edited,
        )


def denoise(model: Model, *trajectories: Trajectory) -> list[Tensor]:
    attention = ReferenceAttention(*model.unets)
    states = ReferenceCache(model, attention, budget=2**20)
    for kind in dict.fromkeys(t.batch_key for t in trajectories):
        while waiting := [t for t in trajectories if t.batch_key == kind and not t.done]:
            advance(model, waiting, attention, states)
    with torch.inference_mode():
        return [model.decode(t.latents) * 255 for t in trajectories]


def theirs(
    pipeline: StableDiffusionInstructPix2PixPipeline, picture: Path, scheduler: str, **change: Any
) -> Tensor:
    config = pipeline.scheduler.config
    if scheduler == "dpmpp_sde":  # which wants as many seeds as there are pictures
        pipeline.scheduler = DPMSolverSDEScheduler.from_config(config, noise_sampler_seed=[7])
    else:
        pipeline.scheduler = THEIRS[scheduler](config)
    usual = {"num_inference_steps": 6, "guidance_scale": 7.5, "image_guidance_scale": 1.5}
    try:
        images: Tensor = pipeline(
            INSTRUCTION,
            image=Image.open(picture),
            generator=torch.Generator().manual_seed(7),
            output_type="pt",
            **(usual | change),
        ).images
    finally:
        pipeline.scheduler = type(pipeline.scheduler).from_config(config)
    return images * 255


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # torchsde, of diffusers' own
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_edits_equal_those_of_diffusers(
    scheduler: str,
    model: Model,
    pipeline: StableDiffusionInstructPix2PixPipeline,
    picture: Path,
) -> None:
    [ours] = denoise(model, set_out(model, picture, scheduler=scheduler))
    expected = theirs(pipeline, picture, scheduler)
    assert (ours - expected).abs().mean() <= 1


@pytest.mark.parametrize("keeping", [1.0, 2.2])
def test_the_picture_has_its_own_guidance(
    keeping: float,
    model: Model,
    pipeline: StableDiffusionInstructPix2PixPipeline,
    picture: Path,
) -> None:
    [ours] = denoise(model, set_out(model, picture, scheduler="ddim", image_guidance=keeping))
    expected = theirs(pipeline, picture, "ddim", image_guidance_scale=keeping)
    assert (ours - expected).abs().mean() <= 1


def test_without_guidance_an_edit_takes_one_row(
    model: Model, pipeline: StableDiffusionInstructPix2PixPipeline, picture: Path
) -> None:
    alone = set_out(model, picture, scheduler="ddim", guidance=1.0)
    assert alone.rows == 1
    [ours] = denoise(model, alone)
    assert (ours - theirs(pipeline, picture, "ddim", guidance_scale=1.0)).abs().mean() <= 1


def test_company_changes_no_edit_and_no_painting(model: Model, picture: Path) -> None:
    [edited] = denoise(model, set_out(model, picture))
    [painted] = denoise(model, set_out(model, None))
    together = denoise(
        model,
        set_out(model, None),
        set_out(model, picture, seed=3, guidance=1.0, scheduler="lms"),
        set_out(model, picture),
        set_out(model, None, seed=4, guidance=2.0),
        set_out(model, picture, seed=5, guidance=9.0, image_guidance=1.2, scheduler="pndm"),
    )
    assert (together[0] - painted).abs().max() <= 2
    assert (together[2] - edited).abs().max() <= 2


# In the studio --------------------------------------------------------------------------------


@pytest.fixture
def edit(request_: Callable[..., Paint], source: Source) -> Callable[..., Paint]:
    def make(job: str = "job", **change: Any) -> Paint:
        usual = {"prompt": INSTRUCTION, "source": source, "image_guidance": 1.5, "count": 1}
        return request_(job, **(usual | change))

    return make


@pytest.fixture
def engine(model: Model) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(model, writer, name=model.card.name, reference_budget=2**28)


def pictures_of(engine: Engine, *requests: Paint) -> list[Path]:
    """All pictures of these requests, made together."""
    for request in requests:
        engine.begin(request)
    endings = ended(engine)
    found = []
    for request in requests:
        finished = endings[request.job]
        assert isinstance(finished, Finished), finished
        found += [picture.path for picture in finished.pictures if picture.path]
    return found


def test_edits_and_paintings_share_the_studio(
    model: Model, engine: Engine, edit: Callable[..., Paint], request_: Callable[..., Paint]
) -> None:
    assert model.card.edits
    [edited] = pictures_of(engine, edit("alone"))
    [again, *painted] = pictures_of(engine, edit("beside"), request_("painted"))
    before, after = (np.asarray(Image.open(path)).astype(int) for path in (edited, again))
    assert np.abs(before - after).max() <= 2
    assert len(painted) == 2


def test_an_edit_says_what_made_it(
    engine: Engine, edit: Callable[..., Paint], source: Source
) -> None:
    [path] = pictures_of(engine, edit(image_guidance=1.4, guidance=7.0))
    record = read_record(path)
    assert record is not None
    assert (record["prompt"], record["guidance"], record["image_guidance"]) == (
        INSTRUCTION,
        7.0,
        1.4,
    )
    assert record["source"]["digest"] == source.digest


def test_where_a_mask_says_so_the_picture_is_kept_to_the_pixel(
    engine: Engine, edit: Callable[..., Paint], source: Source
) -> None:
    upper = dataclasses.replace(source, anew=(Box(left=0, top=0, right=1, bottom=0.5),))
    [path] = pictures_of(engine, edit(source=upper))
    before, after = np.asarray(Image.open(source.path)), np.asarray(Image.open(path))
    assert np.array_equal(after[48:], before[48:])
    assert not np.array_equal(after[:48], before[:48])


def test_likes_and_dislikes_steer_edits(
    engine: Engine, edit: Callable[..., Paint], tmp_path: Path
) -> None:
    Image.new("RGB", SIZE, "yellow").save(tmp_path / "rated.png")
    data = (tmp_path / "rated.png").read_bytes()
    rated = Reference(path=tmp_path / "rated.png", digest=digest_of(data))
    plain, liked, disliked = pictures_of(
        engine,
        edit("plain", steps=8),
        edit("liked", steps=8, liked=(rated,)),
        edit("disliked", steps=8, disliked=(rated,)),
    )
    assert len({digest_of(path.read_bytes()) for path in (plain, liked, disliked)}) == 3


def test_variety_draws_both_guidances_from_the_seed(
    engine: Engine, edit: Callable[..., Paint]
) -> None:
    asked = {"varied": True, "guidance": 7.5}
    paths = pictures_of(engine, edit(count=4, **asked), edit("again", count=1, **asked))
    records = [read_record(path) for path in paths]
    drawn = [(record["guidance"], record["image_guidance"]) for record in records if record]
    assert len(set(drawn[:4])) == 4
    assert drawn[4] == drawn[0]
    assert all(6 <= words <= 9 and 1.2 <= kept <= 1.8 for words, kept in drawn)


def test_both_guidances_are_compared_on_one_sheet(
    engine: Engine, edit: Callable[..., Paint]
) -> None:
    axes = (
        Axis(parameter="image_guidance", values=(1.0, 1.5, 2.2)),
        Axis(parameter="guidance", values=(5.0, 8.0)),
    )
    engine.begin(edit(axes=axes, count=6))
    finished = ended(engine)["job"]
    assert isinstance(finished, Finished)
    assert finished.sheet is not None
    kept = [read_record(picture.path) for picture in finished.pictures if picture.path]
    assert [record["image_guidance"] for record in kept if record] == [1.0, 1.5, 2.2] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": None}, "There is no picture to edit."),
        ({"prompt": "  "}, "Say what to change"),
        ({"image_guidance": 0.5}, "Image guidance must be between 1 and 5, not 0.5."),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused(
    change: dict[str, Any], said: str, engine: Engine, edit: Callable[..., Paint]
) -> None:
    engine.begin(edit(**change))
    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INVALID
    assert failed.detail.startswith(said)


# Which UNet edits -----------------------------------------------------------------------------


def test_a_model_without_an_editor_says_so(
    tiny_folder: Path, request_: Callable[..., Paint], source: Source
) -> None:
    model = load_tiny(tiny_folder)
    assert not model.card.edits
    with Writer() as writer:
        engine = Engine(model, writer, name=model.card.name, reference_budget=0)
        asked = request_(source=source, image_guidance=1.5)
        engine.begin(dataclasses.replace(asked, model=model.card.name))
        failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert "cannot follow editing instructions" in failed.detail


def test_a_host_names_an_editor_or_goes_without(tiny_folder: Path, editing_folder: Path) -> None:
    def edits(model: Path, editor: str | None) -> bool:
        options = WorkerOptions(model=str(model), device="cpu", editor=editor)
        return load_model(options).card.edits

    assert not edits(editing_folder, "off")
    assert edits(tiny_folder, str(editing_folder))
    assert edits(tiny_folder, str(editing_folder / "edit"))
    with pytest.raises(ModelUnavailable, match="cannot edit"):
        edits(tiny_folder, str(tiny_folder))


def test_an_editor_of_another_family_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    build_unet(in_channels=8, cross_attention_dim=64).save_pretrained(tmp_path / "edit")
    with pytest.raises(ModelUnavailable, match="another family"):
        load_model(
            WorkerOptions(model=str(tiny_folder), device="cpu", editor=str(tmp_path / "edit"))
        )
