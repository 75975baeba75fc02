"""Every kind of model paints as diffusers' own pipelines do, and is steered like any other."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)
from PIL import Image, ImageDraw

from generation.catalog import entries
from generation.catalog.entries import CatalogEntry, ModelUnavailable, PartSource
from generation.catalog.file_kinds import (
    STABLE_DIFFUSION_1,
    STABLE_DIFFUSION_2,
    STABLE_DIFFUSION_XL,
)
from generation.catalog.folder_kinds import PARTS
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.images.tensors import digest_of
from generation.models import families
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint, Reference
from generation.protocol.samplers import SCHEDULERS
from tests.generation.painted import ended
from tests.generation.sampling.test_init_image import SEEDS, SIZE, painted, theirs
from tests.generation.sampling.test_trajectory import denoise, set_out
from tests.tiny import build_tiny_xl, load_tiny

pytestmark = pytest.mark.filterwarnings("ignore:Should have t:UserWarning")  # torchsde's


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_xl(tmp_path_factory.mktemp("xl"))


@pytest.fixture(scope="module")
def xl(xl_folder: Path) -> Model:
    return load_tiny(xl_folder)


@pytest.fixture
def xl_studio(xl: Model) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(xl, writer, name=xl.card.name, reference_budget=2**28)


@pytest.fixture
def source() -> Image.Image:
    picture = Image.new("RGB", SIZE, "skyblue")
    ImageDraw.Draw(picture).ellipse((20, 30, 70, 80), fill="crimson")
    return picture


@pytest.fixture
def mask() -> Image.Image:
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, (16, 24, 64, 72))
    return mask


def ours(model: Model, **asked: Any) -> torch.Tensor:
    return torch.cat(denoise(model, [set_out(model, seed=seed, **asked) for seed in SEEDS]))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_xl_paints_as_diffusers_does(scheduler: str, xl: Model, xl_folder: Path) -> None:
    expected = theirs(StableDiffusionXLPipeline, xl_folder, scheduler)

    assert (ours(xl, scheduler=scheduler) - expected).abs().mean() <= 1


def test_xl_reads_a_negative_prompt_as_diffusers_does(xl: Model, xl_folder: Path) -> None:
    expected = theirs(
        StableDiffusionXLPipeline,
        xl_folder,
        "ddim",
        negative_prompt=["blurry"] * 2,
        width=128,
        height=96,
    )

    pictures = ours(xl, scheduler="ddim", negative="blurry", size=(128, 96))
    assert (pictures - expected).abs().mean() <= 1


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_xl_begins_from_a_picture_as_diffusers_does(
    scheduler: str, xl: Model, xl_folder: Path, source: Image.Image
) -> None:
    expected = theirs(
        StableDiffusionXLImg2ImgPipeline, xl_folder, scheduler, image=[source] * 2, strength=0.7
    )

    pictures = painted(xl, source, scheduler=scheduler, strength=0.7, mask=None)
    assert (pictures - expected).abs().mean() <= 1


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("strength", [0.7, 1.0])
def test_xl_inpaints_as_diffusers_does(
    scheduler: str,
    strength: float,
    xl: Model,
    xl_folder: Path,
    source: Image.Image,
    mask: Image.Image,
) -> None:
    expected = theirs(
        StableDiffusionXLInpaintPipeline,
        xl_folder,
        scheduler,
        image=[source] * 2,
        mask_image=[mask] * 2,
        width=96,
        height=96,
        strength=strength,
    )

    pictures = painted(xl, source, scheduler=scheduler, strength=strength, mask=mask)
    assert (pictures - expected).abs().mean() <= 1


@pytest.mark.parametrize("guidance", [1.0, 8.0])
def test_a_unet_that_reads_its_guidance_takes_one_row(
    guidance: float, distilled_folder: Path
) -> None:
    model = load_tiny(distilled_folder)
    assert set_out(model, guidance=guidance).rows == 1

    expected = theirs(
        StableDiffusionPipeline,
        distilled_folder,
        "lcm",
        guidance_scale=guidance,
        num_inference_steps=4,
    )

    pictures = ours(model, scheduler="lcm", guidance=guidance, steps=4)
    assert (pictures - expected).abs().mean() <= 1


def test_few_steps_are_spaced_as_the_model_was_distilled(tmp_path: Path) -> None:
    folder = build_tiny_xl(tmp_path / "turbo")
    settings = folder / "scheduler" / "scheduler_config.json"
    config = json.loads(settings.read_text()) | {"timestep_spacing": "trailing"}
    settings.write_text(json.dumps(config))
    model = load_tiny(folder)
    assert set_out(model, scheduler="euler", steps=2).timesteps == [999.0, 499.0]

    expected = theirs(
        StableDiffusionXLPipeline, folder, "euler", guidance_scale=0.0, num_inference_steps=2
    )

    pictures = ours(model, scheduler="euler", guidance=1.0, steps=2)
    assert (pictures - expected).abs().mean() <= 1


def test_company_changes_nothing_for_xl(xl: Model) -> None:
    [alone] = denoise(xl, [set_out(xl, seed=3)])

    together = [
        set_out(xl, seed=3),
        set_out(xl, scheduler="ddim", prompt="a blue square", guidance=2.0, steps=4),
        set_out(xl, scheduler="unipc", prompt="a star", guidance=1.0, steps=5),
    ]

    assert (alone - denoise(xl, together)[0]).abs().max() <= 2


def test_likes_steer_xl(
    xl: Model, xl_studio: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    references = []
    for colour in ("yellow", "navy"):
        path = tmp_path / f"{colour}.png"
        Image.new("RGB", SIZE, colour).save(path)
        references.append(Reference(path=path, digest=digest_of(path.read_bytes())))
    pictures = {}
    for job, liked, disliked in (
        ("plain", (), ()),
        ("liked", references[:1], ()),
        ("both", references[:1], references[1:]),
    ):
        asked = request_(job, count=1, liked=tuple(liked), disliked=tuple(disliked))
        xl_studio.begin(dataclasses.replace(asked, model=xl.card.name))
        finished = ended(xl_studio)[job]
        assert isinstance(finished, Finished)
        assert bool(finished.steering) == bool(liked)
        pictures[job] = finished.pictures[0].digest
    assert len(set(pictures.values())) == 3


def test_long_and_weighted_prompts_are_read_by_both_encoders(xl: Model) -> None:
    long = ", ".join(["a red star on a blue background"] * 20)
    with torch.inference_mode():
        plain, weighted = (
            xl.encode_prompt(prompt, "", 6.0, 96, 96)[0]
            for prompt in (long, f"({long}:1.3), and a heart")
        )
        wanted, left = xl.encode_prompt(long, "blurry", 6.0, 96, 96)

    assert plain.states.shape[1] > 77
    assert left is not None
    assert wanted.states.shape == left.states.shape
    for half in (slice(None, 32), slice(32, None)):
        assert not torch.equal(plain.states[:, :77, half], weighted.states[:, :77, half])


def test_a_refiner_is_refused(xl_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(xl_folder, tmp_path / "refiner"))
    shutil.rmtree(folder / "text_encoder")

    with pytest.raises(ModelUnavailable, match="is a refiner for another model's images"):
        load_model(WorkerOptions(model=str(folder), device="cpu"))


def test_each_kind_of_folder_and_file_that_konomi_runs_has_a_family() -> None:
    assert {name for family in families.FAMILIES for name in family.pipelines} == set(PARTS)
    titles = [
        families.of_file(kind).title
        for kind in (STABLE_DIFFUSION_1, STABLE_DIFFUSION_2, STABLE_DIFFUSION_XL)
    ]
    assert titles == ["Stable Diffusion 1.x and 2.x"] * 2 + ["Stable Diffusion XL"]


@pytest.mark.parametrize("as_file", [False, True])
def test_a_catalogue_entry_swaps_parts(
    as_file: bool, xl_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(5)
        swapped = type(load(xl_folder).unet).from_config(load(xl_folder).unet.config)
    swapped.save_pretrained(tmp_path / "fast")
    weights = tmp_path / "fast" / "diffusion_pytorch_model.safetensors"
    in_cache(tmp_path, "owner/base", xl_folder)
    in_cache(tmp_path, "owner/fast", tmp_path / "fast")
    entry = CatalogEntry(
        name="fast",
        repo="owner/base",
        licence="MIT",
        side=96,
        gigabytes=0.01,
        description="for this test",
        parts={"unet": PartSource(repo="owner/fast", file=weights.name if as_file else None)},
        scheduler={"timestep_spacing": "trailing"},
    )
    monkeypatch.setattr(entries, "CATALOGUE", (entry,))

    model = load_model(WorkerOptions(model="fast", device="cpu", models_dir=tmp_path))

    assert torch.equal(model.unet.conv_in.weight, swapped.conv_in.weight)
    assert torch.equal(model.vae.decoder.conv_in.weight, load(xl_folder).vae.decoder.conv_in.weight)
    assert model.scheduler("euler", 2, 0).timesteps.tolist() == [999.0, 499.0]


def load(folder: Path) -> Model:
    return load_tiny(folder)


def in_cache(cache: Path, repo: str, folder: Path) -> None:
    """Put a folder where fetching would have put it."""
    place = cache / f"models--{repo.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / "abc")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")


def test_a_models_card_says_whether_it_can_keep_anything_away(
    distilled_folder: Path, tiny_folder: Path
) -> None:
    cards = [load_tiny(folder).card for folder in (distilled_folder, tiny_folder)]

    assert [card.has_negative_prompt for card in cards] == [False, True]
