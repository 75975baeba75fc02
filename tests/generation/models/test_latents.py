"""Latents have the channels, scale, shift and size that the model's autoencoder says."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLPipeline
from PIL import Image

from generation.catalog.entries import ModelUnavailable
from generation.models.latents import LatentFormat
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions
from generation.sampling.previews import Previews
from tests.generation.sampling.test_init_image import SEEDS, SIZE, painted, theirs
from tests.generation.sampling.test_trajectory import denoise, set_out
from tests.tiny import build_tiny, build_tiny_xl, build_unet, build_vae, load_tiny

CLOSE = 0.01
"""Of 255, on average: what float32 leaves between two orders of the same sums."""
CHANNELS, SCALE, SHIFT = 6, 1.5305, 0.0609


def build_shifted(folder: Path) -> Path:
    """A model whose autoencoder is like that of Stable Diffusion 3: more channels, and a shift."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        build_tiny(folder)
        vae = build_vae(latent_channels=CHANNELS, scaling_factor=SCALE, shift_factor=SHIFT)
        vae.save_pretrained(folder / "vae")
        unet = build_unet(in_channels=CHANNELS, out_channels=CHANNELS)
        unet.save_pretrained(folder / "unet")
    return folder


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = build_shifted(tmp_path_factory.mktemp("shifted"))
    return load_tiny(folder)


def test_it_is_read_from_the_autoencoder(shifted: Model) -> None:
    assert shifted.latent_format == LatentFormat(
        channels=CHANNELS, vae_scale_factor=8, scaling_factor=SCALE, shift_factor=SHIFT
    )
    assert shifted.empty_latents(96, 64).shape == (1, CHANNELS, 8, 12)


@torch.inference_mode()
def test_latents_are_shifted_and_scaled_as_diffusers_does(shifted: Model) -> None:
    pictures = torch.rand((1, 3, 96, 96), generator=torch.Generator().manual_seed(0))
    found = shifted.vae.encode(pictures * 2 - 1).latent_dist

    mean, deviation = shifted.latents_of(pictures)

    assert torch.equal(mean, (found.mean - SHIFT) * SCALE)
    assert torch.equal(deviation, found.std * SCALE)
    assert torch.equal(shifted.encode(pictures), mean)
    theirs = shifted.vae.decode(mean / SCALE + SHIFT).sample
    assert torch.equal(shifted.decode(mean), (theirs / 2 + 0.5).clamp(0, 1))


@torch.inference_mode()
def test_latents_without_a_shift_are_scaled_alone(model: Model) -> None:
    latents, scale = torch.randn((1, 4, 12, 12)), model.vae.config.scaling_factor

    assert model.vae.config.shift_factor is None
    assert torch.equal(model.latent_format.scaled(latents), latents * scale)
    assert torch.equal(model.latent_format.unscaled(latents), latents / scale)


def test_a_model_of_other_latents_paints_and_shows_previews(shifted: Model) -> None:
    trajectory = set_out(shifted)

    [picture] = denoise(shifted, [trajectory])
    [preview] = Previews(shifted).of(trajectory.latents, coarse=True)()

    assert picture.shape == (1, 3, 96, 96)
    assert picture.isfinite().all()
    assert preview.size == (8, 8)


def test_images_are_made_of_whole_patches() -> None:
    patched = LatentFormat(channels=16, vae_scale_factor=8, scaling_factor=1.0, patch_size=2)

    assert patched.multiple == 16


MEAN, STD = [-1.6574, 1.886, -1.383, 2.5155], [8.4927, 5.9022, 6.5498, 5.2299]


@pytest.fixture(scope="module")
def normalised_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An XL whose autoencoder is like that of Playground 2.5: normalised channel by channel."""
    folder = build_tiny_xl(tmp_path_factory.mktemp("normalised"))
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(3)
        vae = build_vae(scaling_factor=0.5, latents_mean=MEAN, latents_std=STD)
    vae.save_pretrained(folder / "vae")
    return folder


@pytest.fixture(scope="module")
def normalised(normalised_folder: Path) -> Model:
    return load_tiny(normalised_folder)


@pytest.mark.parametrize("scheduler", ["euler", "ddim"])
def test_normalised_latents_paint_as_in_diffusers(
    scheduler: str, normalised_folder: Path, normalised: Model
) -> None:
    expected = theirs(StableDiffusionXLPipeline, normalised_folder, scheduler)

    set_outs = [set_out(normalised, scheduler=scheduler, seed=seed) for seed in SEEDS]
    assert (torch.cat(denoise(normalised, set_outs)) - expected).abs().mean() <= CLOSE


@pytest.mark.parametrize("scheduler", ["euler", "ddim"])
def test_normalised_latents_begin_from_a_picture_as_in_diffusers(
    scheduler: str, normalised_folder: Path, normalised: Model
) -> None:
    source = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    asked = {"image": [source] * 2, "strength": 0.7}
    expected = theirs(StableDiffusionXLImg2ImgPipeline, normalised_folder, scheduler, **asked)

    pictures = painted(normalised, source, scheduler=scheduler, strength=0.7, mask=None)
    assert (pictures - expected).abs().mean() <= CLOSE


@torch.inference_mode()
def test_normalised_latents_decode_to_what_was_encoded(normalised: Model) -> None:
    picture = torch.rand((1, 3, 96, 96), generator=torch.Generator().manual_seed(0))
    found = normalised.vae.encode(picture * 2 - 1).latent_dist

    mean, deviation = normalised.latents_of(picture)

    assert torch.allclose(normalised.latent_format.unscaled(mean), found.mean, atol=1e-5)
    one_off = normalised.latent_format.scaled(found.mean + found.std)
    assert torch.allclose(one_off - mean, deviation, atol=1e-5)


def test_a_mean_without_a_deviation_is_refused(normalised_folder: Path, tmp_path: Path) -> None:
    half = Path(shutil.copytree(normalised_folder, tmp_path / "half"))
    config = json.loads((half / "vae" / "config.json").read_text("utf-8"))
    (half / "vae" / "config.json").write_text(json.dumps(config | {"latents_std": None}))

    with pytest.raises(ModelUnavailable, match="one of latents_mean and latents_std without"):
        load_model(WorkerOptions(model=str(half), device="cpu"))
