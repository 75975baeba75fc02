"""`python -m generation.shapes.train STAGE`: one stage of training, resumed where it stopped.

Stages, in order: `clip` and `vae` (independent of each other), `unet`, `edit`, then
`assemble`, which puts the parts into diffusers folders in half precision.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.distributed as distributed
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from torch.multiprocessing.spawn import spawn
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.captions import caption, random_said
from generation.shapes.instructions import instruction, random_edit
from generation.shapes.train import clip, edit, tokenizer, unet, vae
from generation.shapes.train.assemble import assemble
from generation.shapes.train.data import HELD_OUT, drawings, scenes, scribbles
from generation.shapes.train.denoising import Plan, Share, train
from generation.shapes.world import Scene

PICTURES, SCRIBBLES, SEED = 24_000, 4_000, 1
PLANS = {"unet": Plan(steps=30_000), "edit": Plan(steps=12_000)}


def main() -> None:
    """Train one part and save it in the diffusers folder under the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m generation.shapes.train")
    parser.add_argument("stage", choices=("clip", "vae", "unet", "edit", "assemble"))
    parser.add_argument("--run", type=Path, default=Path("runs/shapes"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--processes", type=int, default=1, help="of a UNet's training")
    parser.add_argument("--out", type=Path, default=Path("generation/shapes/weights"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run: Path = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    match arguments.stage:
        case "vae":
            train_vae(run, arguments.device)
        case "clip":
            train_clip(run, arguments.device)
        case "assemble":
            assemble(run, arguments.out)
        case stage:
            (cache_painting if stage == "unet" else cache_editing)(run)
            shared = (stage, run, arguments.processes, arguments.threads, arguments.device)
            if arguments.processes == 1:
                train_unet(0, *shared)
            else:
                spawn(train_unet, shared, arguments.processes)


def train_vae(run: Path, device: str) -> None:
    """The autoencoder."""
    pixels = drawings(scenes(PICTURES, SEED), run / "drawings.npy")
    others = scribbles(SCRIBBLES, SEED, run / "scribbles.npy")
    vae.train(pixels, others, run, device=device).save_pretrained(run / "model" / "vae")


def train_clip(run: Path, device: str) -> None:
    """The tokenizer and both towers of CLIP."""
    drawn = scenes(PICTURES, SEED)
    pixels = drawings(drawn, run / "drawings.npy")
    words = tokenizer.train(_texts(drawn))
    words.save_pretrained(run / "model" / "tokenizer")
    towers = clip.train(drawn, pixels, words, run, device=device)
    towers.save_pretrained(run / "model" / "clip")


def _texts(drawn: list[Scene]) -> list[str]:
    """Captions and instructions to learn the tokens from."""
    random = Random(SEED)
    return [
        text
        for scene in drawn[:16_000]
        for language in ("en", "ja")
        for text in (
            caption(scene, random_said(random), random, language),
            instruction(random_edit(random, scene), random, language),
        )
    ]


def cache_painting(run: Path) -> None:
    """What the painting UNet learns from: latents of the drawings, states of their captions."""
    drawn = scenes(PICTURES, SEED)
    _cache_latents(run, drawings(drawn, run / "drawings.npy"), "latents.npy")
    _cache_texts(run, unet.captions(drawn, SEED), "texts.npy")


def cache_editing(run: Path) -> None:
    """What the editing UNet learns from besides: edited drawings, states of instructions."""
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


def train_unet(rank: int, stage: str, run: Path, processes: int, threads: int, device: str) -> None:
    """One process's part of the training; process 0 saves the result under `run`."""
    torch.set_num_threads(threads)
    torch.manual_seed(PLANS[stage].seed)
    if processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29531")
        distributed.init_process_group("gloo", rank=rank, world_size=processes)
    scale = AutoencoderKL.load_config(run / "model" / "vae")["scaling_factor"]
    latents = _latents(run, "latents.npy")
    if stage == "unet":
        network = unet.build()
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


if __name__ == "__main__":
    main()
