"""Linear layers with a low-rank update, computed as one product (LoRA; Hu et al., 2106.09685).

peft adds the update's output to the layer's, with seven small operations a layer.  Adding the
update to the weights instead is one, and nothing more is kept for the gradients.
"""

from __future__ import annotations

import types
from typing import Any

import torch
import torch.nn.functional as F
from peft.tuners.lora import Linear
from torch import Tensor, nn


def fold(network: nn.Module, adapter: str) -> None:
    """Have the linear layers of a network compute peft's adapter as one product.

    The adapter must be the only one, have a strength of 1 and no dropout.
    """
    for layer in network.modules():
        if isinstance(layer, Linear) and adapter in layer.lora_A:
            layer.forward = types.MethodType(_forward_with(adapter), layer)


def _forward_with(adapter: str) -> Any:
    def forward(layer: Any, states: Tensor) -> Any:
        base = layer.base_layer
        weight = base.weight
        if layer.disable_adapters:
            return base(states)
        # As autocast has it: everything in the precision of the layer that is not trained.
        down, up = (each[adapter].weight.to(weight.dtype) for each in (layer.lora_A, layer.lora_B))
        return LowRankProduct.apply(states.to(weight.dtype), weight, base.bias, down, up)

    return forward


class LowRankProduct(torch.autograd.Function):
    """x (W + B A)ᵀ + bias, whose gradients reach A, B and x, and never the size of W."""

    @staticmethod
    def forward(
        ctx: Any, states: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor
    ) -> Tensor:
        """Return the layer's output: (…, out), for states (…, in), A (r, in) and B (out, r)."""
        ctx.save_for_backward(states, weight, down, up)
        return F.linear(states, torch.addmm(weight, up, down), bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        """Return the gradients of states, A and B."""
        states, weight, down, up = ctx.saved_tensors
        rows, read = gradient.reshape(-1, len(up)), states.reshape(-1, down.shape[1])
        to_states = None
        if ctx.needs_input_grad[0]:
            to_states = (rows @ torch.addmm(weight, up, down)).view(states.shape)
        return to_states, None, None, (rows @ up).t() @ read, rows.t() @ (read @ down.t())
