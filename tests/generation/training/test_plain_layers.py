"""Layers that train faster compute what diffusers' and peft's own do, and the same gradients."""

from __future__ import annotations

import copy

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from diffusers.training_utils import EMAModel
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from generation.training.attention import PlainAttention, is_plain, set_attention
from generation.training.loop import Average
from generation.training.low_rank_layer import fold
from tests.tiny import build_unet

WIDTH = 24


class Two(nn.Module):
    """Two layers, so that a gradient has to pass through one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 8, bias=False)

    def forward(self, states: Tensor) -> Tensor:
        return self.second(self.first(states).tanh())


@pytest.fixture
def layers() -> Two:
    torch.manual_seed(0)
    config = LoraConfig(
        r=4, lora_alpha=4, target_modules=["first", "second"], init_lora_weights=False
    )
    return inject_adapter_in_model(config, Two(), adapter_name="trained")


def gradients(network: nn.Module, states: Tensor) -> dict[str, Tensor]:
    network.zero_grad()
    network(states).square().sum().backward()
    return {name: each.grad for name, each in network.named_parameters() if each.grad is not None}


def test_a_folded_update_has_the_output_of_peft_and_gradients(layers: Two) -> None:
    states = torch.randn(2, 5, WIDTH)
    folded = copy.deepcopy(layers)
    fold(folded, "trained")

    torch.testing.assert_close(folded(states), layers(states))
    ours, theirs = gradients(folded, states), gradients(layers, states)
    assert ours.keys() == theirs.keys()
    assert all(".lora_" in name for name in ours)
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, msg=name)


def test_a_folded_update_passes_gradients_on_to_its_input(layers: Two) -> None:
    fold(layers, "trained")
    states = torch.randn(3, WIDTH, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layers.double(), (states,))


def test_a_folded_update_can_be_turned_off(layers: Two) -> None:
    fold(layers, "trained")
    states = torch.randn(3, WIDTH)
    for layer in (layers.first, layers.second):
        layer.enable_adapters(enabled=False)
    plain = layers.second.base_layer(layers.first.base_layer(states).tanh())
    assert torch.equal(layers(states), plain)


@pytest.mark.parametrize("cross", [True, False], ids=["cross", "self"])
def test_plain_attention_is_diffusers(cross: bool) -> None:
    torch.manual_seed(0)
    layer = Attention(WIDTH, cross_attention_dim=16 if cross else None, heads=3, dim_head=8)
    states, read = torch.randn(2, 9, WIDTH), torch.randn(2, 7, 16) if cross else None
    mask = torch.ones(2, 7 if cross else 9).bool()
    assert is_plain(layer)

    for masked in (None, mask):
        layer.set_processor(AttnProcessor2_0())
        theirs = layer(states, encoder_hidden_states=read, attention_mask=masked)
        layer.set_processor(PlainAttention())
        torch.testing.assert_close(
            layer(states, encoder_hidden_states=read, attention_mask=masked), theirs
        )


def test_layers_with_more_than_projections_keep_diffusers_processor() -> None:
    unet = build_unet((32,))
    named = dict(unet.named_modules())
    named["mid_block.attentions.0.transformer_blocks.0.attn1"].residual_connection = True
    set_attention(unet)
    kinds = {name: type(each) for name, each in unet.attn_processors.items()}
    assert kinds.pop("mid_block.attentions.0.transformer_blocks.0.attn1.processor") is (
        AttnProcessor2_0
    )
    assert set(kinds.values()) == {PlainAttention}


def test_the_average_is_diffusers() -> None:
    torch.manual_seed(0)
    weights = [nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(5))]
    averages = [kind(weights, decay=0.9, use_ema_warmup=True) for kind in (Average, EMAModel)]
    for _ in range(3):
        for each in weights:
            each.data.add_(torch.randn_like(each))
        for average in averages:
            average.step(weights)
    ours, theirs = (average.shadow_params for average in averages)
    torch.testing.assert_close(ours, theirs)
    assert averages[0].state_dict().keys() == averages[1].state_dict().keys()
    assert averages[0].cur_decay_value == averages[1].cur_decay_value
