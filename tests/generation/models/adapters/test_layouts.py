"""Names of layers in the models that people run, at their real size but without weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from generation.catalog.bases import Base
from generation.models.adapters.layouts import Layer, kohya_names, layers_by_name
from generation.models.adapters.targets import Targets
from tests.kohya import CONV_CLASSES, TEXT_CLASSES, UNET_CLASSES, layers_of, name_of
from tests.tiny import build_unet

SD15: dict[str, Any] = {"cross_attention_dim": 768, "attention_head_dim": 8}
SDXL: dict[str, Any] = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}


def text_config(width: int, layers: int) -> CLIPTextConfig:
    return CLIPTextConfig(hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers)


@pytest.fixture(scope="module")
def sd15() -> dict[str, Any]:
    with torch.device("meta"):
        unet = UNet2DConditionModel(**SD15)
        return {"unet": unet, "text_encoder": CLIPTextModel(text_config(768, 12))}


@pytest.fixture(scope="module")
def sdxl() -> dict[str, Any]:
    with torch.device("meta"):
        return {
            "unet": UNet2DConditionModel(**SDXL),
            "text_encoder": CLIPTextModel(text_config(768, 12)),
            "text_encoder_2": CLIPTextModelWithProjection(text_config(1280, 32)),
        }


@pytest.mark.parametrize(
    # Numbers of modules that kohya's scripts say when they begin.
    ("kind", "base", "counts"),
    [
        ("sd15", Base.SD1, {"unet": 192, "text_encoder": 72}),
        ("sdxl", Base.SDXL, {"unet": 722, "text_encoder": 72, "text_encoder_2": 192}),
    ],
)
def test_every_name_that_kohyas_scripts_give_is_that_of_its_layer(
    kind: str, base: Base, counts: dict[str, int], request: pytest.FixtureRequest
) -> None:
    parts = request.getfixturevalue(kind)
    targets = Targets.of(parts)
    known, ours = layers_by_name(targets), kohya_names(targets)
    found = dict.fromkeys(parts, 0)
    for part, network in parts.items():
        attending = UNET_CLASSES if part == "unet" else TEXT_CLASSES
        for classes in (attending, CONV_CLASSES):
            for path, _ in layers_of(network, classes):
                name = name_of(parts["unet"].config, part, path, xl=base is Base.SDXL)
                assert known[name] == Layer(part, path)
                assert ours[Layer(part, path)] == name
                found[part] += classes is attending

    assert found == counts
    assert targets.bases == {base}


def test_layers_that_peft_has_adapted_keep_their_names() -> None:
    unet = build_unet(cross_attention_dim=1024)
    before = Targets.of({"unet": unet})
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "conv1"]))

    assert Targets.of({"unet": unet}) == before
    assert before.base is Base.SD2
