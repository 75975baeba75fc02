"""`python -m generation.shapes.train STAGE`: run or resume one stage of training.

Stages in order: `clip` and `vae` (independent of each other), `checker`, `unet`, `edit`, then
`assemble`, which saves the parts in half precision as diffusers folders.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from random import Random

import torch
from torch.multiprocessing.spawn import spawn
from transformers import CLIPModel

from generation.shapes.captions import caption, random_said
from generation.shapes.instructions import instruction, random_edit
from generation.shapes.train import clip, safety, tokenizer
from generation.shapes.train.assemble import assemble
from generation.shapes.train.data import PICTURES, SEED, drawings, scenes
from generation.shapes.train.denoising import NoiseSchedule
from generation.shapes.train.stages import PLANS, cache, train_part
from generation.shapes.world import Scene


def main() -> None:
    """Train one part and save it as a diffusers folder in the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m generation.shapes.train")
    parser.add_argument("stage", choices=("clip", "checker", "vae", "unet", "edit", "assemble"))
    parser.add_argument("--run", type=Path, default=Path("runs/shapes"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--processes", type=int, default=1, help="processes to train in (vae, unet and edit)"
    )
    parser.add_argument("--start", type=Path, help="folder of a trained part to start from")
    parser.add_argument("--steps", type=int, help="training steps (unet and edit)")
    parser.add_argument("--batch", type=int, help="images in each step (unet and edit)")
    parser.add_argument("--rate", type=float, help="peak learning rate (unet and edit)")
    parser.add_argument("--seed", type=int, help="random seed (unet and edit)")
    parser.add_argument(
        "--noise", type=NoiseSchedule, choices=list(NoiseSchedule), help="(unet and edit)"
    )
    parser.add_argument("--out", type=Path, default=Path("generation/shapes/weights"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run: Path = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    match arguments.stage:
        case "clip":
            train_clip(run, arguments.start, arguments.device)
        case "checker":
            train_checker(run, arguments.device)
        case "assemble":
            assemble(run, arguments.out)
        case stage:
            cache(stage, run)
            said = {
                name: getattr(arguments, name)
                for name in ("steps", "batch", "rate", "seed", "noise")
            }
            changed = {name: value for name, value in said.items() if value is not None}
            shared = (
                stage,
                run,
                arguments.processes,
                arguments.threads,
                arguments.device,
                arguments.start,
                dataclasses.replace(PLANS[stage], **changed) if stage in PLANS else None,
            )
            if arguments.processes == 1:
                train_part(0, *shared)
            else:
                spawn(train_part, shared, arguments.processes)


def train_clip(run: Path, start: Path | None, device: str) -> None:
    """Train the tokenizer and both towers of CLIP."""
    drawn = scenes(PICTURES, SEED)
    pixels = drawings(drawn, run / "drawings.npy")
    words = tokenizer.train(_texts(drawn))
    words.save_pretrained(run / "model" / "tokenizer")
    towers = clip.train(drawn, pixels, words, run, start=start, device=device)
    towers.save_pretrained(run / "model" / "clip")


def train_checker(run: Path, device: str) -> None:
    """Train the safety checker, starting from CLIP's image tower."""
    towers = CLIPModel.from_pretrained(run / "model" / "clip")
    safety.train(towers, run, device=device).save_pretrained(run / "model" / "checker")


def _texts(drawn: list[Scene]) -> list[str]:
    """Return the captions and instructions that the tokenizer learns its merges from."""
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


if __name__ == "__main__":
    main()
