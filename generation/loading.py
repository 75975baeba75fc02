"""From a model's name to its loaded parts: diffusers folders, single files, and swapped parts."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from safetensors import safe_open
from transformers.utils import logging as transformers_logging

from generation import catalog, families
from generation.catalog import ModelUnavailable
from generation.checkers import checker_in
from generation.families.family import Family, Folder, Words
from generation.messages import ModelCard, WorkerOptions
from generation.models import LATENT_CHANNELS, Model
from generation.safety import SafetyChecker, load_hosts_checker, load_safety_checker
from generation.schedulers import make_scheduler

log = logging.getLogger(__name__)


@dataclasses.dataclass(kw_only=True)
class Parts:
    """What a model consists of, as it lies on the disk."""

    family: Family
    words: Words
    vae: AutoencoderKL
    unet: UNet2DConditionModel
    scheduler_config: dict[str, Any]
    safety: SafetyChecker | None


def load_model(options: WorkerOptions) -> Model:
    """Load what `options.model` names, in half precision on CUDA and in float32 elsewhere.

    Raises `ModelUnavailable` with a sentence for the host.
    """
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    device = choose_device(options.device)
    dtype = torch.float16 if device.type == "cuda" else torch.float32
    path = catalog.locate(options.model, options.models_dir)
    try:
        if path.is_dir():
            elsewhere = catalog.locate_parts(options.model, options.models_dir)
            folder = Folder(path=path, dtype=dtype, elsewhere=elsewhere)
            parts = _from_folder(folder, options.model)
        else:
            parts = _from_file(path, dtype, options.models_dir)
        if parts.safety is None and options.safety_checker is not None:
            parts.safety = load_hosts_checker(options.safety_checker, options.models_dir, dtype)
        make_scheduler("euler_a", parts.scheduler_config, steps=1)  # better now than at work
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelUnavailable(f"{options.model} cannot be loaded: {_first_line(error)}") from error
    return _assembled(parts, options.model, device, dtype)


def choose_device(wish: str) -> torch.device:
    """The device for "auto", "cpu", "cuda" or "cuda:N"; a sentence if it is not there."""
    if wish == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wish)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelUnavailable(
            f"There is no device {wish} here; set the device to auto or cpu, or see whether "
            "the installed torch was built for CUDA."
        )
    return device


def _from_folder(folder: Folder, name: str) -> Parts:
    family = families.of_folder(folder.path.name, folder.index)
    known = catalog.find(name)
    checker = checker_in(folder.path)
    scheduler = folder.settings("scheduler/scheduler_config.json")
    return Parts(
        family=family,
        words=family.load_words(folder),
        vae=folder.load(AutoencoderKL, "vae"),
        unet=folder.load(UNet2DConditionModel, "unet"),
        scheduler_config=scheduler | dict(known.scheduler if known else {}),
        safety=None if checker is None else load_safety_checker(checker, folder.dtype),
    )


def _from_file(file: Path, dtype: torch.dtype, models_dir: Path | None) -> Parts:
    """A single-file checkpoint; its tokenizers and configurations come from the hub."""
    # Here, not above: the pipelines take seconds to import, and only this needs one.
    import diffusers

    with safe_open(file, framework="pt") as opened:
        family = families.of_file(file.name, list(opened.keys()))
    kind = getattr(diffusers, family.pipelines[0])

    def load(*, offline: bool) -> Any:
        return kind.from_single_file(
            str(file), torch_dtype=dtype, cache_dir=models_dir, local_files_only=offline
        )

    try:
        pipeline = load(offline=True)
    except OSError:
        log.info("fetching the tokenizer and configurations that %s leaves out", file.name)
        try:
            pipeline = load(offline=False)
        except OSError as error:
            raise ModelUnavailable(
                f"{file.name} holds weights alone; the tokenizer that goes with them must be "
                "fetched once: connect to the network, or run: "
                f"python -m generation fetch {family.original}"
            ) from error
    return Parts(
        family=family,
        words=family.words_of(pipeline),
        vae=pipeline.vae,
        unet=pipeline.unet,
        scheduler_config=dict(pipeline.scheduler.config),
        safety=None,
    )


def _assembled(parts: Parts, name: str, device: torch.device, dtype: torch.dtype) -> Model:
    unet, vae = parts.unet, parts.vae
    if unet.config.in_channels != LATENT_CHANNELS:
        raise ModelUnavailable(
            f"{name} was made for editing or inpainting ({unet.config.in_channels} input "
            "channels), not for painting from words."
        )
    for part in (*parts.words.encoders, vae, unet):
        part.to(device).requires_grad_(False).eval()
    # Some decoders overflow in half precision and paint black; unless told, suspect them all.
    if vae.config.force_upcast and dtype is torch.float16:
        vae.float()
    unet.to(memory_format=torch.channels_last)
    vae.to(memory_format=torch.channels_last)
    if parts.safety is not None:
        parts.safety.to(device)
    return Model(
        card=_card(parts, name, device),
        words=parts.words,
        vae=vae,
        unet=unet,
        scheduler_config=parts.scheduler_config,
        safety=parts.safety,
        device=device,
        dtype=dtype,
    )


def _card(parts: Parts, name: str, device: torch.device) -> ModelCard:
    known = catalog.find(name)
    native = parts.unet.config.sample_size
    rows, columns = (native, native) if isinstance(native, int) else native
    scale = 2 ** (len(parts.vae.config.block_out_channels) - 1)
    return ModelCard(
        name=catalog.public_name(name),
        licence=known.licence if known else "as its makers state",
        width=known.side if known else columns * scale,
        height=known.side if known else rows * scale,
        has_safety_checker=parts.safety is not None,
        keeps_away=parts.unet.config.time_cond_proj_dim is None,
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU",
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
