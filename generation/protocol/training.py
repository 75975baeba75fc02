"""Requests to train: the method with its settings, the data, and what may be asked meanwhile.

Frozen, keyword-only dataclasses of the standard library, like all of the protocol.  The defaults
are those that work for a handful of pictures; `docs/training.md` says why.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path

from generation.protocol.requests import Lane


class Objective(enum.Enum):
    """What a taste LoRA learns from rated pictures."""

    LIKED = "liked"
    """To paint like the liked pictures: plain LoRA on them."""
    KTO = "kto"
    """Diffusion-KTO, from single votes (arXiv 2404.04465)."""
    PAIRS = "pairs"
    """Diffusion-DPO, from a liked and a disliked picture of one round (arXiv 2311.12908)."""
    PRIOR_PAIRS = "prior-pairs"
    """The same, with the noise that each picture began from, as PNAPO has it (arXiv 2605.09433)."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Lora:
    """A LoRA (Hu et al., arXiv 2106.09685); alpha equals the rank."""

    rank: int = 16
    mlp: bool = False
    """Adapt the feed-forward layers, too, not the attention alone."""
    conv: bool = False
    """Adapt the convolutions, too (LoCon): new shapes, in models whose attention is small."""
    text_encoder: bool = False
    """Adapt the text encoders' attention, too."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TextualInversion:
    """New words for a thing (Gal et al., arXiv 2208.01618)."""

    token: str
    """The word for the prompt, such as `<rocky>`."""
    vectors: int = 4
    """Number of embeddings that the word stands for, 1 to 8."""
    initializer: str = ""
    """A known word that comes near; the mean of all embeddings if empty."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DreamBooth:
    """A subject under a rare word and its class (Ruiz et al., arXiv 2208.12242)."""

    instance_prompt: str = ""
    """The prompt of every picture, such as "a photo of sks dog"; empty to use their captions."""
    class_prompt: str = ""
    """The prompt of its class, such as "a photo of a dog"; empty for no prior loss."""
    class_pictures: int = 100
    """Number of pictures of the class that the untouched model paints."""
    class_data: Path | None = None
    """A folder with pictures of the class to use instead."""
    prior_weight: float = 1.0
    lora: Lora | None = Lora()
    """The form of the result; None trains the whole UNet."""
    text_encoder: bool = False
    """Train the whole text encoder, too, without `lora`."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Finetune:
    """Full fine-tuning of the UNet."""

    ema_decay: float = 0.999
    """Of the average of the weights that is saved; 0 saves the last weights themselves."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EditTraining:
    """An editing model after InstructPix2Pix (Brooks et al., arXiv 2211.09800).

    Each chance drops the text, the picture to edit, or both, so that guidance can leave them out.
    """

    drop_text: float = 0.05
    drop_image: float = 0.05
    drop_both: float = 0.05
    ema_decay: float = 0.999


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Taste:
    """A LoRA of a member's taste, from rated pictures with their prompts and seeds."""

    objective: Objective = Objective.KTO
    beta: float = 100.0
    """Strength of the reference model in `KTO`, `PAIRS` and `PRIOR_PAIRS`."""
    rank: int = 16


Method = Lora | TextualInversion | DreamBooth | Finetune | EditTraining | Taste


class Optimizer(enum.Enum):
    """Optimizers by their usual names."""

    ADAMW = "adamw"
    ADAMW_8BIT = "adamw-8bit"
    """bitsandbytes'; needs a GPU."""
    PRODIGY = "prodigy"
    """Finds its own learning rate; set the rate to 1."""


class RateSchedule(enum.Enum):
    """Courses of the learning rate by diffusers' names, after the warm-up."""

    CONSTANT = "constant"
    COSINE = "cosine"
    LINEAR = "linear"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How long and how fast to train; None for what suits the method."""

    steps: int | None = None
    """Optimizer steps."""
    batch: int = 1
    """Pictures in each call of the UNet."""
    accumulation: int = 1
    """Calls in each optimizer step."""
    rate: float | None = None
    rate_schedule: RateSchedule = RateSchedule.CONSTANT
    warmup: int = 0
    """Steps over which the rate rises from 0."""
    optimizer: Optimizer = Optimizer.ADAMW
    snr_gamma: float | None = 5.0
    """γ of min-SNR (arXiv 2303.09556); None weighs all timesteps alike."""
    side: int | None = None
    """Side of a square of the area that pictures are scaled to; None for the model's own."""
    flip: bool = False
    crop: bool = False
    """Crop at random places instead of at the centre."""
    colour: bool = False
    """Vary brightness, contrast and saturation a little."""
    variants: int = 4
    """Variants of each picture that are cached where any of the three is on."""
    gradient_checkpointing: bool = False
    seed: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoints:
    """How often a training is saved, sampled and scored."""

    every: int = 100
    """Steps between two checkpoints."""
    prompts: tuple[str, ...] = ()
    """Prompts of the sample grid; those of the data if there are none."""
    sample_steps: int | None = None
    """None for the model's own."""
    guidance: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Train:
    """Request to train on the pictures of a folder.

    The child writes everything into the existing folder `out`, and goes on from the last checkpoint
    that it finds there.
    """

    job: str
    model: str
    method: Method
    data: Path
    """Folder of pictures with captions in .txt files beside them or in metadata.jsonl."""
    out: Path
    recipe: Recipe = Recipe()
    checkpoints: Checkpoints = Checkpoints()
    name: str = "adapter"
    """Of the result, in its file and its metadata."""
    trigger: str = ""
    """The words that call for what was trained, for the metadata."""

    @property
    def lane(self) -> Lane:
        """Lane that it waits and runs in."""
        return Lane.BACKGROUND

    @property
    def cost(self) -> int:
        """Number of pictures that it paints: it counts as one."""
        return 1

    @property
    def retried(self) -> bool:
        """Is it tried again, alone, if the painter dies with it?"""
        return True


class Action(enum.Enum):
    """What may be asked of a training that runs."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    """End at the next step, and keep what there is as the result."""
    SAVE = "save"
    """Write a checkpoint now."""
    SAMPLE = "sample"
    """Paint the sample grid now."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """Ask something of a training that runs; does nothing if it has ended."""

    job: str
    action: Action
