"""Train the UNet on cached latents and cached text states, in as many processes as asked."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.distributed as distributed
import torch.nn.functional as F
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel
from transformers import CLIPModel, CLIPTokenizer

from generation.shapes.captions import caption, random_said
from generation.shapes.train.clip import WIDTH, tokenize
from generation.shapes.train.data import to_model
from generation.shapes.train.loop import Log, load_checkpoint, save_checkpoint, warm_cosine
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import SIDE, Scene

CAPTIONS_A_PICTURE = 2
UNSAID = 0.1
"""Share of rows trained without a caption, for classifier-free guidance."""


def build() -> UNet2DConditionModel:
    """About 2.4 M parameters; few groups a normalisation, for the colours' sake (see `vae`)."""
    return UNet2DConditionModel(
        sample_size=SIDE // 8,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(48, 96),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=4,
    )


def noise_schedule() -> PNDMScheduler:
    """The noise that the model was trained with, as a scheduler that diffusers loads.

    Stable Diffusion's own schedule leaves a trace of the picture's mean in its last step;
    in flat pictures that trace says the colour, and sampling, which starts without it,
    gets colours wrong.  DDPM's linear schedule (Ho et al. 2020) leaves ten times less.
    Velocity prediction (Salimans and Ho 2022) weighs the noisy steps, where colours are
    decided, as much as the clean ones.
    """
    return PNDMScheduler(
        beta_start=0.0001,
        beta_end=0.02,
        beta_schedule="linear",
        prediction_type="v_prediction",
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def draw_timesteps(count: int, draw: torch.Generator) -> Tensor:
    """(count,) timesteps, seven in ten of them where outlines are decided.

    Above 600 this schedule leaves so little of a picture that only its colours can be
    told, and those are learned first; outlines and fills come out below.
    """
    whole, first, second, part = torch.rand((4, count), generator=draw)
    middle = 0.75 * (first + second) / 2
    return (1000 * torch.where(part < 0.3, whole, middle)).long()


@torch.no_grad()
def cache_latents(vae: AutoencoderKL, pixels: Tensor, cache: Path) -> None:
    """Write (N, 4, SIDE/8, SIDE/8) float32 scaled latents."""
    scale = vae.config.scaling_factor
    latents = [vae.encode(to_model(chunk)).latent_dist.mode() * scale for chunk in pixels.split(64)]
    np.save(cache, torch.cat(latents).numpy())


@torch.no_grad()
def cache_texts(
    model: CLIPModel, tokenizer: CLIPTokenizer, scenes: list[Scene], cache: Path, seed: int
) -> None:
    """Write (N × captions + 1, 77, WIDTH) float16 text states; the last is the empty prompt's."""
    random = Random(f"captions/{seed}")
    captions = [
        caption(scene, random_said(random), random)
        for scene in scenes
        for _ in range(CAPTIONS_A_PICTURE)
    ]
    states = np.lib.format.open_memmap(
        cache, mode="w+", dtype=np.float16, shape=(len(captions) + 1, LENGTH, WIDTH)
    )
    captions.append("")
    for first in range(0, len(captions), 256):
        ids = tokenize(tokenizer, captions[first : first + 256], LENGTH)
        states[first : first + 256] = model.text_model(ids).last_hidden_state.numpy()
    states.flush()


def train(
    latents_file: Path,
    texts_file: Path,
    run: Path,
    *,
    shown: Tensor,
    rank: int,
    processes: int,
    steps: int = 20000,
    batch: int = 32,
    rate: float = 1e-3,
    seed: int = 0,
) -> UNet2DConditionModel:
    """Predict velocities; returns the moving average of the weights.

    shown: (M,) the numbers of the pictures to learn from.

    Every process takes its share of each batch; gradients are averaged between them.
    Resumes from `run`; a step's randomness depends on seed, step and rank alone.
    """
    latents = torch.from_numpy(np.load(latents_file))
    texts = np.load(texts_file, mmap_mode="r")
    torch.manual_seed(seed)
    unet = build().to(memory_format=torch.channels_last)
    average = EMAModel(unet.parameters(), decay=0.999, use_ema_warmup=True, power=0.75)
    optimizer = torch.optim.AdamW(
        unet.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    log, checkpoint, first = Log(run / "unet.jsonl"), run / "unet.pt", 0
    if state := load_checkpoint(checkpoint):
        unet.load_state_dict(state["unet"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    network = DistributedDataParallel(unet) if processes > 1 else unet
    schedule = noise_schedule()
    share, smooth = batch // processes, 1.0
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps, warmup=300)
        draw = torch.Generator().manual_seed((seed * steps + step) * processes + rank)
        chosen = shown[torch.randint(0, len(shown), (share,), generator=draw)]
        worded = chosen * CAPTIONS_A_PICTURE + torch.randint(
            0, CAPTIONS_A_PICTURE, (share,), generator=draw
        )
        worded[torch.rand(share, generator=draw) < UNSAID] = len(texts) - 1
        clean = latents[chosen]
        noise = torch.randn(clean.shape, generator=draw)
        timesteps = draw_timesteps(share, draw)
        noisy = schedule.add_noise(clean, noise, timesteps)
        kept = schedule.alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        velocity = kept.sqrt() * noise - (1 - kept).sqrt() * clean
        words = torch.from_numpy(texts[worded.numpy()]).float()
        noisy = noisy.contiguous(memory_format=torch.channels_last)
        loss = F.mse_loss(network(noisy, timesteps, words).sample, velocity)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        if rank == 0:
            average.step(unet.parameters())
        smooth = 0.99 * smooth + 0.01 * loss.item()
        if rank == 0 and (step + 1) % 100 == 0:
            log.write(step=step + 1, loss=smooth)
        if rank == 0 and (step + 1) % 500 == 0:
            save_checkpoint(
                checkpoint,
                unet=unet.state_dict(),
                average=average.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    average.copy_to(unet.parameters())  # kept by process 0 alone
    return unet.eval()


def train_share(rank: int, shown: Tensor, run: Path, processes: int, threads: int) -> None:
    """One process's part of the training; process 0 saves the result under `run`."""
    torch.set_num_threads(threads)
    if processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29531")
        distributed.init_process_group("gloo", rank=rank, world_size=processes)
    trained = train(
        run / "latents.npy", run / "texts.npy", run, shown=shown, rank=rank, processes=processes
    )
    if rank == 0:
        trained.save_pretrained(run / "model" / "unet")
