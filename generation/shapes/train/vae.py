"""Train the AutoencoderKL: 96 × 96 × 3 ↔ 12 × 12 × 4."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from generation.shapes.train.data import HELD_OUT, to_model
from generation.shapes.train.loop import Log, Share, load_checkpoint, save_checkpoint, warm_cosine
from generation.shapes.world import SIDE, Scene

STEPS = 1_600
CROP = 48
"""Side of the training crops in pixels."""
CROPS, WHOLE = 32, 16
"""Batch sizes: of crops, and of whole images."""
FILLS_OFTEN = {"solid": 1.0, "outlined": 2.0, "striped": 3.0, "dotted": 3.0}
"""Relative sampling frequency of each fill; solid surfaces are learned first and need fewer."""
PAIRS_OFTEN, SMALL_OFTEN = 2.0, 1.5


def build() -> AutoencoderKL:
    """Build an autoencoder of about 0.9 M parameters.

    One group per group norm, not the usual 32: group norm erases the mean of each group of
    channels, and with it the flat colours that this world is made of.  With 8 groups colours were
    still 15/255 off when with 2 they were 4/255 off.
    """
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
        sample_size=SIDE,
        mid_block_add_attention=False,
    )


def reconstruction_loss(painted: Tensor, drawn: Tensor) -> Tensor:
    """Return L1 + L2 for edges, plus L1 of 8 × 8 means, which is what gets the colours right."""
    flat = F.l1_loss(F.avg_pool2d(painted, 8), F.avg_pool2d(drawn, 8))
    return F.l1_loss(painted, drawn) + F.mse_loss(painted, drawn) + flat


def often(scene: Scene) -> float:
    """Return a scene's sampling weight relative to a single large solid shape."""
    pair = PAIRS_OFTEN if scene.count == 2 else 1.0
    return FILLS_OFTEN[scene.fill] * pair * (SMALL_OFTEN if scene.size == "small" else 1.0)


def train(
    pixels: Tensor,
    shares: Tensor,
    others: Tensor,
    run: Path,
    *,
    start: Path | None = None,
    share: Share,
    steps: int = STEPS,
    whole_from: float = 0.7,
    rate: float = 1.5e-3,
    kl_weight: float = 3e-4,
    seed: int = 0,
) -> AutoencoderKL:
    """Train on crops first, which show more edges per second, then on whole images.

    pixels: (N, 3, SIDE, SIDE) uint8, the last ones held out; shares: (N,) sampling weights; others:
    images of the same shape as pixels, an eighth of every batch; start: an autoencoder of the same
    architecture to start from.  Every process takes its share of each batch.  Resumes from `run`.
    """
    torch.manual_seed(seed)
    vae = (AutoencoderKL.from_pretrained(start) if start else build()).float()
    vae.to(share.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0)
    held_out = to_model(pixels[-HELD_OUT:]).to(share.device)
    log, checkpoint, first = Log(run / "vae.jsonl"), run / "vae.pt", 0
    if state := load_checkpoint(checkpoint):
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    network = share.together(_RoundTrip(vae))
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps)
        whole = step >= whole_from * steps
        chance = share.chance(seed, steps, step)
        count = (WHOLE if whole else CROPS) // share.processes
        x = to_model(_draw(pixels, shares, others, count, chance))
        if not whole:
            top, left = torch.randint(0, SIDE - CROP + 1, (2,), generator=chance).tolist()
            x = x[:, :, top : top + CROP, left : left + CROP]
        x = x.to(share.device, memory_format=torch.channels_last)
        painted, kl = network(x, chance)
        loss = reconstruction_loss(painted, x)
        optimizer.zero_grad()
        (loss + kl_weight * kl).backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        if share.first and (step + 1) % 100 == 0:
            log.write(step=step + 1, loss=loss.item(), kl=kl.item(), **_judge(vae, held_out[:64]))
            save_checkpoint(
                checkpoint,
                vae=vae.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    return _scaled(vae.eval(), held_out).cpu()


class _RoundTrip(nn.Module):
    """Encode and decode images; return the reconstructions and the KL divergence of the latents."""

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, x: Tensor, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        posterior = self.vae.encode(x).latent_dist
        kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        return self.vae.decode(posterior.sample(chance)).sample, kl


def _draw(
    pixels: Tensor, shares: Tensor, others: Tensor, count: int, chance: torch.Generator
) -> Tensor:
    """Draw a batch of `count` images, an eighth of them from `others`."""
    seen = torch.multinomial(shares[:-HELD_OUT], count - count // 8, generator=chance)
    besides = torch.randint(0, len(others), (count // 8,), generator=chance)
    return torch.cat([pixels[seen], others[besides]])


@torch.no_grad()
def _judge(vae: AutoencoderKL, pictures: Tensor) -> dict[str, float]:
    """Return mean errors on held-out images, of 255: pixels, and 8 × 8 means (colours)."""
    painted = vae.decode(vae.encode(pictures).latent_dist.mode()).sample
    flat = F.l1_loss(F.avg_pool2d(painted, 8), F.avg_pool2d(pictures, 8))
    return {
        "pixels": F.l1_loss(painted, pictures).item() * 127.5,
        "colours": flat.item() * 127.5,
    }


@torch.no_grad()
def _scaled(vae: AutoencoderKL, pictures: Tensor) -> AutoencoderKL:
    """Set `scaling_factor` so that latents have unit variance, as in Stable Diffusion."""
    latents = vae.encode(pictures).latent_dist.mode()
    vae.register_to_config(scaling_factor=round(1 / latents.std().item(), 5))
    return vae
