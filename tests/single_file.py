"""A tiny model as one .safetensors file, under the names that the first Stable Diffusion used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTextModelWithProjection

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    ".fc1.": ".c_fc.",
    ".fc2.": ".c_proj.",
    ".self_attn.": ".attn.",
}
OPEN_CLIP_ENDS = {
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding": "token_embedding",
    "final_layer_norm": "ln_final",
}
UNET_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def write_single_file(
    folder: Path,
    file: Path,
    *,
    open_clip: bool = False,
    more: Mapping[str, Tensor] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Gather the weights of a tiny diffusers folder into `file`, a Stable Diffusion XL likewise.

    open_clip: with the text encoder's names of Stable Diffusion 2; more: further tensors.
    """
    tensors = {**stored_tensors(folder, open_clip=open_clip), **(more or {})}
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        file,
        metadata=dict(metadata or {}) or None,
    )
    return file


def stored_tensors(folder: Path, *, open_clip: bool = False) -> dict[str, Tensor]:
    """The weights of a tiny diffusers folder by their first names."""
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet")
    vae = AutoencoderKL.from_pretrained(folder, subfolder="vae")
    text = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder").state_dict()
    tensors: dict[str, Tensor] = {}
    layers = unet.config.layers_per_block
    levels = len(unet.config.block_out_channels)
    for name, tensor in unet.state_dict().items():
        tensors[UNET + unet_name(name, layers, levels)] = tensor
    for name, tensor in vae.state_dict().items():
        tensors[VAE + vae_name(name, len(vae.config.block_out_channels))] = tensor
    if (folder / "text_encoder_2").is_dir():
        second = CLIPTextModelWithProjection.from_pretrained(folder, subfolder="text_encoder_2")
        tensors |= clip_tensors(text, "conditioner.embedders.0.transformer.")
        tensors |= open_clip_tensors(second.state_dict(), "conditioner.embedders.1.model.")
    elif open_clip:
        tensors |= open_clip_tensors(text, "cond_stage_model.model.")
    else:
        tensors |= clip_tensors(text, TEXT)
    return tensors


def clip_tensors(text: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        prefix + ("" if name.startswith("text_model.") else "text_model.") + name: tensor
        for name, tensor in text.items()
    }


def open_clip_tensors(text: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Its layers are blocks, whose queries, keys and values are one matrix."""
    text = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    tensors: dict[str, Tensor] = {}
    for name, tensor in text.items():
        if name == "text_projection.weight":
            tensors[prefix + "text_projection"] = tensor.T
        elif not name.startswith("encoder.layers."):
            for ours, theirs in OPEN_CLIP_ENDS.items():
                name = name.replace(ours, theirs)
            tensors[prefix + name] = tensor
        elif ".q_proj." in name:
            thirds = [text[name.replace(".q_proj.", f".{k}_proj.")] for k in "qkv"]
            together = name.replace(".q_proj.", ".in_proj_")
            tensors[prefix + open_clip_name(together)] = torch.cat(thirds)
        elif ".k_proj." not in name and ".v_proj." not in name:
            tensors[prefix + open_clip_name(name)] = tensor
    return tensors


def open_clip_name(name: str) -> str:
    name = name.replace("encoder.layers.", "transformer.resblocks.")
    for ours, theirs in OPEN_CLIP.items():
        name = name.replace(ours, theirs)
    return name


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
