"""`python -m generation.shapes.train STAGE`: one stage of training, resumed where it stopped.

Stages, in order: `clip` and `vae` (independent of each other), `unet`, then `assemble`,
which puts the parts into one diffusers folder in half precision.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import torch
from diffusers import AutoencoderKL
from torch.multiprocessing.spawn import spawn
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.captions import caption, random_said
from generation.shapes.train import clip, tokenizer, unet, vae
from generation.shapes.train.assemble import assemble
from generation.shapes.train.data import drawings
from generation.shapes.world import PAINTED_FILLS

PICTURES, SEED = 16_000, 1


def main() -> None:
    """Train one part and save it in the diffusers folder under the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m generation.shapes.train")
    parser.add_argument("stage", choices=("clip", "vae", "unet", "assemble"))
    parser.add_argument("--run", type=Path, default=Path("runs/shapes"))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--processes", type=int, default=1, help="of the UNet's training")
    parser.add_argument("--out", type=Path, default=Path("generation/shapes/weights"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run: Path = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    if arguments.stage == "vae":
        train_vae(run)
    elif arguments.stage == "clip":
        train_clip(run)
    elif arguments.stage == "unet":
        train_unet(run, arguments.processes, arguments.threads)
    else:
        assemble(run, arguments.out)


def train_vae(run: Path) -> None:
    """The autoencoder."""
    _, pixels = drawings(PICTURES, SEED, run / "drawings.npy")
    vae.train(pixels, run).save_pretrained(run / "model" / "vae")


def train_clip(run: Path) -> None:
    """The tokenizer and both towers of CLIP."""
    scenes, pixels = drawings(PICTURES, SEED, run / "drawings.npy")
    random = Random(SEED)
    words = tokenizer.train(caption(scene, random_said(random), random) for scene in scenes)
    words.save_pretrained(run / "model" / "tokenizer")
    clip.train(scenes, pixels, words, run).save_pretrained(run / "model" / "clip")


def train_unet(run: Path, processes: int, threads: int) -> None:
    """Caches first, then the UNet, in `processes` processes of `threads` threads each."""
    latents, texts = run / "latents.npy", run / "texts.npy"
    scenes, pixels = drawings(PICTURES, SEED, run / "drawings.npy")
    if not latents.exists():
        unet.cache_latents(AutoencoderKL.from_pretrained(run / "model" / "vae"), pixels, latents)
    if not texts.exists():
        words = CLIPTokenizer.from_pretrained(run / "model" / "tokenizer")
        towers = CLIPModel.from_pretrained(run / "model" / "clip")
        unet.cache_texts(towers, words, scenes, texts, SEED)
    shown = torch.tensor([k for k, scene in enumerate(scenes) if scene.fill in PAINTED_FILLS])
    if processes == 1:
        unet.train_share(0, shown, run, 1, threads)
    else:
        spawn(unet.train_share, (shown, run, processes, threads), processes)


if __name__ == "__main__":
    main()
