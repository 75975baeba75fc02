"""Options of a worker, and the card of the model that it loaded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

PRECISIONS = ("auto", "float32", "float16", "bfloat16")
"""What the UNet may compute in."""


SWITCHES = ("auto", "on", "off")
"""How an option stands that may decide by itself."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class WorkerOptions:
    """How the child is set up once, at its start."""

    model: str = "shapes"
    """A catalogue name, a hub id, a diffusers folder, or a single .safetensors file."""
    device: str = "auto"
    """"auto", "cpu", "cuda" or "cuda:N"."""
    threads: int | None = None
    """CPU threads; None: as many as there are cores."""
    models_dir: Path | None = None
    """Where fetched models live; None: the user's cache."""
    editor: str | None = None
    """The UNet that edits: a model's folder, catalogue name or hub id; "off" for none; None: what
    goes with the model by the catalogue, where it is on this machine."""
    safety_checker: str | None = None
    """For a model that brings none: a checker's or a model's folder, catalogue name or hub id."""
    reference_cache_mb: int | None = None
    """Memory for the states of references; None: half of what is free, within a cap."""
    precision: str = "auto"
    """One of `PRECISIONS`, of the UNet and the text encoders."""
    compiled: bool = False
    """Whether the UNet is compiled, where it does not read references."""
    channels_last: bool = True
    """Whether convolutions have their channels innermost in memory."""
    fused: bool = False
    """Whether each self-attention makes its queries, keys and values in one product."""
    vae_slicing: str = "auto"
    """One of `SWITCHES`: pictures pass the autoencoder one by one, instead of together."""
    vae_tiling: str = "auto"
    """Likewise: a large picture passes the autoencoder in tiles, instead of whole."""
    offload: str = "auto"
    """Likewise: all parts but the UNet wait in the machine's memory until they are needed."""
    memory_limit_mb: int | None = None
    """Of the device's memory; None: all that is free on a GPU, no limit on a CPU."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MemoryProfile:
    """What painting with a model takes of its device's memory, in bytes.

    Measured as the model was loaded; `generation.requests.memory` reckons with it.
    """

    limit: int
    """For everything together."""
    weights: int
    """Of the parts that are on the device at once."""
    references: int
    """Left to the states of references, which are remembered up to it."""
    row: int
    """Of a UNet's call, for each latent of each of its rows."""
    pixel: int
    """Of the autoencoder's work, for each pixel of what it is shown at once."""
    states: tuple[tuple[int, int], ...]
    """Of a reference at one moment, layer by layer: how many latents a side one of the layer's
    tokens stands for, and the bytes of a token."""
    scale: int
    """Pixels a side of one latent."""
    tile: int | None
    """Pixels a side of the smallest tiles that the autoencoder may work in; None: it may not."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """What a member may know of the loaded model."""

    name: str
    licence: str
    width: int
    height: int
    has_safety_checker: bool
    device: str
    edits: bool = False
    """Whether it can edit pictures by instructions."""
    has_negative_prompt: bool = True
    """Whether negative prompts and dislikes mean anything to it: where guidance was distilled into
    a model, there is nothing for them to speak to."""
    memory: MemoryProfile | None = None
    """None where there is no limit."""
