"""`python -m generation.shapes.train STAGE`: one stage of training, resumed where it stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from generation.shapes.train import vae
from generation.shapes.train.data import drawings

PICTURES, SEED = 16_000, 1


def main() -> None:
    """Train one part and save it in the diffusers folder under the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m generation.shapes.train")
    parser.add_argument("stage", choices=("vae",))
    parser.add_argument("--run", type=Path, default=Path("runs/shapes"))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    _, pixels = drawings(PICTURES, SEED, arguments.run / "drawings.npy")
    trained = vae.train(pixels, arguments.run)
    trained.save_pretrained(arguments.run / "model" / "vae", safe_serialization=True)


if __name__ == "__main__":
    main()
