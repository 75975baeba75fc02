"""Names that layers have in the original UNet of Stable Diffusion, which kohya's SDXL files use.

The scripts of kohya train SD 1.x and 2.x on diffusers' UNet, but SDXL on the original one
(CompVis' and Stability's `openaimodel.py`), whose blocks are numbered in one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ENDS = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
"""Layers outside of the blocks."""

RESNET = {
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}

BLOCK = re.compile(
    r"(?P<side>down_blocks\.(?P<down>\d+)|mid_block|up_blocks\.(?P<up>\d+))"
    r"\.(?P<kind>resnets|attentions|downsamplers|upsamplers)\.(?P<number>\d+)\.(?P<rest>.+)"
)


def original_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the original name of each layer of a UNet, by its path in diffusers' UNet."""
    paths = list(paths)
    first = {path.split(".")[3] for path in paths if path.startswith("down_blocks.0.resnets.")}
    attending = {path.split(".")[1] for path in paths if re.match(r"up_blocks\.\d+\.att", path)}
    names = {}
    for path in paths:
        if (match := BLOCK.fullmatch(path)) is not None:
            names[path] = _in_block(match, len(first), attending)
        elif path in ENDS:
            names[path] = ENDS[path]
    return names


def _in_block(match: re.Match[str], layers: int, attending: set[str]) -> str:
    """Return the name of a layer of a block; each block has so many resnets on its way down.

    attending: numbers of the blocks on the way up that have attention.
    """
    kind, number, rest = match["kind"], int(match["number"]), match["rest"]
    within = RESNET.get(rest, rest) if kind == "resnets" else rest
    column = 0 if kind == "resnets" else 1
    if match["down"] is not None:
        row = 1 + int(match["down"]) * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{row + layers}.0.op"
        return f"input_blocks.{row + number}.{column}.{within}"
    if match["up"] is not None:
        row = int(match["up"]) * (layers + 1)
        if kind == "upsamplers":
            return f"output_blocks.{row + layers}.{2 if match['up'] in attending else 1}.{within}"
        return f"output_blocks.{row + number}.{column}.{within}"
    return f"middle_block.{1 if kind == 'attentions' else 2 * number}.{within}"
