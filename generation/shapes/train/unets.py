"""Both UNets' training, from parts that are trained already.

Apart from the command line, because a spawned process cannot import a package's `__main__`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.train import edit, unet
from generation.shapes.train.data import HELD_OUT, PICTURES, SEED, drawings, scenes
from generation.shapes.train.denoising import Plan, Share, train

PLANS = {"unet": Plan(steps=20_000), "edit": Plan(steps=12_000)}


def cache(stage: str, run: Path) -> None:
    """Prepare what a UNet learns from, where it is not there yet."""
    (_cache_painting if stage == "unet" else _cache_editing)(run)


def _cache_painting(run: Path) -> None:
    """Latents of the drawings and states of their captions."""
    drawn = scenes(PICTURES, SEED)
    _cache_latents(run, drawings(drawn, run / "drawings.npy"), "latents.npy")
    _cache_texts(run, unet.captions(drawn, SEED), "texts.npy")


def _cache_editing(run: Path) -> None:
    """Besides, edited drawings and states of instructions."""
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
            CLIPModel.from_pretrained(run / "model" / "clip"), words, texts, run / name
        )


def train_unet(
    rank: int,
    stage: str,
    run: Path,
    processes: int,
    threads: int,
    device: str,
    start: Path | None,
) -> None:
    """One process's part of the training; process 0 saves the result under `run`.

    start: a UNet of the same shape that has learned something of the kind, to begin from.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(PLANS[stage].seed)
    if processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29531")
        distributed.init_process_group("gloo", rank=rank, world_size=processes)
    scale = AutoencoderKL.load_config(run / "model" / "vae")["scaling_factor"]
    latents = _latents(run, "latents.npy")
    if stage == "unet":
        network = UNet2DConditionModel.from_pretrained(start) if start else unet.build()
        draw = unet.painting(latents, scale, np.load(run / "texts.npy", mmap_mode="r"))
    else:
        network = edit.build(UNet2DConditionModel.from_pretrained(run / "model" / "unet"))
        texts = np.load(run / "edited-texts.npy", mmap_mode="r")
        draw = edit.editing(latents, _latents(run, "edited-latents.npy"), scale, texts)
    share = Share(rank=rank, processes=processes, device=device)
    trained = train(network, draw, run, stage, plan=PLANS[stage], share=share)
    if rank == 0:
        trained.save_pretrained(run / "model" / stage)


def _latents(run: Path, name: str) -> Tensor:
    return torch.from_numpy(np.load(run / name))[:-HELD_OUT]
