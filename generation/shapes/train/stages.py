"""Training stages as run by each process: the autoencoder's, and both UNets'.

A module apart from the command line, because a spawned process cannot import a package's
`__main__`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.train import edit, unet, vae
from generation.shapes.train.data import (
    HELD_OUT,
    PICTURES,
    SCRIBBLES,
    SEED,
    drawings,
    scenes,
    scribbles,
)
from generation.shapes.train.denoising import TrainingPlan, scheduler_of, train
from generation.shapes.train.loop import Share

PLANS = {"unet": TrainingPlan(steps=14_000), "edit": TrainingPlan(steps=8_000)}


def cache(stage: str, run: Path) -> None:
    """Prepare the cached training data of a stage, unless it is there already."""
    {"vae": _cache_pictures, "unet": _cache_painting, "edit": _cache_editing}[stage](run)


def _cache_pictures(run: Path) -> tuple[Tensor, Tensor]:
    """Cache drawings and scribbles."""
    drawn = drawings(scenes(PICTURES, SEED), run / "drawings.npy")
    return drawn, scribbles(SCRIBBLES, SEED, run / "scribbles.npy")


def _cache_painting(run: Path) -> None:
    """Cache latents of the drawings and hidden states of their captions."""
    drawn = scenes(PICTURES, SEED)
    _cache_latents(run, drawings(drawn, run / "drawings.npy"), "latents.npy")
    _cache_texts(run, unet.captions(drawn, SEED), "texts.npy")


def _cache_editing(run: Path) -> None:
    """Cache latents of the edited drawings as well, and hidden states of the instructions."""
    pairs = edit.edits(scenes(PICTURES, SEED), SEED)
    after = drawings([pair.after for pair in pairs], run / "edited.npy")
    _cache_latents(run, after, "edited-latents.npy")
    _cache_texts(run, edit.instructions(pairs, SEED), "edited-texts.npy")


def _cache_latents(run: Path, pixels: Tensor, name: str) -> None:
    if not (run / name).exists():
        autoencoder = AutoencoderKL.from_pretrained(run / "model" / "vae")
        unet.cache_latents(autoencoder, pixels, run / name)


def _cache_texts(run: Path, texts: list[str], name: str) -> None:
    if not (run / name).exists():
        words = CLIPTokenizer.from_pretrained(run / "model" / "tokenizer")
        unet.cache_texts(
            # Shipped parts are in half precision, which a CPU computes slowly.
            CLIPModel.from_pretrained(run / "model" / "clip", dtype=torch.float32),
            words,
            texts,
            run / name,
        )


def train_part(
    rank: int,
    stage: str,
    run: Path,
    processes: int,
    threads: int,
    device: str,
    start: Path | None,
    plan: TrainingPlan | None,
) -> None:
    """Run one process's part of the training; process 0 saves the result under `run`.

    start: a trained part of the same architecture to start from.  plan: the hyperparameters of a
    UNet's training; None for the autoencoder, which has its own.
    """
    share = Share(rank=rank, processes=processes, device=device)
    share.join(threads)
    trained = _vae(run, start, share) if plan is None else _unet(stage, run, start, plan, share)
    if share.first:
        trained.save_pretrained(run / "model" / stage)
        if plan is not None:
            scheduler_of(plan.noise).save_pretrained(run / "model" / "scheduler")


def _vae(run: Path, start: Path | None, share: Share) -> AutoencoderKL:
    pixels, others = _cache_pictures(run)
    shares = torch.tensor([vae.often(scene) for scene in scenes(PICTURES, SEED)])
    return vae.train(pixels, shares, others, run, start=start, share=share)


def _unet(
    stage: str, run: Path, start: Path | None, plan: TrainingPlan, share: Share
) -> UNet2DConditionModel:
    torch.manual_seed(plan.seed)
    scale = AutoencoderKL.load_config(run / "model" / "vae")["scaling_factor"]
    latents = _latents(run, "latents.npy")
    if stage == "unet":
        network = unet.build(start)
        draw = unet.painting(latents, scale, np.load(run / "texts.npy", mmap_mode="r"))
    else:
        begun = UNet2DConditionModel.from_pretrained(start or run / "model" / "unet")
        network = edit.build(begun)
        texts = np.load(run / "edited-texts.npy", mmap_mode="r")
        draw = edit.editing(latents, _latents(run, "edited-latents.npy"), scale, texts)
    return train(network, draw, run, stage, plan=plan, share=share)


def _latents(run: Path, name: str) -> Tensor:
    return torch.from_numpy(np.load(run / name))[:-HELD_OUT]
