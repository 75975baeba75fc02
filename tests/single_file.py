"""A tiny model as one .safetensors file, under the names that the first Stable Diffusion used."""

from __future__ import annotations

import re
from pathlib import Path

from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextModel

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def write_single_file(folder: Path, file: Path) -> Path:
    """Gather the weights of a tiny diffusers folder into `file`."""
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet")
    vae = AutoencoderKL.from_pretrained(folder, subfolder="vae")
    text = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder")
    tensors: dict[str, Tensor] = {}
    layers = unet.config.layers_per_block
    levels = len(unet.config.block_out_channels)
    for name, tensor in unet.state_dict().items():
        tensors[UNET + unet_name(name, layers, levels)] = tensor
    for name, tensor in vae.state_dict().items():
        tensors[VAE + vae_name(name, len(vae.config.block_out_channels))] = tensor
    for name, tensor in text.state_dict().items():
        prefix = "" if name.startswith("text_model.") else "text_model."
        tensors[TEXT + prefix + name] = tensor
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    return file


def unet_name(name: str, layers: int, levels: int) -> str:
    """Blocks there are numbered through, with a conv_in before and samplers in between."""
    for ours, theirs in UNET_ENDS.items():
        if name.startswith(ours + "."):
            return name.replace(ours, theirs, 1)
    if found := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        kind, number, rest = found.groups()
        place = 1 if kind == "attentions" else 2 * int(number)
        return f"middle_block.{place}.{_inner(kind, rest)}"
    found = re.match(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.*)", name)
    assert found, name
    way, block, kind, number, rest = found.groups()
    if way == "down":
        first = 1 + int(block) * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{first + layers}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{first + int(number)}.{kind == 'attentions':d}.{_inner(kind, rest)}"
    first = int(block) * (layers + 1)
    if kind == "upsamplers":
        return f"output_blocks.{first + layers}.2.{rest}"
    return f"output_blocks.{first + int(number)}.{kind == 'attentions':d}.{_inner(kind, rest)}"


def _inner(kind: str, rest: str) -> str:
    part, _, leaf = rest.partition(".")
    return f"{RESNET[part]}.{leaf}" if kind == "resnets" else rest


def vae_name(name: str, levels: int) -> str:
    """Blocks there are called levels, and the decoder counts them from the other end."""
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = re.sub(r"down_blocks\.(\d)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample.", name)
    for ours, theirs in (("resnets.", "block."), ("upsamplers.0.", "upsample.")):
        name = re.sub(
            rf"up_blocks\.(\d)\.{re.escape(ours)}",
            lambda m, theirs=theirs: f"up.{levels - 1 - int(m[1])}.{theirs}",
            name,
        )
    return name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
