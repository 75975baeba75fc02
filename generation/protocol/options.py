"""Options of a worker, and the card of the model that it loaded."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from pathlib import Path

PRECISIONS = ("auto", "float32", "float16", "bfloat16")
"""Precisions for the UNet."""


SWITCHES = ("auto", "on", "off")
"""Values of an option that can also be decided automatically."""


class Prediction(enum.StrEnum):
    """What a model predicts from noisy latents; the values are those of the host's setting."""

    AUTO = "auto"
    """What the model's own files say."""
    EPSILON = "epsilon"
    VELOCITY = "v_prediction"
    VELOCITY_ZERO_SNR = "v_prediction_zero_snr"
    """Velocity, by a noise schedule that ends in pure noise."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class WorkerOptions:
    """Settings of the child, fixed when it starts."""

    model: str = "shapes"
    """Catalogue name, hub id, diffusers folder, or single .safetensors file."""
    device: str = "auto"
    """"auto", "cpu", "cuda" or "cuda:N"."""
    threads: int | None = None
    """CPU threads; None for the number of cores."""
    models_dir: Path | None = None
    """Folder of downloaded models; None for the user's cache."""
    editor: str | None = None
    """Editing UNet: a model's folder, catalogue name or hub id; "off" for none; None for the one
    that the catalogue gives the model, if it is on this machine."""
    safety_checker: str | None = None
    """Checker in place of the model's own: "bundled", or folder, catalogue name or hub id of a
    checker or a model; None for the model's own, or the bundled one for the catalogue's models
    without one."""
    safety_threshold: float | None = None
    """Score from which on a checker that gives scores flags; None for the checker's own."""
    captioner: str | None = None
    """Caption model for training pictures: a folder or hub id; None for none."""
    reference_cache_mb: int | None = None
    """Memory for hidden states of references; None for half of what is free, up to a cap."""
    precision: str = "auto"
    """Precision of the UNet and the text encoders, one of `PRECISIONS`."""
    prediction: str = Prediction.AUTO
    """What the model predicts, one of `Prediction`."""
    compiled: bool = False
    """Compile the UNet, for calls without references."""
    channels_last: bool = True
    """Use the channels_last memory format for convolutions."""
    fused: bool = False
    """Fuse the query, key and value projections of each self-attention."""
    vae_slicing: str = "auto"
    """Encode and decode pictures one by one, not together; one of `SWITCHES`."""
    vae_tiling: str = "auto"
    """Encode and decode large pictures in tiles, not whole; one of `SWITCHES`."""
    offload: str = "auto"
    """Keep all parts but the UNet in main memory until they are needed; one of `SWITCHES`."""
    memory_limit_mb: int | None = None
    """Limit on the device's memory; None for all that is free on a GPU, no limit on a CPU."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MemoryProfile:
    """Memory that generation with a model needs on its device, in bytes.

    Measured when the model is loaded; used by `generation.requests.memory`.
    """

    limit: int
    """Limit on everything together."""
    weights: int
    """Weights of the parts that are on the device at once."""
    references: int
    """Size limit of the cache of reference states."""
    row: int
    """UNet call, per latent of each row."""
    pixel: int
    """Autoencoder, per pixel that it processes at once."""
    states: tuple[tuple[int, int], ...]
    """Hidden states of a reference at one timestep, by layer: latents per side of one token, and
    bytes per token."""
    scale: int
    """Pixels per side of one latent."""
    tile: int | None
    """Pixels per side of the smallest tiles that the autoencoder may use; None if it may not
    tile."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DenoiserSize:
    """Size of the network that is trained: parameters, and features of its attention's layers.

    features: in and out of each, all together; a LoRA has as many parameters for each rank.
    """

    parameters: int
    features: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """Public information on the loaded model."""

    name: str
    licence: str
    width: int
    height: int
    has_safety_checker: bool
    """False also if the checker that it should have cannot be loaded."""
    device: str
    edits: bool = False
    """True if it can edit pictures by instruction."""
    has_negative_prompt: bool = True
    """True if negative prompts and dislikes have an effect, which they do not in models with
    distilled guidance."""
    bases: tuple[str, ...] = ()
    """Base models whose adapters may fit it, by modelspec's names; empty if that is not known."""
    context_width: int = 0
    """Width of the texts that its cross-attention reads."""
    text_widths: Mapping[str, int] = dataclasses.field(default_factory=dict, hash=False)
    """Widths of the words of its text encoders."""
    checked_by: str | None = None
    """Name of the safety checker, "bundled" or of the model that it is from; None for none."""
    checker_trouble: str | None = None
    """A sentence for the host if the checker that it should have cannot be loaded."""
    memory: MemoryProfile | None = None
    """None without a limit."""
    denoiser: DenoiserSize | None = None
    """Size of its UNet, by which trainings are estimated; None if that is not known."""
