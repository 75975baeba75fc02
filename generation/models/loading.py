"""Load a model by name: diffusers folders, single files, and parts from elsewhere."""

from __future__ import annotations

import dataclasses
import logging
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from torch import nn
from transformers.utils import logging as transformers_logging

from generation.catalog import entries, integrity
from generation.catalog.bases import Base
from generation.catalog.download import fetch_settings
from generation.catalog.entries import ModelUnavailable
from generation.catalog.file_kinds import UNET, FileKind
from generation.catalog.files import (
    locate,
    locate_editor,
    locate_parts,
    locate_settings,
)
from generation.catalog.headers import Header
from generation.catalog.prediction import CONFIGS, prediction_of
from generation.catalog.single_files import identify
from generation.models import families
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import PARTS
from generation.models.denoiser_size import size_of
from generation.models.devices import choose_precision
from generation.models.families.family import Family, Folder, TextEncoders
from generation.models.latents import LatentFormat
from generation.models.memory_profile import fit_for, memory_of
from generation.models.model import Model
from generation.models.offloading import Offloader
from generation.models.out_of_memory import ran_out_of_memory
from generation.models.parameterization import Parameterization
from generation.models.readable_layers import readable_layers
from generation.models.safety_checkers.loading import load_checker
from generation.models.safety_checkers.safety_checker import SafetyChecker
from generation.models.schedulers import make_scheduler
from generation.protocol.options import ModelCard, Prediction, WorkerOptions
from generation.protocol.samplers import SCHEDULERS

log = logging.getLogger(__name__)

ALIGNMENT = 64
"""Alignment in bytes that torch itself gives every tensor on a CPU."""

_IN = {
    torch.float32: nn.Module.float,
    torch.float16: nn.Module.half,
    torch.bfloat16: nn.Module.bfloat16,
}


@dataclasses.dataclass(kw_only=True)
class LoadedParts:
    """A model's parts as loaded from disk."""

    family: Family
    text_encoders: TextEncoders
    vae: AutoencoderKL
    unet: UNet2DConditionModel
    editor: UNet2DConditionModel | None = None
    scheduler_config: dict[str, Any]
    safety: SafetyChecker | None = None
    checker_trouble: str | None = None
    """What is wrong with the safety checker that it should have."""


def load_model(options: WorkerOptions) -> Model:
    """Load `options.model`, with the options' settings or the device's defaults.

    Raises `ModelUnavailable` with a sentence for the host.
    """
    diffusers_logging.disable_progress_bar()
    diffusers_logging.set_verbosity_error()  # what it warns of is refused here, or meant
    transformers_logging.disable_progress_bar()
    device = choose_device(options.device)
    dtype = choose_precision(options.precision, device)
    precise = vae_dtype(dtype, device)
    path = locate(options.model, options.models_dir)
    elsewhere = locate_parts(options.model, options.models_dir)
    integrity.check(options.model, path, elsewhere)
    try:
        if path.is_dir():
            folder = Folder(path=path, dtype=dtype, elsewhere=elsewhere)
            parts = _from_folder(folder, options.model, precise)
        else:
            parts = _from_file(path, options, dtype, precise)
        parts.scheduler_config |= CONFIGS[Prediction(options.prediction)]
        parts.safety, parts.checker_trouble = load_checker(options, path, precise)
        editor = locate_editor(options.editor, options.model, path, options.models_dir)
        if editor is not None:
            parts.editor = _editor(parts.unet, editor, dtype)
        # Rather fail now than at work.
        Parameterization.of(parts.scheduler_config)
        for name in SCHEDULERS:
            make_scheduler(name, parts.scheduler_config, steps=1)
    except UNREADABLE as error:
        raise unloadable(options.model, error) from error
    return _assembled(parts, options, device, dtype)


UNREADABLE = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError)
"""What the libraries raise for files that are not as they expect."""


def unloadable(name: str, error: Exception) -> ModelUnavailable:
    """Return what to tell the host of files that are whole, and cannot be loaded nevertheless."""
    if ran_out_of_memory(error):
        return ModelUnavailable(
            f"{name} does not fit into the memory that is free: close other programs, set "
            "KONOMI_OFFLOAD=on, or choose a smaller model."
        )
    return ModelUnavailable(
        f"{name} cannot be loaded: its weights and settings do not go together. Download the "
        "whole model again, or choose another; the generator's log says more."
    )


def choose_device(name: str) -> torch.device:
    """Return the device for "auto", "cpu", "cuda" or "cuda:N"; raises `ModelUnavailable`."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelUnavailable(
            f"There is no device {name} here; set the device to auto or cpu, or check that "
            "the installed torch was built for CUDA."
        )
    return device


def vae_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """Return the dtype of the autoencoder and the safety checker for a UNet in `dtype`.

    Never bfloat16, whose 8 bits of precision are fewer than those of an image's colours.
    """
    half = dtype is not torch.float32 and device.type == "cuda"
    return torch.float16 if half else torch.float32


def _from_folder(folder: Folder, name: str, precise: torch.dtype) -> LoadedParts:
    family = families.of_folder(folder.index)
    known = entries.find(name)
    scheduler = folder.settings("scheduler/scheduler_config.json") | dict(family.scheduler)
    if known is not None:
        scheduler |= {**known.scheduler, **CONFIGS[known.prediction]}
    return LoadedParts(
        family=family,
        text_encoders=family.load_text_encoders(folder),
        vae=dataclasses.replace(folder, dtype=precise).load(AutoencoderKL, "vae"),
        unet=folder.load(UNet2DConditionModel, "unet"),
        scheduler_config=scheduler,
    )


def _from_file(
    file: Path, options: WorkerOptions, dtype: torch.dtype, precise: torch.dtype
) -> LoadedParts:
    """Load a single file; its tokenizers and settings are those of a model in the catalogue."""
    header, kind = identify(file)
    prediction = prediction_of(options.model, file, Prediction(options.prediction))
    family = families.of_file(kind)
    settings = _settings_for(file, kind, prediction, options.models_dir)
    pipeline = _read_by_diffusers(file, kind, settings, family.pipelines[0], precise)
    _check_all_read(file, header, kind, pipeline)
    text_encoders = family.text_encoders_of(pipeline)
    for part in (pipeline.unet, *(encoder.network for encoder in text_encoders.encoders)):
        _IN[dtype](part)
    return LoadedParts(
        family=family,
        text_encoders=text_encoders,
        vae=pipeline.vae,
        unet=pipeline.unet,
        scheduler_config={**pipeline.scheduler.config, **CONFIGS[prediction]},
    )


def _settings_for(
    file: Path, kind: FileKind, prediction: Prediction, models_dir: Path | None
) -> Path:
    """Return the folder of the tokenizers and settings of a single file; fetch it if need be."""
    original = kind.settings_of(prediction)
    if (settings := locate_settings(original, models_dir)) is not None:
        return settings
    log.info("downloading the tokenizer and settings that %s lacks, of %s", file.name, original)
    try:
        return fetch_settings(original, models_dir)
    except ModelUnavailable as error:
        raise ModelUnavailable(
            f"{file.name} holds weights only; the tokenizer that goes with them must be "
            "downloaded once: connect to the network, or run: "
            f"python -m generation fetch {original}"
        ) from error


def _read_by_diffusers(
    file: Path, kind: FileKind, settings: Path, pipeline: str, precise: torch.dtype
) -> Any:
    # Imported here because the pipelines take seconds to import, and only this needs them.
    import diffusers

    try:
        return getattr(diffusers, pipeline).from_single_file(
            str(file), config=str(settings), torch_dtype=precise, local_files_only=True
        )
    except UNREADABLE as error:
        raise _other_layers(file, kind) from error


def _check_all_read(file: Path, header: Header, kind: FileKind, pipeline: Any) -> None:
    """Raise ModelUnavailable if weights of a file were left out, or were not there to be read."""
    given = sum(name.startswith(UNET) for name in header.tensors)
    lacking = any(
        weights.is_meta
        for part in pipeline.components.values()
        if isinstance(part, nn.Module)
        for weights in part.parameters()
    )
    if lacking or given != len(pipeline.unet.state_dict()):
        raise _other_layers(file, kind)


def _other_layers(file: Path, kind: FileKind) -> ModelUnavailable:
    return ModelUnavailable(
        f"{file.name} has the names of {kind.title}, but not its layers, as distilled and pruned "
        "models do not: choose its folder in the diffusers format, or another model."
    )


def _editor(painter: UNet2DConditionModel, place: Path, dtype: torch.dtype) -> Any:
    """Load the editing UNet, if it fits the model's text encoders."""
    try:
        editor = Folder(path=place.parent, dtype=dtype).load(UNet2DConditionModel, place.name)
    except UNREADABLE as error:
        raise ModelUnavailable(
            f"The editing model in {place} cannot be loaded: its files are not whole. Download it "
            "again, or set KONOMI_EDITOR=off."
        ) from error
    alike = ("cross_attention_dim", "addition_embed_type")
    if any(editor.config[name] != painter.config[name] for name in alike):
        raise ModelUnavailable(
            f"{place} is for another family of models: its UNet needs other text encoders."
        )
    return editor


def _assembled(
    parts: LoadedParts, options: WorkerOptions, device: torch.device, dtype: torch.dtype
) -> Model:
    unet, vae, safety, name = parts.unet, parts.vae, parts.safety, options.model
    latent_format = LatentFormat.of(vae)
    if unet.config.in_channels != latent_format.channels:
        raise ModelUnavailable(
            f"{name} was made for editing or inpainting ({unet.config.in_channels} input "
            "channels), not for text to image; use an editing model as another's editor."
        )
    # Some decoders overflow in half precision and paint black; unless configured otherwise, assume
    # that all do.
    if vae.config.force_upcast:
        vae.float()
    unets = [unet] if parts.editor is None else [unet, parts.editor]
    encoders = [encoder.network for encoder in parts.text_encoders.encoders]
    checker = None if safety is None else safety.network
    others = [*encoders, vae, *([] if checker is None else [checker])]
    for part in (*others, *unets):
        part.requires_grad_(False).eval()
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    for part in (vae, *unets):
        part.to(memory_format=layout)
    if device.type == "cpu":
        for part in (*others, *unets):
            _align(part)
    fit = fit_for(others, unets, device, options)
    offloader = Offloader(device, others if fit.offload else ())
    for part in (*unets, *([] if fit.offload else others)):
        part.to(device)
    for encoder in parts.text_encoders.encoders:
        encoder.before = partial(offloader.load, encoder.network)
    if safety is not None and checker is not None:
        safety.before = partial(offloader.load, checker)
    if options.fused:
        fuse(unet)
    model = Model(
        card=_card(parts, latent_format, name, device),
        text_encoders=parts.text_encoders,
        vae=vae,
        latent_format=latent_format,
        unet=unet,
        editor=parts.editor,
        scheduler_config=parts.scheduler_config,
        safety=safety,
        device=device,
        dtype=dtype,
        offloader=offloader,
        memory_format=layout,
        compiled=torch.compile(unet, dynamic=True) if options.compiled else None,
        vae_slicing=options.vae_slicing,
        vae_tiling=options.vae_tiling,
    )
    if fit.limit is not None:
        model.card = dataclasses.replace(
            model.card, memory=memory_of(model, fit.limit, weights=fit.weights)
        )
    return model


def _align(part: nn.Module) -> None:
    """Copy weights to aligned memory if a file's header left them at an odd offset.

    CPU kernels are chosen by alignment, and each rounds differently: the same weights would give
    slightly different images from a file with a longer header.
    """
    for weights in (*part.parameters(), *part.buffers()):
        if weights.data_ptr() % ALIGNMENT:
            weights.data = weights.data.clone()


def _card(
    parts: LoadedParts, latent_format: LatentFormat, name: str, device: torch.device
) -> ModelCard:
    known = entries.find(name)
    native = parts.unet.config.sample_size
    rows, columns = (native, native) if isinstance(native, int) else native
    factor = latent_format.vae_scale_factor
    encoders = [encoder.network for encoder in parts.text_encoders.encoders]
    targets = Targets.of(dict(zip(PARTS, [parts.unet, *encoders], strict=False)))
    return ModelCard(
        name=entries.public_name(name),
        licence=known.licence if known else "as its makers state",
        width=known.side if known else columns * factor,
        height=known.side if known else rows * factor,
        has_safety_checker=parts.safety is not None,
        edits=parts.editor is not None,
        has_negative_prompt=parts.unet.config.time_cond_proj_dim is None,
        checked_by=None if parts.safety is None else parts.safety.name,
        checker_trouble=parts.checker_trouble,
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU",
        bases=tuple(base.value for base in Base if base in targets.bases),
        context_width=targets.context_width,
        text_widths=targets.widths,
        denoiser=size_of(parts.unet),
    )


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def fuse(unet: UNet2DConditionModel) -> None:
    """Fuse the query, key and value projections of every self-attention into one product.

    The three matrices become views of the fused one, so they take no more memory and can still be
    used alone, as for references.
    """
    for layer in readable_layers(unet):
        attn = layer.attention
        attn.fuse_projections()
        thirds = attn.to_qkv.weight.data.chunk(3)
        for project, third in zip((attn.to_q, attn.to_k, attn.to_v), thirds, strict=True):
            project.weight.data = third
