"""A Stable Diffusion by its parts: prompts in, latents out and in, pictures out."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, SchedulerMixin, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.utils import logging as transformers_logging

from generation import catalog
from generation.catalog import ModelUnavailable
from generation.checkers import checker_in
from generation.messages import ModelCard, WorkerOptions
from generation.safety import SafetyChecker, load_hosts_checker, load_safety_checker
from generation.schedulers import make_scheduler
from generation.words import Words

log = logging.getLogger(__name__)

PAINTS_WITH = "StableDiffusionPipeline"
LATENT_CHANNELS = 4


@dataclasses.dataclass(kw_only=True)
class Model:
    """The loaded parts, ready to paint; nothing here remembers a request but `words`."""

    card: ModelCard
    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    vae: AutoencoderKL
    unet: UNet2DConditionModel
    scheduler_config: dict[str, Any]
    safety: SafetyChecker | None
    device: torch.device
    dtype: torch.dtype

    def __post_init__(self) -> None:
        self.words = Words(self.tokenizer, self.text_encoder)

    @property
    def scale(self) -> int:
        """Pixels a side of one latent: 8 in Stable Diffusion."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def predicts_velocity(self) -> bool:
        """Whether the UNet predicts v (arXiv 2202.00512) rather than the noise."""
        return self.scheduler_config.get("prediction_type") == "v_prediction"

    def scheduler(self, name: str, steps: int, seed: int) -> SchedulerMixin:
        """A fresh sampler of one of `messages.SCHEDULERS`; `seed` is the picture's."""
        return make_scheduler(name, self.scheduler_config, steps, seed)

    def empty_latents(self, width: int, height: int) -> Tensor:
        """(1, 4, height / 8, width / 8), without values: what a picture's latents are like."""
        size = (1, LATENT_CHANNELS, height // self.scale, width // self.scale)
        return torch.empty(size, device=self.device, dtype=self.dtype)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, 4, h, w) to pictures (B, 3, 8h, 8w) in 0 … 1."""
        latents = latents.to(self.vae.dtype) / self.vae.config.scaling_factor
        pictures = self.vae.decode(latents, return_dict=False)[0]
        return (pictures.float() / 2 + 0.5).clamp(0, 1)

    def latents_of(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of a picture's latents, (1, 4, h, w) each."""
        picture = (picture * 2 - 1).to(self.device, self.vae.dtype)
        found = self.vae.encode(picture).latent_dist
        scale = self.vae.config.scaling_factor
        return (found.mean * scale).to(self.dtype), (found.std * scale).to(self.dtype)

    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, 8h, 8w) in 0 … 1 to latents (B, 4, h, w): the likeliest, no noise."""
        pictures = (pictures * 2 - 1).to(self.device, self.vae.dtype)
        latents = self.vae.encode(pictures).latent_dist.mode()
        return (latents * self.vae.config.scaling_factor).to(self.dtype)


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
            parts = _load_folder(path, dtype)
        else:
            parts = _load_file(path, dtype, options.models_dir)
        if parts["safety"] is None and options.safety_checker is not None:
            parts["safety"] = load_hosts_checker(options.safety_checker, options.models_dir, dtype)
        make_scheduler("euler_a", parts["scheduler_config"], steps=1)  # better now than at work
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelUnavailable(f"{options.model} cannot be loaded: {_first_line(error)}") from error
    return _assemble(parts, options.model, device, dtype)


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


def _load_folder(folder: Path, dtype: torch.dtype) -> dict[str, Any]:
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    if index.get("_class_name") != PAINTS_WITH:
        raise ModelUnavailable(
            f"{folder.name} is made for {index.get('_class_name')}; Konomi paints with "
            "Stable Diffusion 1.x and 2.x."
        )

    def load(kind: Any, part: str, **precision: torch.dtype) -> Any:
        plain = any((folder / part).glob("*model.safetensors")) or any(
            (folder / part).glob("*model.safetensors.index.json")
        )
        return kind.from_pretrained(
            folder,
            subfolder=part,
            use_safetensors=True,
            local_files_only=True,
            variant=None if plain else "fp16",
            **precision,
        )

    checker = checker_in(folder)
    return {
        "tokenizer": CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
        "text_encoder": load(CLIPTextModel, "text_encoder", dtype=dtype),
        "vae": load(AutoencoderKL, "vae", torch_dtype=dtype),
        "unet": load(UNet2DConditionModel, "unet", torch_dtype=dtype),
        "scheduler_config": _read_json(folder / "scheduler" / "scheduler_config.json"),
        "safety": None if checker is None else load_safety_checker(checker, dtype),
    }


def _load_file(file: Path, dtype: torch.dtype, models_dir: Path | None) -> dict[str, Any]:
    """A single-file checkpoint; its tokenizer and configurations come from the hub's SD 1.5."""

    # Here, not above: the pipelines take seconds to import, and only this needs one.
    from diffusers import StableDiffusionPipeline

    def load(*, offline: bool) -> StableDiffusionPipeline:
        return StableDiffusionPipeline.from_single_file(
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
                "fetched once: connect to the network, or run: python -m generation fetch sd15"
            ) from error
    return {
        "tokenizer": pipeline.tokenizer,
        "text_encoder": pipeline.text_encoder,
        "vae": pipeline.vae,
        "unet": pipeline.unet,
        "scheduler_config": dict(pipeline.scheduler.config),
        "safety": None,
    }


def _assemble(parts: dict[str, Any], name: str, device: torch.device, dtype: torch.dtype) -> Model:
    unet, vae = parts["unet"], parts["vae"]
    if unet.config.in_channels != LATENT_CHANNELS:
        raise ModelUnavailable(
            f"{name} was made for editing or inpainting ({unet.config.in_channels} input "
            "channels), not for painting from words."
        )
    for part in ("text_encoder", "vae", "unet"):
        parts[part].to(device).requires_grad_(False).eval()
    # Some decoders overflow in half precision and paint black; unless told, suspect them all.
    if vae.config.force_upcast and dtype is torch.float16:
        vae.float()
    unet.to(memory_format=torch.channels_last)
    vae.to(memory_format=torch.channels_last)
    if parts["safety"] is not None:
        parts["safety"].to(device)
    known = catalog.find(name)
    native = unet.config.sample_size
    rows, columns = (native, native) if isinstance(native, int) else native
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    card = ModelCard(
        name=known.name if known else Path(name).name.removesuffix(".safetensors"),
        licence=known.licence if known else "as its makers state",
        width=columns * scale,
        height=rows * scale,
        has_safety_checker=parts["safety"] is not None,
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU",
    )
    return Model(card=card, device=device, dtype=dtype, **parts)


def _read_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
